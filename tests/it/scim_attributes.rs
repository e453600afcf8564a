//! Names and characteristics of attributes (RFC 7643 §2, §7), and which of them an answer shows (RFC 7644 §3.9).

use rekey_tests::{
    CORE, ENTERPRISE, NewUser, Options, User, fresh_password,
    scim::{GROUP, each, names, with_query},
    start,
};
use serde_json::{Value, json};

#[tokio::test]
async fn names_are_read_in_any_case_in_bodies_filters_paths_and_projections() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.person(json!({ "Schemas": [CORE.to_uppercase()], "USERNAME": "carol", "nAmE": { "GIVENNAME": "Carol" }, "DisplayName": "C" })).await;
    assert_eq!(admin.found("NAME.GIVENname EQ \"carol\"").await, ["carol"]);
    let after = admin.patch_user(&user, json!([{ "op": "replace", "path": "NAME.FamilyNAME", "value": "Harbour" }])).await.expect(200).json();
    assert_eq!(after["name"], json!({ "givenName": "Carol", "familyName": "Harbour" }));
    let narrow = admin.document(&format!("{}?attributes=DISPLAYname,Name.GIVENNAME", user.path())).await;
    assert_eq!((&narrow["displayName"], &narrow["name"]), (&json!("C"), &json!({ "givenName": "Carol" })));
    let group = json!({ "schemas": [GROUP], "DISPLAYNAME": "Crew", "MEMBERS": [{ "VALUE": user.id }] });
    assert_eq!(admin.post("/scim2/Groups", &group).await.expect(201).json()["members"][0]["value"], json!(user.id));
}

#[tokio::test]
async fn full_urn_names_work_in_paths_filters_projections_and_orders() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let nested = json!({ "schemas": [ENTERPRISE], "department": "Harbour" });
    let user = admin.person(json!({ "schemas": [CORE, ENTERPRISE], "userName": "carol", ENTERPRISE: nested })).await;
    for (path, value) in [(format!("{CORE}:displayName"), "C"), (format!("{CORE}:name.familyName"), "H"), (format!("{ENTERPRISE}:costCenter"), "7")] {
        admin.patch_user(&user, json!([{ "op": "add", "path": path, "value": value }])).await.expect(200);
        assert_eq!(admin.found(&format!("{path} eq \"{value}\"")).await, ["carol"]);
        assert_eq!(names(&admin.list("/scim2/Users", &[("filter", "userName eq \"carol\""), ("sortBy", &path)]).await), ["carol"]);
    }
    let attributes = format!("{CORE}:displayName,{ENTERPRISE}:costCenter");
    let narrow = admin.document(&with_query(&user.path(), &[("attributes", &attributes)])).await;
    assert_eq!((&narrow["displayName"], &narrow["userName"]), (&json!("C"), &Value::Null));
    assert_eq!(narrow[ENTERPRISE], json!({ "costCenter": "7" }));
    let whole = admin.document(&with_query(&user.path(), &[("attributes", ENTERPRISE)])).await;
    assert_eq!(whole[ENTERPRISE], json!({ "department": "Harbour", "costCenter": "7" }));
}

#[tokio::test]
async fn what_is_read_only_is_ignored_in_bodies_and_refused_in_paths() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let made_up = "01890000-0000-7000-8000-000000000000";
    let wishes = json!({ "schemas": [CORE], "userName": "carol", "id": made_up, "meta": { "created": "2001-01-01T00:00:00Z", "version": "W/\"9\"" }, "groups": [{ "value": made_up }] });
    let made = admin.post("/scim2/Users", &wishes).await.expect(201).json();
    assert!(made["id"] != made_up && made["meta"]["created"] != "2001-01-01T00:00:00Z" && made["groups"].is_null(), "{made}");
    let user = User { id: made["id"].as_str().expect("an id").to_owned(), user_name: "carol".to_owned(), password: String::new(), email: None };
    let put = admin.put(&user.path(), &wishes).await.expect(200).json();
    assert_eq!((&put["id"], &put["meta"]["created"]), (&made["id"], &made["meta"]["created"]));
    for (path, value) in [("id", json!(made_up)), ("meta.created", json!("2001-01-01T00:00:00Z")), ("groups", json!([{ "value": made_up }]))] {
        admin.patch_user(&user, json!([{ "op": "replace", "path": path, "value": value }])).await.expect_error(400, "mutability");
    }
    assert_eq!(admin.user(&user).await, put);
}

