//! Many operations in one request.

use rekey_kernel::{Caller, Failure, Kind, Scope, UserId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::{JoinHandle, yield_now};

use super::{House, account, admin, caller, filtered, helpdesk, trigger_operations};
use crate::app::{Bulk, Listing, View};

const BASE: &str = "https://x/scim2";

async fn run_as(house: &House, caller: &Caller, request: Value) -> Vec<Value> {
    let mut body = request;
    body["schemas"] = json!([urn::BULK_REQUEST]);
    let answer = house.bulk().run(caller, body.to_string().as_bytes(), BASE).await.unwrap();
    assert_eq!(answer["schemas"], json!([urn::BULK_RESPONSE]));
    answer["Operations"].as_array().unwrap().clone()
}

async fn run(house: &House, operations: Value) -> Vec<Value> {
    run_as(house, &admin(), json!({ "Operations": operations })).await
}

fn statuses(answers: &[Value]) -> Vec<&str> {
    answers.iter().map(|answer| answer["status"].as_str().unwrap()).collect()
}

fn trigger(id: &impl ToString) -> Value {
    json!({"method": "PATCH", "path": format!("/Users/{}", id.to_string()), "data": {"schemas": [urn::PATCH_OP], "Operations": trigger_operations()}})
}

async fn each_operation_does_what_a_request_of_its_own_would(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    let answers = run(&house, json!([
        {"method": "POST", "path": "/Users", "bulkId": "bob", "data": {"userName": "bob"}},
        {"method": "PUT", "path": format!("/Users/{alice}"), "version": "W/\"1\"", "data": {"userName": "alice", "title": "Dr"}},
        {"method": "POST", "path": "/Groups", "bulkId": "staff", "data": {"displayName": "Staff", "members": [{"value": "bulkId:bob"}, {"value": alice.to_string()}]}},
        {"method": "PATCH", "path": format!("/Users/{alice}"), "version": "W/\"1\"", "data": {"Operations": [{"op": "add", "path": "title", "value": "x"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "again", "data": {"userName": "ALICE"}},
        {"method": "DELETE", "path": "/Users/00000000-0000-7000-8000-000000000000"},
        {"method": "POST", "path": "/Users", "bulkId": "bad", "data": {"nickName": "nameless"}}
    ])).await;
    assert_eq!(statuses(&answers), ["201", "200", "201", "412", "409", "404", "400"]);
    let bob = answers[0]["location"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    assert_eq!(
        (&answers[0]["bulkId"], &answers[0]["version"], &answers[0]["location"]),
        (&json!("bob"), &json!("W/\"1\""), &json!(format!("{BASE}/Users/{bob}")))
    );
    assert_eq!(
        (&answers[1]["version"], &answers[4]["response"]["scimType"], &answers[6]["response"]["scimType"]),
        (&json!("W/\"2\""), &json!("uniqueness"), &json!("invalidValue"))
    );
    let staff = house.group(answers[2]["location"].as_str().unwrap().rsplit_once('/').unwrap().1.parse().unwrap()).await;
    let members: Vec<_> = staff.json["members"].as_array().unwrap().iter().map(|member| member["value"].clone()).collect();
    assert_eq!(members, [json!(bob), json!(alice.to_string())]);
    assert_eq!(house.get(alice).await.json["title"], json!("Dr"));
}

async fn many_resets_are_each_a_reset_of_its_own(on: Backend) {
    let house = House::new(on).await;
    let (with, without) = (48, house.create(&json!({"userName": "unreachable"})).await);
    let mut people = Vec::new();
    for n in 0..with {
        people.push(house.create(&json!({"userName": format!("u{n}"), "emails": [{"value": format!("u{n}@example.com")}]})).await);
    }
    let mut operations: Vec<_> = people.iter().map(trigger).collect();
    operations.push(trigger(&without));
    operations.push(trigger(&"00000000-0000-7000-8000-000000000000"));
    let answers = run_as(&house, &helpdesk(), json!({ "Operations": operations })).await;
    assert!(statuses(&answers)[..with].iter().all(|status| *status == "200"), "{answers:?}");
    assert_eq!((&statuses(&answers)[with..], answers[with]["response"]["detail"].as_str().unwrap().contains("address")), (&["400", "404"][..], true));
    house.relay.pass().await;
    let mut resets = std::collections::BTreeSet::new();
    for id in &people {
        let user = house.get(*id).await;
        assert_eq!(account(&user, "accountState"), json!("PENDING_FUPR"));
        resets.insert(user.json[urn::RESET]["resetId"].as_str().unwrap().to_owned());
    }
    let announced: std::collections::BTreeSet<_> = house.bus.published().iter().map(|event| event.id.clone()).collect();
    assert_eq!((resets.len(), &announced), (with, &resets));
    assert_eq!(account(&house.get(without).await, "accountState"), json!("UNLOCKED"));
}

async fn the_callers_scopes_hold_for_each(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    let operations = json!([
        trigger(&alice),
        {"method": "PATCH", "path": format!("/Users/{alice}"), "data": {"Operations": [{"op": "add", "path": "title", "value": "x"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "bob"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G", "members": [{"value": "bulkId:b"}]}}
    ]);
    let answers = run_as(&house, &helpdesk(), json!({ "Operations": operations })).await;
    assert_eq!(statuses(&answers)[..3], ["200", "403", "403"]);
    assert!(statuses(&answers)[3].starts_with('4'), "what it refers to was not created");
    let nobody = run_as(&house, &caller(&[Scope::GroupView]), json!({"Operations": [{"method": "DELETE", "path": format!("/Users/{alice}")}]})).await;
    assert_eq!(statuses(&nobody), ["403"]);
}

async fn after_so_many_errors_nothing_more_is_done(on: Backend) {
    let house = House::new(on).await;
    let create = |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}});
    let bad = json!({"method": "POST", "path": "/Users", "bulkId": "bad", "data": {}});
    let answers = run_as(&house, &admin(), json!({"failOnErrors": 1, "Operations": [create("a"), bad, create("b")]})).await;
    assert_eq!(statuses(&answers), ["201", "400"]);
    assert_eq!(house.list(&Listing::default()).await["totalResults"], json!(1));
}

async fn groups_may_be_members_of_each_other(on: Backend) {
    let house = House::new(on).await;
    let group = |name: &str, other: &str| json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": {"displayName": name, "members": [{"type": "Group", "value": format!("bulkId:{other}")}]}});
    let answers = run(&house, json!([group("a", "b"), group("b", "a")])).await;
    assert_eq!(statuses(&answers), ["201", "201"], "{answers:?}");
    let id = |n: usize| answers[n]["location"].as_str().unwrap().rsplit_once('/').unwrap().1.parse::<uuid::Uuid>().unwrap();
    let (a, b) = (house.group(id(0)).await, house.group(id(1)).await);
    assert_eq!((&a.json["members"][0]["value"], &b.json["members"][0]["value"]), (&json!(b.id.to_string()), &json!(a.id.to_string())));
    assert_eq!((&answers[0]["version"], &answers[1]["version"]), (&json!(a.version), &json!(b.version)));
}

async fn what_is_down_fails_its_operations_and_not_the_rest(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    house.accounts.goes_down(&["prepare", "release"]);
    let answers = run(
        &house,
        json!([
            trigger(&alice),
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G", "members": [{"value": alice.to_string()}]}}
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["503", "201"]);
    assert_eq!(account(&house.get(alice).await, "accountState"), json!("UNLOCKED"));
}

async fn people(house: &House, number: usize) -> Vec<UserId> {
    let mut people = Vec::new();
    for n in 0..number {
        people.push(house.create(&json!({"userName": format!("u{n}"), "emails": [{"value": format!("u{n}@example.com")}]})).await);
    }
    people
}

/// A bulk request that goes on by itself until it is aborted.
fn spawned(bulk: &Bulk, operations: &Value) -> JoinHandle<Result<Value, Failure>> {
    let (bulk, body) = (bulk.clone(), json!({ "Operations": operations }).to_string());
    tokio::spawn(async move { bulk.run(&admin(), body.as_bytes(), BASE).await })
}

async fn nothing_more_begins_once_nobody_waits(on: Backend) {
    let house = House::new(on).await;
    let people = people(&house, 24).await;
    let (shut, before, held) = (house.accounts.shut().await, house.accounts.prepared(), Arc::strong_count(&house.users));
    let asked = house.accounts.asked_to_prepare();
    let call = spawned(&house.bulk(), &people.iter().map(trigger).collect());
    while house.accounts.asked_to_prepare() < asked + 8 {
        yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    drop(shut);
    while Arc::strong_count(&house.users) > held {
        yield_now().await;
    }
    assert_eq!(house.accounts.prepared(), before + 8);
    let list = house.list(&filtered("urn:scim:wso2:schema:accountState eq \"PENDING_FUPR\"")).await;
    assert_eq!(list["totalResults"], json!(8), "what had begun came to its end");
}

async fn a_fifth_request_at_a_time_is_refused_and_changes_nothing(on: Backend) {
    let house = House::new(on).await;
    let people = people(&house, 4).await;
    let (bulk, shut, asked) = (house.bulk(), house.accounts.shut().await, house.accounts.asked_to_prepare());
    let calls: Vec<_> = people.iter().map(|person| spawned(&bulk, &json!([trigger(person)]))).collect();
    while house.accounts.asked_to_prepare() < asked + 4 {
        yield_now().await;
    }
    let group = json!({"Operations": [{"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G"}}]}).to_string();
    let refused = bulk.run(&admin(), group.as_bytes(), BASE).await.unwrap_err();
    assert!(refused.is(Kind::Unavailable) && refused.retry_after.is_some(), "{refused}");
    let groups = house.groups.list(&admin(), &Listing::default(), &View::default()).await.unwrap();
    assert_eq!(groups.total, 0);
    drop(shut);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap()["Operations"][0]["status"], json!("200"));
    }
    assert_eq!(bulk.run(&admin(), group.as_bytes(), BASE).await.unwrap()["Operations"][0]["status"], json!("201"));
}

async fn a_body_that_is_no_bulk_request_is_refused_as_a_whole(on: Backend) {
    let house = House::new(on).await;
    for body in ["rubbish", "{}", r#"{"Operations":[]}"#, r#"{"schemas":["urn:other"],"Operations":[{}]}"#] {
        assert!(house.bulk().run(&admin(), body.as_bytes(), BASE).await.unwrap_err().is(Kind::Invalid), "{body}");
    }
    let many = json!({ "Operations": vec![json!({}); 1_001] }).to_string();
    assert!(house.bulk().run(&admin(), many.as_bytes(), BASE).await.unwrap_err().is(Kind::TooLarge));
}

rekey_testing::on_both_databases![
    nothing_more_begins_once_nobody_waits,
    a_fifth_request_at_a_time_is_refused_and_changes_nothing,
    each_operation_does_what_a_request_of_its_own_would,
    many_resets_are_each_a_reset_of_its_own,
    the_callers_scopes_hold_for_each,
    after_so_many_errors_nothing_more_is_done,
    groups_may_be_members_of_each_other,
    what_is_down_fails_its_operations_and_not_the_rest,
    a_body_that_is_no_bulk_request_is_refused_as_a_whole,
];
