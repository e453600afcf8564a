//! Members of groups: how they come and go, and what they see of it.

use futures::future::join_all;
use rekey_kernel::{Caller, Kind, TenantId};
use rekey_testing::Backend;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    House, account, admin, at, document, filtered,
    groups::{BASE, members, put},
};
use crate::app::{Listing, View};

async fn users_see_their_groups_and_those_around_them_at_once(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    let before = house.get(alice).await;
    assert_eq!((before.json.get("groups"), before.version.as_str()), (None, "W/\"1\""));
    let inner = house.create_group(&json!({"displayName": "Inner", "members": [{"value": alice.to_string()}]})).await;
    let outer = house.create_group(&json!({"displayName": "Outer", "members": [{"value": inner.id.to_string()}]})).await;
    let read = house.users.get(&admin(), &alice.to_string(), &at(BASE)).await.unwrap();
    assert_eq!(
        read.json["groups"],
        json!([
            {"value": inner.id.to_string(), "$ref": inner.location, "display": "Inner", "type": "direct"},
            {"value": outer.id.to_string(), "$ref": outer.location, "display": "Outer", "type": "indirect"}
        ])
    );
    assert!(read.version.starts_with("W/\"1.") && read.version.len() == "W/\"1.12345678\"".len() && read.json["meta"]["version"] == json!(read.version));
    house.patch_group(outer.id, json!([{"op": "replace", "path": "displayName", "value": "Around"}])).await.unwrap();
    let renamed = house.users.get(&admin(), &alice.to_string(), &at(BASE)).await.unwrap();
    assert_eq!(renamed.json["groups"][1]["display"], json!("Around"));
    assert_ne!(renamed.version, read.version, "a cache has to see it");
    house.groups.delete(&admin(), &inner.id.to_string(), "").await.unwrap();
    assert_eq!(house.get(alice).await, before);
    assert!(members(&house.group(outer.id).await).is_empty());
}

async fn a_tag_with_groups_protects_the_user_alone(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    house.create_group(&json!({"displayName": "A", "members": [{"value": alice.to_string()}]})).await;
    let tag = house.get(alice).await.version;
    house.create_group(&json!({"displayName": "B", "members": [{"value": alice.to_string()}]})).await;
    let title = br#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#;
    assert!(house.users.patch(&admin(), &alice.to_string(), title, &tag, &View::default()).await.is_ok());
    assert!(house.users.patch(&admin(), &alice.to_string(), title, &tag, &View::default()).await.unwrap_err().is(Kind::PreconditionFailed));
    let hidden = View { excluded: vec!["groups".into()], ..View::default() };
    assert_eq!(house.users.get(&admin(), &alice.to_string(), &hidden).await.unwrap().version, "W/\"2\"");
}

