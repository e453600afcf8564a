//! `/Me`: one's own user.

use rekey_kernel::{Caller, Failure, Kind, UserId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, account, asking_for_the_code, caller};
use crate::app::{Resource, View};

fn oneself(id: UserId) -> Caller {
    Caller { user: Some(id), ..caller(&[]) }
}

async fn put(house: &House, id: UserId, body: &Value) -> Result<Resource, Failure> {
    house.users.replace_me(&oneself(id), body.to_string().as_bytes(), "", &View::default()).await
}

async fn patch(house: &House, id: UserId, operations: Value) -> Result<Resource, Failure> {
    let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations }).to_string();
    house.users.patch_me(&oneself(id), body.as_bytes(), "", &View::default()).await
}

async fn one_changes_what_is_ones_own_without_any_scope(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let prepared = house.accounts.prepared();
    let changed = patch(
        &house,
        id,
        json!([
            {"op": "replace", "path": "displayName", "value": "Al"},
            {"op": "add", "value": {"name": {"givenName": "Alice"}, "phoneNumbers": [{"value": "1"}], "locale": "en-GB"}}
        ]),
    );
    let changed = changed.await.unwrap();
    assert_eq!((&changed.json["displayName"], &changed.json["name"]["givenName"], changed.version.as_str()), (&json!("Al"), &json!("Alice"), "W/\"2\""));
    assert_eq!((house.get(id).await.json, house.accounts.prepared()), (changed.json, prepared));
}

async fn a_put_leaves_what_is_not_ones_own(on: Backend) {
    let house = House::new(on).await;
    let id = house
        .create(&json!({
            "userName": "alice", "displayName": "Alice", "nickName": "Al", "title": "Dr", "externalId": "e-1", "roles": [{"value": "helpdesk"}],
            "emails": [{"value": "a@example.com", "primary": true}], urn::ENTERPRISE_USER: {"department": "x"}
        }))
        .await;
    let before = house.get(id).await;
    let sent = Value::Object(before.json.clone());
    assert_eq!(put(&house, id, &sent).await.unwrap(), before, "what was read may be sent back");
    let after = put(&house, id, &json!({"userName": "alice", "nickName": "Lice"})).await.unwrap();
    assert_eq!((&after.json["nickName"], after.json.get("displayName")), (&json!("Lice"), None));
    for kept in ["title", "externalId", "roles", "emails", "active", urn::ENTERPRISE_USER] {
        assert_eq!(after.json.get(kept), before.json.get(kept), "{kept}");
    }
}

async fn what_is_not_ones_own_is_refused_by_name_and_nothing_changes(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    for (operations, word) in [
        (json!([{"op": "replace", "path": "userName", "value": "root"}]), "userName"),
        (json!([{"op": "add", "path": "roles", "value": [{"value": "admin"}]}]), "roles"),
        (json!([{"op": "add", "path": "emails", "value": [{"value": "x@example.com"}]}]), "emails"),
        (json!([{"op": "remove", "path": "emails"}]), "emails"),
        (json!([{"op": "replace", "path": "active", "value": false}]), "active"),
        (json!([{"op": "replace", "value": {"displayName": "A", "title": "Boss"}}]), "title"),
        (json!([{"op": "replace", "path": "password", "value": "correct horse battery 2"}]), "password"),
        (json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": true}]), "forcePasswordReset"),
        (json!([{"op": "add", "path": "urn:scim:wso2:schema:accountLocked", "value": true}]), "accountLocked"),
        (json!([{"op": "add", "path": format!("{}:department", urn::ENTERPRISE_USER), "value": "x"}]), "enterprise"),
    ] {
        let failure = patch(&house, id, operations.clone()).await.unwrap_err();
        assert!(failure.is(Kind::Forbidden) && failure.detail.contains(word) && failure.detail.contains("administrator"), "{operations}: {failure:?}");
    }
    for body in [
        json!({"userName": "Alice"}),
        json!({"userName": "alice", "roles": [{"value": "admin"}]}),
        json!({"userName": "alice", "password": "correct horse battery 2"}),
        json!({"userName": "alice", urn::WSO2: {"accountLocked": true}}),
    ] {
        assert!(put(&house, id, &body).await.unwrap_err().is(Kind::Forbidden), "{body}");
    }
    assert_eq!(house.version(id).await, 1);
}

async fn versions_and_bad_bodies_are_minded(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let unless = crate::domain::Conditions { if_match: "", if_none_match: "*" };
    assert!(house.users.patch_me(&oneself(id), b"{}", unless, &View::default()).await.unwrap_err().is(Kind::PreconditionFailed));
    let stale = house.users.replace_me(&oneself(id), br#"{"userName":"alice"}"#, "W/\"9\"", &View::default()).await.unwrap_err();
    assert!(stale.is(Kind::PreconditionFailed));
    assert!(patch(&house, id, json!([])).await.unwrap_err().is(Kind::Invalid));
    let nobody = Caller { user: None, ..caller(&[]) };
    assert!(house.users.patch_me(&nobody, b"{}", "", &View::default()).await.unwrap_err().is(Kind::NotFound));
}

async fn no_code_is_ever_shown_there(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[rekey_kernel::Method::Offline]);
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    let administrator = Caller { user: Some(id), ..super::admin() };
    let body = json!({ "Operations": [{"op": "add", "path": "nickName", "value": "A"}] }).to_string();
    let changed = house.users.patch_me(&administrator, body.as_bytes(), "", &asking_for_the_code()).await.unwrap();
    assert_eq!(account(&changed, "oneTimePassword"), Value::Null);
}

rekey_testing::on_both_databases![
    one_changes_what_is_ones_own_without_any_scope,
    a_put_leaves_what_is_not_ones_own,
    what_is_not_ones_own_is_refused_by_name_and_nothing_changes,
    versions_and_bad_bodies_are_minded,
    no_code_is_ever_shown_there,
];
