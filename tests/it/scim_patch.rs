//! PATCH of users (RFC 7644 §3.5.2), where servers most often go wrong.

use rekey_tests::{Api, CORE, ENTERPRISE, Options, User, start};
use serde_json::{Value, json};

const URN_OF_COST_CENTER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter";

async fn carol(admin: &Api) -> User {
    admin
        .person(json!({
            "schemas": [CORE, ENTERPRISE], "userName": "carol", "displayName": "Carol", "name": { "givenName": "Carol", "familyName": "Harbour" },
            "emails": [{ "type": "work", "value": "carol@work.example", "primary": true }, { "type": "home", "value": "carol@home.example" }],
            ENTERPRISE: { "department": "Harbour" }
        }))
        .await
}

async fn patched(admin: &Api, user: &User, operation: Value) -> Value {
    admin.patch_user(user, json!([operation])).await.expect(200).json()
}

#[tokio::test]
async fn a_patch_without_a_path_merges_plain_dotted_and_urn_names() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let value =
        json!({ "displayName": "C", "name.givenName": "Caroline", "name": { "middleName": "M" }, URN_OF_COST_CENTER: "7", ENTERPRISE: { "division": "D" } });
    for op in ["add", "replace"] {
        let after = patched(&admin, &user, json!({ "op": op, "value": value })).await;
        assert_eq!(after["displayName"], "C", "{op}");
        assert_eq!(after["name"], json!({ "givenName": "Caroline", "familyName": "Harbour", "middleName": "M" }), "{op}");
        assert_eq!(after[ENTERPRISE], json!({ "department": "Harbour", "costCenter": "7", "division": "D" }), "{op}");
        assert_eq!(admin.user(&user).await, after, "{op}");
    }
}

#[tokio::test]
async fn a_replace_by_a_value_path_leaves_the_other_elements_alone() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let after = patched(&admin, &user, json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@work.example" })).await;
    let expected = json!([{ "type": "work", "value": "new@work.example", "primary": true }, { "type": "home", "value": "carol@home.example" }]);
    assert_eq!(after["emails"], expected);
    let gone = patched(&admin, &user, json!({ "op": "remove", "path": "emails[type eq \"home\"]" })).await;
    assert_eq!(gone["emails"].as_array().expect("emails").len(), 1);
}

#[tokio::test]
async fn an_unmatched_value_path_is_no_target_for_replace_and_a_new_element_for_add() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let other = "emails[type eq \"other\"]";
    let before = admin.snapshot(&user).await;
    let replace = json!([{ "op": "replace", "path": format!("{other}.value"), "value": "x@other.example" }]);
    admin.patch_user(&user, replace).await.expect_error(400, "noTarget");
    assert_eq!(admin.snapshot(&user).await, before);

    patched(&admin, &user, json!({ "op": "add", "path": format!("{other}.value"), "value": "x@other.example" })).await;
    let after = patched(&admin, &user, json!({ "op": "add", "path": format!("{other}.display"), "value": "X" })).await;
    let emails = after["emails"].as_array().expect("emails");
    assert_eq!((emails.len(), &emails[2]), (3, &json!({ "type": "other", "value": "x@other.example", "display": "X" })));
}

#[tokio::test]
async fn operations_are_named_in_any_case() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    assert_eq!(patched(&admin, &user, json!({ "op": "Add", "path": "title", "value": "Dr" })).await["title"], "Dr");
    assert_eq!(patched(&admin, &user, json!({ "op": "REPLACE", "path": "title", "value": "Prof" })).await["title"], "Prof");
    assert_eq!(patched(&admin, &user, json!({ "op": "Remove", "path": "title" })).await["title"], Value::Null);
    admin.patch_user(&user, json!([{ "op": "Move", "path": "title" }])).await.expect(400);
}

#[tokio::test]
async fn booleans_may_come_as_text() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    for (text, value) in [("False", false), ("True", true), ("false", false), ("true", true)] {
        assert_eq!(patched(&admin, &user, json!({ "op": "Replace", "path": "active", "value": text })).await["active"], json!(value), "{text}");
    }
    admin.patch_user(&user, json!([{ "op": "replace", "path": "active", "value": "perhaps" }])).await.expect_error(400, "invalidValue");
}

#[tokio::test]
async fn adding_what_is_there_changes_nothing_not_even_the_version() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let before = admin.user(&user).await;
    for operation in [
        json!({ "op": "add", "path": "displayName", "value": "Carol" }),
        json!({ "op": "add", "path": "emails", "value": [{ "type": "home", "value": "carol@home.example" }] }),
        json!({ "op": "replace", "value": { "name": { "givenName": "Carol" } } }),
        json!({ "op": "remove", "path": "nickName" }),
    ] {
        assert_eq!(patched(&admin, &user, operation.clone()).await, before, "{operation}");
    }
    assert_eq!(admin.user(&user).await, before);
}

#[tokio::test]
async fn there_is_one_primary_at_most() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let new = json!({ "type": "other", "value": "carol@other.example", "primary": true });
    let after = patched(&admin, &user, json!({ "op": "add", "path": "emails", "value": [new] })).await;
    let primaries: Vec<_> = after["emails"].as_array().expect("emails").iter().filter(|email| email["primary"] == true).collect();
    assert_eq!(primaries, [&new]);
    let two = json!([{ "value": "a@b.example", "primary": true }, { "value": "c@d.example", "primary": true }]);
    admin.patch_user(&user, json!([{ "op": "replace", "path": "emails", "value": two }])).await.expect_error(400, "invalidValue");
    admin.post("/scim2/Users", &json!({ "schemas": [CORE], "userName": "dave", "emails": two })).await.expect_error(400, "invalidValue");
    assert_eq!(admin.user(&user).await, after);
}

#[tokio::test]
async fn a_failing_operation_undoes_those_before_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let before = admin.snapshot(&user).await;
    let rename = json!({ "op": "replace", "path": "displayName", "value": "C" });
    for (bad, kind) in [
        (json!({ "op": "replace", "path": "emails[type eq \"none\"].value", "value": "x@y.example" }), "noTarget"),
        (json!({ "op": "replace", "path": "noSuchAttribute", "value": 1 }), "invalidPath"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z" }), "mutability"),
    ] {
        admin.patch_user(&user, json!([rename, bad])).await.expect_error(400, kind);
        assert_eq!(admin.snapshot(&user).await, before);
    }
}

#[tokio::test]
async fn a_manager_replaced_by_an_empty_text_is_removed() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = carol(&admin).await;
    let boss = admin.people(&["boss"]).await.remove(0);
    let path = format!("{ENTERPRISE}:manager");
    let with = patched(&admin, &user, json!({ "op": "add", "path": path, "value": { "value": boss.id } })).await;
    assert_eq!(with[ENTERPRISE]["manager"]["value"], json!(boss.id));
    let without = patched(&admin, &user, json!({ "op": "replace", "path": path, "value": "" })).await;
    assert!(without[ENTERPRISE]["manager"].is_null(), "{without}");
    let plain = patched(&admin, &user, json!({ "op": "add", "path": path, "value": boss.id })).await;
    assert_eq!(plain[ENTERPRISE]["manager"]["value"], json!(boss.id), "Entra sends the id alone");
}
