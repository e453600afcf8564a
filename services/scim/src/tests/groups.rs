//! Groups: create, read, change, list, delete; and what members see of them.

use rekey_kernel::{Caller, Kind, Scope, TenantId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

use super::{House, admin, at, caller, document, each, filtered, helpdesk};
use crate::app::{Listing, Resource, View};

pub(super) const BASE: &str = "https://x/scim2";

pub(super) fn members(group: &Resource) -> Vec<String> {
    let members = group.json.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

pub(super) async fn put(house: &House, id: Uuid, body: &Value, if_match: &str) -> Result<Resource, rekey_kernel::Failure> {
    house.groups.replace(&admin(), &id.to_string(), body.to_string().as_bytes(), if_match, &at(BASE)).await
}

async fn a_group_is_created_and_read_as_it_was_written(on: Backend) {
    let house = House::new(on).await;
    let (alice, bob) = (house.alice().await, house.create(&json!({"userName": "bob"})).await);
    let inner = house.create_group(&json!({"displayName": "Inner"})).await;
    let body = json!({"schemas": [urn::GROUP], "displayName": "Staff", "externalId": "g-1", "members": [
        {"value": alice.to_string(), "display": "The boss", "$ref": "../Users/1"}, {"value": inner.id.to_string(), "type": "Group"}, {"value": bob.to_string(), "type": "User"}]});
    let made = house.create_group(&body).await;
    let location = format!("{BASE}/Groups/{}", made.id);
    assert_eq!((made.version.as_str(), &made.location), ("W/\"1\"", &location));
    let expected = json!({
        "schemas": [urn::GROUP], "id": made.id.to_string(), "displayName": "Staff", "externalId": "g-1",
        "members": [
            {"value": alice.to_string(), "$ref": format!("{BASE}/Users/{alice}"), "type": "User", "display": "The boss"},
            {"value": inner.id.to_string(), "$ref": inner.location, "type": "Group"},
            {"value": bob.to_string(), "$ref": format!("{BASE}/Users/{bob}"), "type": "User"}
        ],
        "meta": {"resourceType": "Group", "location": location, "version": "W/\"1\"", "created": made.json["meta"]["created"], "lastModified": made.json["meta"]["created"]}
    });
    assert_eq!(Value::Object(made.json.clone()), expected);
    assert_eq!(house.group(made.id).await, made);
}

async fn what_changes_nothing_leaves_version_and_time_alone(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": alice}]})).await;
    house.clock.advance(Duration::from_secs(9));
    for operations in [
        json!([{"op": "add", "path": "members", "value": [{"value": alice}]}]),
        json!([{"op": "replace", "path": "displayName", "value": "G"}]),
        json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", Uuid::from_u128(5))}]),
        json!([{"op": "remove", "path": "members", "value": [{"value": Uuid::from_u128(5).to_string()}]}]),
    ] {
        assert_eq!(house.patch_group(group.id, operations.clone()).await.unwrap(), group, "{operations}");
    }
    assert_eq!(put(&house, group.id, &Value::Object(group.json.clone()), "").await.unwrap(), group);
    let changed = house.patch_group(group.id, json!([{"op": "add", "path": "externalId", "value": "e"}])).await.unwrap();
    assert_ne!(changed.json["meta"]["lastModified"], group.json["meta"]["lastModified"]);
}

async fn a_put_replaces_all(on: Backend) {
    let house = House::new(on).await;
    let (alice, bob) = (house.alice().await.to_string(), house.create(&json!({"userName": "bob"})).await.to_string());
    let group = house.create_group(&json!({"displayName": "G", "externalId": "e", "members": [{"value": alice}]})).await;
    let replaced = put(&house, group.id, &json!({"displayName": "H", "members": [{"value": bob}]}), &group.version).await.unwrap();
    assert_eq!((members(&replaced), replaced.json.get("externalId"), replaced.version.as_str()), (vec![bob], None, "W/\"2\""));
    assert!(put(&house, group.id, &json!({"displayName": "I"}), &group.version).await.unwrap_err().is(Kind::PreconditionFailed));
    assert!(members(&put(&house, group.id, &json!({"displayName": "I"}), "*").await.unwrap()).is_empty());
}

async fn a_name_is_needed_and_kept_within_bounds(on: Backend) {
    let house = House::new(on).await;
    let group = house.create_group(&json!({"displayName": "G"})).await;
    for name in [json!(""), json!("  "), json!(null), json!("a\nb"), json!("x".repeat(513)), json!(5)] {
        let created = house.groups.create(&admin(), json!({ "displayName": name }).to_string().as_bytes(), &View::default()).await.unwrap_err();
        assert_eq!(created.reason, "invalidValue", "{name}");
        assert!(house.patch_group(group.id, json!([{"op": "replace", "path": "displayName", "value": name}])).await.unwrap_err().is(Kind::Invalid), "{name}");
    }
    assert!(house.patch_group(group.id, json!([{"op": "remove", "path": "displayName"}])).await.unwrap_err().is(Kind::Invalid));
    let again = house.create_group(&json!({"displayName": "G"})).await;
    assert_ne!(again.id, group.id, "several groups may have one name");
}

async fn every_verb_needs_its_scope_and_others_learn_nothing(on: Backend) {
    let house = House::new(on).await;
    let group = house.create_group(&json!({"displayName": "G"})).await;
    let (id, view) = (group.id.to_string(), View::default());
    let groups = &house.groups;
    for who in [caller(&[Scope::UserView, Scope::UserUpdate]), helpdesk()] {
        assert!(groups.get(&who, &id, &view).await.unwrap_err().is(Kind::Forbidden));
        assert!(groups.list(&who, &Listing::default(), &view).await.unwrap_err().is(Kind::Forbidden));
        assert!(groups.create(&who, b"rubbish", &view).await.unwrap_err().is(Kind::Forbidden));
        assert!(groups.replace(&who, &id, b"rubbish", "", &view).await.unwrap_err().is(Kind::Forbidden));
        assert!(groups.patch(&who, &id, b"rubbish", "", &view).await.unwrap_err().is(Kind::Forbidden));
        assert!(groups.delete(&who, &id, "").await.unwrap_err().is(Kind::Forbidden));
    }
    let stranger = Caller { tenant: TenantId::from_uuid(Uuid::from_u128(2)), ..admin() };
    for (who, id) in [(&stranger, id.as_str()), (&admin(), "nonsense"), (&admin(), "00000000-0000-7000-8000-000000000000")] {
        assert!(groups.get(who, id, &view).await.unwrap_err().is(Kind::NotFound));
        assert!(groups.replace(who, id, b"rubbish", "", &view).await.unwrap_err().is(Kind::NotFound));
        assert!(groups.patch(who, id, b"rubbish", "", &view).await.unwrap_err().is(Kind::NotFound));
        assert!(groups.delete(who, id, "").await.unwrap_err().is(Kind::NotFound));
    }
    assert!(groups.delete(&admin(), &id, "W/\"9\"").await.unwrap_err().is(Kind::PreconditionFailed));
    groups.delete(&admin(), &id, &group.version).await.unwrap();
    assert!(groups.get(&admin(), &id, &view).await.unwrap_err().is(Kind::NotFound));
}

async fn groups_are_listed_filtered_and_sorted(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    for name in ["b", "C", "a"] {
        house.create_group(&json!({ "displayName": name, "members": if name == "C" { json!([{ "value": alice }]) } else { json!([]) } })).await;
        house.clock.advance(Duration::from_secs(1));
    }
    let list = async |listing: Listing| each(&document(&house.groups.list(&admin(), &listing, &View::default()).await.unwrap()), "displayName");
    assert_eq!(list(Listing::default()).await, ["b", "C", "a"]);
    assert_eq!(list(Listing { sort_by: "displayName".into(), ..Listing::default() }).await, ["a", "b", "C"]);
    assert_eq!(list(filtered(&format!("members.value eq \"{alice}\""))).await, ["C"]);
    assert_eq!(list(filtered("not (members pr)")).await, ["b", "a"]);
    let users = house.list(&filtered("groups.display eq \"c\"")).await;
    assert_eq!(each(&users, "id"), [json!(alice)]);
}

async fn a_purged_tenant_has_no_groups(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": alice}]})).await;
    house.users.purge(TenantId::DEFAULT).await.unwrap();
    assert!(house.groups.get(&admin(), &group.id.to_string(), &View::default()).await.unwrap_err().is(Kind::NotFound));
}

async fn an_id_in_capitals_is_another_id(on: Backend) {
    let house = House::new(on).await;
    let (user, group) = (house.alice().await.to_string(), house.create_group(&json!({"displayName": "G"})).await.id.to_string());
    let (wrong_user, wrong_group) = (user.to_uppercase(), group.to_uppercase());
    assert!(wrong_user != user && wrong_group != group, "an id without letters tells nothing");
    let (patch, view) = (br#"{"Operations":[{"op":"add","path":"externalId","value":"x"}]}"#, View::default());
    let done = [
        house.users.get(&admin(), &wrong_user, &view).await.err(),
        house.users.patch(&admin(), &wrong_user, patch, "", &view).await.err(),
        house.users.replace(&admin(), &wrong_user, br#"{"userName":"x"}"#, "", &view).await.err(),
        house.users.delete(&admin(), &wrong_user, "").await.err(),
        house.groups.get(&admin(), &wrong_group, &view).await.err(),
        house.groups.patch(&admin(), &wrong_group, patch, "", &view).await.err(),
        house.groups.replace(&admin(), &wrong_group, br#"{"displayName":"x"}"#, "", &view).await.err(),
        house.groups.delete(&admin(), &wrong_group, "").await.err(),
    ];
    assert!(done.iter().all(|failure| failure.as_ref().is_some_and(|failure| failure.is(Kind::NotFound))), "{done:?}");
    assert!(house.users.get(&admin(), &user, &view).await.is_ok() && house.groups.get(&admin(), &group, &view).await.is_ok());
}

rekey_testing::on_both_databases![
    an_id_in_capitals_is_another_id,
    a_group_is_created_and_read_as_it_was_written,
    what_changes_nothing_leaves_version_and_time_alone,
    a_put_replaces_all,
    a_name_is_needed_and_kept_within_bounds,
    every_verb_needs_its_scope_and_others_learn_nothing,
    groups_are_listed_filtered_and_sorted,
    a_purged_tenant_has_no_groups,
];