#[tokio::test]
async fn what_is_required_cannot_be_left_out_or_removed() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    admin.post("/scim2/Users", &json!({ "schemas": [CORE], "displayName": "Nobody" })).await.expect_error(400, "invalidValue");
    admin.put(&user.path(), &json!({ "schemas": [CORE], "userName": "" })).await.expect_error(400, "invalidValue");
    admin.post("/scim2/Groups", &json!({ "schemas": [GROUP] })).await.expect_error(400, "invalidValue");
    admin.put(&group.path(), &json!({ "schemas": [GROUP], "displayName": null })).await.expect_error(400, "invalidValue");
    admin.patch_user(&user, json!([{ "op": "remove", "path": "userName" }])).await.expect_error(400, "mutability");
    admin.patch_at(&group.path(), json!([{ "op": "remove", "path": "displayName" }])).await.expect_error(400, "mutability");
}

#[tokio::test]
async fn what_is_immutable_takes_its_own_value_and_no_other() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let group = admin.create_group("Crew", &[&users[0].id]).await;
    let path = format!("members[value eq \"{}\"].value", users[0].id);
    let before = admin.document(&group.path()).await;
    let same = admin.patch_at(&group.path(), json!([{ "op": "replace", "path": path, "value": users[0].id }])).await.expect(200).json();
    assert_eq!(same, before);
    admin.patch_at(&group.path(), json!([{ "op": "replace", "path": path, "value": users[1].id }])).await.expect_error(400, "mutability");
    assert_eq!(admin.document(&group.path()).await, before);
}

#[tokio::test]
async fn every_answer_can_be_narrowed_and_id_and_schemas_always_stay() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let password = fresh_password();
    rekey.secrets().add_credential("carol", &password);
    let mut document = NewUser::named("carol").with("displayName", json!("Carol")).document();
    document["password"] = json!(password);
    let asked = "attributes=displayName,password,emails.value";
    let made = admin.post(&format!("/scim2/Users?{asked}"), &document).await.expect(201).json();
    let path = format!("/scim2/Users/{}", made["id"].as_str().expect("an id"));
    let title = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Dr" }] });
    let put = admin.put(&format!("{path}?{asked}"), &document).await.expect(200).json();
    let patched = admin.patch(&format!("{path}?{asked}"), &title).await.expect(200).json();
    for answer in [made, put, patched, admin.document(&format!("{path}?{asked}")).await] {
        let mut keys: Vec<_> = answer.as_object().expect("an object").keys().map(String::as_str).filter(|key| *key != "meta").collect();
        keys.sort_unstable();
        assert_eq!(keys, ["displayName", "emails", "id", "schemas"], "{answer}");
        assert_eq!(answer["emails"], json!([{ "value": "carol@example.com" }]));
    }
    let without = admin.document(&format!("{path}?excludedAttributes=id,schemas,emails,name.givenName")).await;
    assert!(without["id"].is_string() && without["schemas"].is_array() && without["userName"] == "carol", "{without}");
    assert_eq!((&without["emails"], &without["name"]), (&Value::Null, &json!({ "familyName": "Family" })));
    assert!(without["password"].is_null());
}

#[tokio::test]
async fn lists_and_groups_can_be_narrowed_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[&user.id]).await;
    let list = admin.list("/scim2/Groups", &[("excludedAttributes", "members")]).await;
    assert_eq!(each(&list, "displayName"), ["Crew"]);
    assert!(list["Resources"][0]["members"].is_null());
    let document = json!({ "schemas": [GROUP], "displayName": "Crew", "members": [{ "value": user.id }] });
    for answer in [
        admin.put(&format!("{}?excludedAttributes=members", group.path()), &document).await.expect(200).json(),
        admin.document(&format!("{}?attributes=displayName", group.path())).await,
    ] {
        assert_eq!((&answer["displayName"], &answer["members"], &answer["id"]), (&json!("Crew"), &Value::Null, &json!(group.id)));
    }
    let users = admin.list("/scim2/Users", &[("attributes", "groups.display"), ("filter", "userName eq \"carol\"")]).await;
    assert_eq!(users["Resources"][0]["groups"], json!([{ "display": "Crew" }]));
}
