//! Users as such: create, read, change, list, delete.

use rekey_kernel::{Caller, Kind, Scope, TenantId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, account, admin, caller, filtered, helpdesk};
use crate::{
    app::{Listing, View},
    domain::Conditions,
};

async fn a_user_is_created_read_and_found_by_its_name(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let read = house.get(id).await;
    assert_eq!((read.version.as_str(), account(&read, "accountState"), account(&read, "accountLocked")), ("W/\"1\"", json!("UNLOCKED"), json!(false)));
    assert_eq!(read.json.get("active"), Some(&json!(true)));
    assert!(!Value::Object(read.json).to_string().contains("horse"));
    let found = house.list(&filtered("userName eq \"ALICE\"")).await;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id.to_string())));
}

async fn names_are_taken_whatever_their_case(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await;
    let again = house.users.create(&admin(), br#"{"userName":"ALICE"}"#, &View::default()).await.unwrap_err();
    assert_eq!((again.kind, again.reason.as_ref()), (Kind::Conflict, "uniqueness"));
    house.create(&json!({"userName": "bob"})).await;
    let renamed = house.patch(alice, json!([{"op": "replace", "path": "userName", "value": "Bob"}])).await.unwrap_err();
    assert_eq!((renamed.kind, renamed.reason.as_ref()), (Kind::Conflict, "uniqueness"));
    assert!(house.patch(alice, json!([{"op": "replace", "path": "userName", "value": "Alice"}])).await.is_ok());
}

async fn a_change_that_changes_nothing_leaves_the_version_alone(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.clock.advance(std::time::Duration::from_secs(5));
    let before = house.get(id).await;
    for operations in [
        json!([{"op": "replace", "path": "displayName", "value": "Alice"}]),
        json!([{"op": "add", "value": {"urn:scim:wso2:schema:accountLocked": false}}]),
        json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": false}]),
    ] {
        assert_eq!(house.patch(id, operations).await.unwrap(), before);
    }
    let body = Value::Object(before.json.clone()).to_string();
    assert_eq!(house.users.replace(&admin(), &id.to_string(), body.as_bytes(), "", &View::default()).await.unwrap(), before);
}

async fn what_is_no_business_of_authentication_is_not_prepared(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let prepared = house.accounts.prepared();
    let changed = house.patch(id, json!([{"op": "replace", "value": {"displayName": "A", "title": "Dr"}}])).await.unwrap();
    assert_eq!((changed.version.as_str(), house.accounts.prepared()), ("W/\"2\"", prepared));
}

async fn where_resets_are_mailed_is_not_changed_over_the_head_of_a_more_privileged_user(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let editor = Caller { name: "nobody".into(), ..caller(&[Scope::UserView, Scope::UserUpdate]) };
    let before = house.get(id).await;
    let mine = json!([{"value": "mine@example.com", "primary": true}]);
    for operations in [
        json!([{"op": "replace", "path": "emails", "value": mine}]),
        json!([{"op": "add", "path": "emails", "value": mine}]),
        json!([{"op": "replace", "path": "emails[value eq \"alice@example.com\"].value", "value": "mine@example.com"}]),
        json!([{"op": "replace", "value": {"title": "x", "emails": mine}}]),
        json!([{"op": "remove", "path": "emails"}]),
    ] {
        assert!(house.patch_as(&editor, id, operations.clone()).await.unwrap_err().is(Kind::Forbidden), "{operations}");
    }
    let put = json!({"userName": "alice", "displayName": "Alice", "emails": mine}).to_string();
    let put = house.users.replace(&editor, &id.to_string(), put.as_bytes(), "", &View::default()).await;
    assert!(put.unwrap_err().is(Kind::Forbidden));
    assert_eq!((house.get(id).await, house.accounts.held()), (before, 0));
    assert!(house.patch_as(&editor, id, json!([{"op": "add", "path": "title", "value": "Dr"}])).await.is_ok());
    let second = json!([{"op": "add", "path": "emails", "value": [{"value": "second@example.com"}]}]);
    assert!(house.patch_as(&editor, id, second).await.is_ok(), "resets go where they went");
    assert!(house.patch(id, json!([{"op": "replace", "path": "emails", "value": mine}])).await.is_ok());
}

async fn if_match_and_unknown_ids_are_told_apart(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await.to_string();
    let title = br#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#;
    let stale = house.users.patch(&admin(), &id, title, "W/\"7\"", &View::default()).await.unwrap_err();
    assert_eq!(stale.kind, Kind::PreconditionFailed);
    assert!(house.users.patch(&admin(), &id, title, "W/\"1\"", &View::default()).await.is_ok());
    for unknown in ["nonsense", "00000000-0000-7000-8000-000000000000"] {
        assert_eq!(house.users.get(&admin(), unknown, &View::default()).await.unwrap_err().kind, Kind::NotFound);
        assert_eq!(house.users.patch(&admin(), unknown, b"rubbish", "", &View::default()).await.unwrap_err().kind, Kind::NotFound);
    }
}

async fn a_change_that_wants_no_such_version_is_refused_and_not_made(on: Backend) {
    let house = House::new(on).await;
    let (id, group) = (house.alice().await, house.create_group(&json!({"displayName": "G"})).await);
    let before = house.get(id).await;
    let (text, of_group, view) = (id.to_string(), group.id.to_string(), View::default());
    let title = br#"{"Operations":[{"op":"add","path":"externalId","value":"x"}]}"#;
    for if_none_match in ["*", "W/\"1\"", "\"1\"", "\"9\", W/\"1.abcdef01\""] {
        let unless = Conditions { if_match: "", if_none_match };
        for refused in [
            house.users.replace(&admin(), &text, br#"{"userName":"other"}"#, unless, &view).await.unwrap_err(),
            house.users.patch(&admin(), &text, title, unless, &view).await.unwrap_err(),
            house.users.delete(&admin(), &text, unless).await.unwrap_err(),
            house.groups.replace(&admin(), &of_group, br#"{"displayName":"other"}"#, unless, &view).await.unwrap_err(),
            house.groups.patch(&admin(), &of_group, title, unless, &view).await.unwrap_err(),
            house.groups.delete(&admin(), &of_group, unless).await.unwrap_err(),
        ] {
            assert_eq!(refused.kind, Kind::PreconditionFailed, "{if_none_match}: {refused}");
        }
    }
    assert_eq!((house.get(id).await, house.group(group.id).await), (before, group));
    let unless = Conditions { if_match: "", if_none_match: "W/\"9\"" };
    assert!(house.users.patch(&admin(), &text, title, unless, &view).await.is_ok());
    assert!(house.groups.patch(&admin(), &of_group, title, unless, &view).await.is_ok());
}

async fn another_tenant_learns_nothing(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await.to_string();
    let stranger = Caller { tenant: TenantId::from_uuid(uuid::Uuid::from_u128(2)), ..admin() };
    assert_eq!(house.users.get(&stranger, &id, &View::default()).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(house.users.delete(&stranger, &id, "").await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(house.users.list(&stranger, &Listing::default(), &View::default()).await.unwrap().total, 0);
}

async fn every_verb_needs_its_scope(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await.to_string();
    let (nobody, view) = (caller(&[]), View::default());
    assert!(house.users.get(&nobody, &id, &view).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.list(&nobody, &Listing::default(), &view).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.create(&nobody, b"rubbish", &view).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.replace(&nobody, &id, b"rubbish", "", &view).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.patch(&nobody, &id, b"rubbish", "", &view).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.delete(&nobody, &id, "").await.unwrap_err().is(Kind::Forbidden));
    assert!(house.users.resend(&nobody, "x").await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(house.users.me(&nobody, &view).await.unwrap_err().kind, Kind::NotFound);
    let alice = Caller { user: id.parse().ok(), ..nobody };
    assert_eq!(house.users.me(&alice, &view).await.unwrap().id.to_string(), id);
}

async fn roles_that_give_scopes_need_a_scope_of_their_own(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let editor = caller(&[Scope::UserUpdate, Scope::UserCreate]);
    let cook = json!([{"op": "add", "path": "roles", "value": [{"value": "cook"}]}]);
    let admin_role = json!([{"op": "add", "path": "roles", "value": [{"value": "admin"}]}]);
    assert!(house.patch_as(&editor, id, cook).await.is_ok());
    assert!(house.patch_as(&editor, id, admin_role.clone()).await.unwrap_err().is(Kind::Forbidden));
    let created = house.users.create(&editor, br#"{"userName":"x","roles":[{"value":"helpdesk"}]}"#, &View::default()).await;
    assert!(created.unwrap_err().is(Kind::Forbidden));
    assert!(house.patch(id, admin_role).await.is_ok());
}

async fn a_bad_password_is_a_bad_value_with_all_reasons(on: Backend) {
    let house = House::new(on).await;
    let refused = house.users.create(&admin(), br#"{"userName":"x","password":"short"}"#, &View::default()).await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_ref()), (Kind::Invalid, "invalidValue"));
    assert!(refused.detail.contains("8 characters") && refused.detail.contains("too common"), "{refused}");
    assert_eq!(house.list(&Listing::default()).await["totalResults"], json!(0));
}

async fn account_locked_is_written_as_it_is_meant(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let lock = |value: bool| json!([{"op": "replace", "path": "urn:scim:wso2:schema:accountLocked", "value": value}]);
    let locked = house.patch(id, lock(true)).await.unwrap();
    assert_eq!(
        (account(&locked, "accountLocked"), account(&locked, "lockedReason"), account(&locked, "accountState")),
        (json!(true), json!("ADMIN_INITIATED"), json!("LOCKED"))
    );
    let put = async |body: Value| house.users.replace(&admin(), &id.to_string(), body.to_string().as_bytes(), "", &View::default()).await.unwrap();
    assert_eq!(account(&put(json!({"userName": "alice"})).await, "accountState"), json!("LOCKED"));
    assert_eq!(account(&put(json!({"userName": "alice", urn::WSO2: {"accountLocked": false}})).await, "accountState"), json!("UNLOCKED"));
    assert_eq!(account(&house.patch(id, lock(false)).await.unwrap(), "accountState"), json!("UNLOCKED"));
}

async fn a_deleted_user_is_gone_everywhere(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    assert!(house.users.delete(&helpdesk(), &id.to_string(), "").await.unwrap_err().is(Kind::Forbidden));
    house.users.delete(&admin(), &id.to_string(), "W/\"1\"").await.unwrap();
    assert_eq!(house.users.delete(&admin(), &id.to_string(), "").await.unwrap_err().kind, Kind::NotFound);
    house.alice().await;
}

rekey_testing::on_both_databases![
    a_user_is_created_read_and_found_by_its_name,
    names_are_taken_whatever_their_case,
    a_change_that_changes_nothing_leaves_the_version_alone,
    what_is_no_business_of_authentication_is_not_prepared,
    where_resets_are_mailed_is_not_changed_over_the_head_of_a_more_privileged_user,
    if_match_and_unknown_ids_are_told_apart,
    a_change_that_wants_no_such_version_is_refused_and_not_made,
    another_tenant_learns_nothing,
    every_verb_needs_its_scope,
    roles_that_give_scopes_need_a_scope_of_their_own,
    a_bad_password_is_a_bad_value_with_all_reasons,
    account_locked_is_written_as_it_is_meant,
    a_deleted_user_is_gone_everywhere,
];