async fn members_are_added_and_taken_out_in_every_way_that_clients_know(on: Backend) {
    let house = House::new(on).await;
    let mut people = Vec::new();
    for name in ["a", "b", "c", "d"] {
        people.push(house.create(&json!({ "userName": name })).await.to_string());
    }
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": people[0]}]})).await;
    for (operations, left) in [
        (json!([{"op": "Add", "path": "members", "value": [{"value": people[1]}, {"value": people[2]}]}]), vec![0, 1, 2]),
        (json!([{"op": "add", "value": {"members": [{"value": people[3]}]}}]), vec![0, 1, 2, 3]),
        (json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", people[0])}]), vec![1, 2, 3]),
        (json!([{"op": "Remove", "path": "members", "value": [{"value": people[1]}]}]), vec![2, 3]),
        (
            json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", people[2])}, {"op": "add", "path": "members", "value": {"value": people[0]}}]),
            vec![3, 0],
        ),
        (json!([{"op": "replace", "path": "members", "value": [{"value": people[1]}]}]), vec![1]),
        (json!([{"op": "remove", "path": "members"}]), vec![]),
        (
            json!([{"op": "add", "path": "members", "value": [{"value": people[2], "display": "C"}]}, {"op": "replace", "path": "displayName", "value": "H"}]),
            vec![2],
        ),
    ] {
        let left: Vec<_> = left.into_iter().map(|n: usize| people[n].clone()).collect();
        let changed = house.patch_group(group.id, operations.clone()).await.unwrap();
        assert_eq!(members(&changed), left, "{operations}");
        assert_eq!(house.group(group.id).await, changed, "{operations}");
    }
    let end = house.group(group.id).await;
    assert_eq!((&end.json["displayName"], &end.json["members"][0]["display"], end.version.as_str()), (&json!("H"), &json!("C"), "W/\"9\""));
}

async fn members_must_be_there_and_be_what_they_are_called(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G"})).await;
    let nobody = Uuid::from_u128(77).to_string();
    for (member, word) in [
        (json!({"value": nobody}), nobody.as_str()),
        (json!({"value": "fake-member-id"}), "fake-member-id"),
        (json!({"value": alice, "type": "Group"}), "is a User"),
        (json!({"value": group.id.to_string(), "type": "User"}), "is a Group"),
    ] {
        let failures = [
            house.patch_group(group.id, json!([{"op": "add", "path": "members", "value": [{"value": alice}, member]}])).await.unwrap_err(),
            house.patch_group(group.id, json!([{"op": "replace", "path": "members", "value": [member]}])).await.unwrap_err(),
            put(&house, group.id, &json!({"displayName": "G", "members": [member]}), "").await.unwrap_err(),
            house.groups.create(&admin(), json!({"displayName": "N", "members": [member]}).to_string().as_bytes(), &View::default()).await.unwrap_err(),
        ];
        for failure in failures {
            assert!(failure.reason == "invalidValue" && failure.detail.contains(word), "{member}: {failure}");
        }
    }
    assert_eq!(house.group(group.id).await, group);
    assert_eq!(house.groups.list(&admin(), &Listing::default(), &View::default()).await.unwrap().total, 1);
    let stranger = Caller { tenant: TenantId::from_uuid(Uuid::from_u128(2)), ..admin() };
    let body = json!({"displayName": "X", "members": [{"value": alice}]}).to_string();
    assert_eq!(house.groups.create(&stranger, body.as_bytes(), &View::default()).await.unwrap_err().reason, "invalidValue");
}

async fn members_are_shown_when_asked_for(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": alice, "display": "A"}]})).await;
    let read = async |view: View| house.groups.get(&admin(), &group.id.to_string(), &view).await.unwrap().json;
    assert_eq!(read(View { excluded: vec!["MEMBERS".into()], ..at(BASE) }).await.get("members"), None);
    assert_eq!(read(View { attributes: vec!["members.display".into()], ..at(BASE) }).await["members"], json!([{"display": "A"}]));
    let list = async |view: View| document(&house.groups.list(&admin(), &filtered("displayName eq \"g\""), &view).await.unwrap());
    let (with, without) = (list(at(BASE)).await, list(View { excluded: vec!["members".into()], ..at(BASE) }).await);
    assert_eq!(with["Resources"][0], Value::Object(group.json.clone()));
    assert_eq!(without["Resources"][0].get("members"), None);
}

async fn changes_at_the_same_time_lose_no_member(on: Backend) {
    let house = House::new(on).await;
    let group = house.create_group(&json!({"displayName": "G"})).await;
    let mut people = Vec::new();
    for n in 0..24 {
        people.push(house.create(&json!({ "userName": format!("u{n}") })).await.to_string());
    }
    let add = |person: String| house.patch_group(group.id, json!([{"op": "add", "path": "members", "value": [{ "value": person }]}]));
    let done = join_all(people.iter().cloned().map(add)).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let mut found = members(&house.group(group.id).await);
    found.sort();
    people.sort();
    assert_eq!((found, house.group(group.id).await.version), (people, "W/\"25\"".to_owned()));
}

async fn a_deleted_user_is_gone_from_its_groups(on: Backend) {
    let house = House::new(on).await;
    let (alice, bob) = (house.alice().await.to_string(), house.create(&json!({"userName": "bob"})).await.to_string());
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": alice}, {"value": bob}]})).await;
    house.users.delete(&admin(), &alice, "").await.unwrap();
    let left = house.group(group.id).await;
    assert_eq!((members(&left), left.version.as_str()), (vec![bob], "W/\"2\""));
}

async fn a_user_whose_reset_has_just_ended_is_in_its_groups_still(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    house.create_group(&json!({"displayName": "G", "members": [{"value": alice.to_string()}]})).await;
    house.trigger(alice).await.unwrap();
    house.accounts.complete(alice);
    let read = house.get(alice).await;
    assert_eq!((account(&read, "accountState"), &read.json["groups"][0]["display"]), (json!("UNLOCKED"), &json!("G")));
}

async fn members_come_and_go_while_the_group_is_renamed(on: Backend) {
    let house = House::new(on).await;
    let (alice, group) = (house.alice().await.to_string(), house.create_group(&json!({"displayName": "G"})).await);
    let change = |operations: Value| house.patch_group(group.id, operations);
    let changes = (0..8).map(|n| match n % 2 {
        0 => change(json!([{"op": "replace", "path": "displayName", "value": format!("G{n}")}])),
        _ => change(json!([{"op": "add", "path": "members", "value": [{ "value": alice }]}])),
    });
    let done = join_all(changes).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let end = house.group(group.id).await;
    assert_eq!((members(&end), end.json["displayName"].as_str().unwrap().len()), (vec![alice], 2));
}

rekey_testing::on_both_databases![
    users_see_their_groups_and_those_around_them_at_once,
    a_tag_with_groups_protects_the_user_alone,
    members_are_added_and_taken_out_in_every_way_that_clients_know,
    members_must_be_there_and_be_what_they_are_called,
    members_are_shown_when_asked_for,
    changes_at_the_same_time_lose_no_member,
    a_deleted_user_is_gone_from_its_groups,
    a_user_whose_reset_has_just_ended_is_in_its_groups_still,
    members_come_and_go_while_the_group_is_renamed,
];
