//! What takes something away, and what takes away nothing: null, empty values and `remove` in a PATCH.

use rekey_tests::{Api, CORE, ENTERPRISE, NewUser, Options, User, WSO2, start};
use serde_json::{Value, json};

async fn patched(admin: &Api, user: &User, operation: Value) -> Value {
    admin.patch_user(user, json!([operation])).await.expect(200).json()
}

#[tokio::test]
async fn an_active_that_is_taken_away_lets_nobody_in() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create(NewUser::named("carol").with("active", json!(false))).await;
    for operation in [
        json!({ "op": "remove", "path": "active" }),
        json!({ "op": "replace", "path": "active", "value": null }),
        json!({ "op": "replace", "value": { "active": null } }),
    ] {
        let after = patched(&admin, &user, operation.clone()).await;
        assert_eq!((after.get("active"), &after[WSO2]["accountState"]), (None, &json!("DISABLED")), "{operation}");
        anyone.refused(&user.user_name, &user.password).await;
    }
    let titled = patched(&admin, &user, json!({ "op": "replace", "value": { "active": null, "title": "Dr" } })).await;
    assert_eq!((titled.get("active"), &titled[WSO2]["accountState"]), (None, &json!("DISABLED")));
    anyone.refused(&user.user_name, &user.password).await;
    patched(&admin, &user, json!({ "op": "replace", "path": "active", "value": true })).await;
    anyone.open_session(&user, &user.password).await;
}

#[tokio::test]
async fn a_null_part_is_unassigned_and_no_other() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let name = json!({ "givenName": "Carol", "familyName": "Harbour", "middleName": "M" });
    let user = admin.person(json!({ "schemas": [CORE, ENTERPRISE], "userName": "carol", "name": name })).await;
    let after = patched(&admin, &user, json!({ "op": "replace", "value": { "name": { "givenName": null } } })).await;
    assert_eq!(after["name"], json!({ "familyName": "Harbour", "middleName": "M" }));
    let after = patched(&admin, &user, json!({ "op": "replace", "path": "name", "value": { "middleName": null, "familyName": "B" } })).await;
    assert_eq!(after["name"], json!({ "familyName": "B" }));
    assert_eq!(patched(&admin, &user, json!({ "op": "replace", "path": "name", "value": {} })).await, after);
}

#[tokio::test]
async fn a_replace_by_null_needs_a_target_and_a_remove_does_not() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.user(&user).await;
    let none = "emails[type eq \"none\"]";
    for path in [none.to_owned(), format!("{none}.display")] {
        admin.patch_user(&user, json!([{ "op": "replace", "path": path, "value": null }])).await.expect_error(400, "noTarget");
        assert_eq!(patched(&admin, &user, json!({ "op": "remove", "path": path, "value": "" })).await, before, "{path}");
    }
}

#[tokio::test]
async fn a_list_of_members_that_names_nobody_takes_nobody() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let people = admin.people(&["ann", "ben"]).await;
    let group = admin.create_group("Crew", &[&people[0].id, &people[1].id]).await;
    let remove = |value: Option<Value>| {
        let mut operation = json!({ "op": "remove", "path": "members" });
        if let Some(value) = value {
            operation["value"] = value;
        }
        rekey_tests::users::patch_of(json!([operation]))
    };
    for nobody in [json!(""), json!({}), json!([]), json!([""]), json!([{}])] {
        let left = admin.patch(&group.path(), &remove(Some(nobody.clone()))).await.expect(200).json();
        assert_eq!(left["members"].as_array().map(Vec::len), Some(2), "{nobody}");
    }
    let empty = admin.patch(&group.path(), &remove(None)).await.expect(200).json();
    assert_eq!(empty["members"], Value::Null);
}

#[tokio::test]
async fn elements_are_found_in_any_case_and_schemas_may_be_said() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.user(&user).await;
    for operation in [
        json!({ "op": "add", "path": "emails", "value": [{ "value": "CAROL@Example.com" }] }),
        json!({ "op": "add", "path": "schemas", "value": [ENTERPRISE] }),
        json!({ "op": "replace", "path": "schemas", "value": [CORE, WSO2] }),
    ] {
        assert_eq!(patched(&admin, &user, operation.clone()).await, before, "{operation}");
    }
    admin.patch_user(&user, json!([{ "op": "add", "path": "schemas", "value": ["urn:x"] }])).await.expect_error(400, "invalidValue");
    admin.patch_user(&user, json!([{ "op": "remove", "path": "schemas" }])).await.expect_error(400, "mutability");
    let other = json!({ "schemas": [CORE], "Operations": [{ "op": "remove", "path": "title" }] });
    admin.patch(&user.path(), &other).await.expect_error(400, "invalidSyntax");
    let gone = patched(&admin, &user, json!({ "op": "remove", "path": "emails", "value": [{ "value": "CAROL@Example.com" }] })).await;
    assert_eq!(gone["emails"], Value::Null);
}
