//! Groups and their members (RFC 7643 §4.2).

use rekey_tests::{
    CORE, Options,
    scim::{GROUP, add_members, each, group_document, sorted, with_query},
    start,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_group_is_created_read_replaced_changed_and_deleted() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let mut document = group_document("Crew", &[&users[0].id]);
    document["externalId"] = json!("crew-7");
    let made = admin.post("/scim2/Groups", &document).await.expect(201).json();
    assert_eq!((&made["schemas"], &made["displayName"], &made["externalId"]), (&json!([GROUP]), &json!("Crew"), &json!("crew-7")));
    let path = format!("/scim2/Groups/{}", made["id"].as_str().expect("an id"));
    assert_eq!(admin.document(&path).await, made);

    let replaced = admin.put(&path, &group_document("Watch", &[&users[1].id])).await.expect(200).json();
    assert_eq!((&replaced["displayName"], &replaced["externalId"], &replaced["meta"]["created"]), (&json!("Watch"), &Value::Null, &made["meta"]["created"]));
    assert_eq!(rekey_tests::scim::values(&replaced["members"]), [users[1].id.clone()]);
    let changed = admin.patch_at(&path, json!([{ "op": "replace", "path": "displayName", "value": "Guard" }])).await.expect(200).json();
    assert_eq!((&changed["displayName"], &changed["members"]), (&json!("Guard"), &replaced["members"]));
    assert_eq!(each(&admin.list("/scim2/Groups", &[]).await, "displayName"), ["Guard"]);

    let gone = admin.delete(&path).await.expect(204);
    assert!(gone.body.is_empty());
    admin.get(&path).await.expect_error(404, "");
    admin.put(&path, &document).await.expect_error(404, "");
    admin.patch_at(&path, add_members(&[&users[0].id])).await.expect_error(404, "");
    admin.delete(&path).await.expect_error(404, "");
    assert_eq!(admin.list("/scim2/Groups", &[]).await["totalResults"], 0);
}

#[tokio::test]
async fn a_member_shows_where_it_is_and_what_the_client_called_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let members = json!([{ "value": users[0].id, "display": "My Carol", "type": "User" }, { "value": users[1].id, "$ref": "../Users/nonsense" }]);
    let made = admin.post("/scim2/Groups", &json!({ "schemas": [GROUP], "displayName": "Crew", "members": members })).await.expect(201).json();
    let place = |number: usize| format!("{}{}", rekey.base(), users[number].path());
    assert_eq!(made["members"][0], json!({ "value": users[0].id, "display": "My Carol", "type": "User", "$ref": place(0) }));
    assert_eq!(made["members"][1], json!({ "value": users[1].id, "type": "User", "$ref": place(1) }), "no display is made up");
    assert_eq!(json!(place(0)), admin.user(&users[0]).await["meta"]["location"]);
}

#[tokio::test]
async fn members_come_and_go_one_by_one_and_all_together() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["a", "b", "c", "d"]).await;
    let all: Vec<_> = users.iter().map(|user| user.id.as_str()).collect();
    let group = admin.create_group("Crew", &all[..1]).await;
    let change = async |operations: Value| {
        admin.patch_at(&group.path(), operations).await.expect(200);
        let members = admin.members(&group).await;
        let letters = users.iter().filter(|user| members.contains(&user.id)).map(|user| user.user_name.as_str());
        assert_eq!(members.len(), letters.clone().count(), "somebody is in twice");
        letters.collect::<String>()
    };
    assert_eq!(change(add_members(&all[1..4])).await, "abcd");
    assert_eq!(change(add_members(&all)).await, "abcd", "nobody is added twice");
    assert_eq!(change(json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", all[0]) }])).await, "bcd");
    assert_eq!(change(json!([{ "op": "Remove", "path": "members", "value": [{ "value": all[1] }] }])).await, "cd", "Entra lists whom it takes out");
    assert_eq!(change(json!([{ "op": "remove", "path": "members" }])).await, "");
    assert_eq!(change(json!([{ "op": "add", "value": { "members": [{ "value": all[2] }] } }])).await, "c");
    assert_eq!(change(json!([{ "op": "replace", "path": "members", "value": [{ "value": all[0] }, { "value": all[3] }] }])).await, "ad");
    assert_eq!(change(json!([{ "op": "add", "path": "members", "value": { "value": all[1] } }])).await, "abd", "one without brackets");
    let both =
        json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", all[1]) }, { "op": "add", "path": "members", "value": [{ "value": all[2] }] }]);
    assert_eq!(change(both).await, "acd");
    assert_eq!(change(json!([{ "op": "replace", "path": "members", "value": [] }])).await, "");
}

#[tokio::test]
async fn the_groups_of_a_user_follow_at_once() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    assert!(admin.groups_of(&users[0]).await.is_empty());
    let group = admin.create_group("Crew", &[&users[0].id]).await;
    let shown = admin.user(&users[0]).await["groups"][0].clone();
    let place = format!("{}{}", rekey.base(), group.path());
    assert_eq!(shown, json!({ "value": group.id, "$ref": place, "display": "Crew", "type": "direct" }));
    admin.patch_at(&group.path(), json!([{ "op": "replace", "path": "displayName", "value": "Watch" }])).await.expect(200);
    assert_eq!(admin.groups_of(&users[0]).await, ["Watch direct"]);
    admin.put(&group.path(), &group_document("Watch", &[&users[1].id])).await.expect(200);
    assert_eq!((admin.groups_of(&users[0]).await, admin.groups_of(&users[1]).await), (vec![], vec!["Watch direct".to_owned()]));
    admin.delete(&group.path()).await.expect(204);
    assert!(admin.groups_of(&users[1]).await.is_empty());
}

#[tokio::test]
async fn who_is_nobody_cannot_be_a_member() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[&user.id]).await;
    let before = admin.document(&group.path()).await;
    for nobody in ["01890000-0000-7000-8000-000000000000", "nobody", "", "carol"] {
        for answer in [
            admin.post("/scim2/Groups", &group_document("Other", &[&user.id, nobody])).await,
            admin.put(&group.path(), &group_document("Other", &[nobody])).await,
            admin.patch_at(&group.path(), add_members(&[nobody])).await,
            admin.patch_at(&group.path(), json!([{ "op": "replace", "path": "members", "value": [{ "value": nobody }] }])).await,
        ] {
            answer.expect_error(400, "invalidValue");
        }
    }
    let wrong_type = json!({ "schemas": [GROUP], "displayName": "Other", "members": [{ "value": user.id, "type": "Group" }] });
    admin.post("/scim2/Groups", &wrong_type).await.expect_error(400, "invalidValue");
    admin
        .post("/scim2/Groups", &json!({ "schemas": [GROUP], "displayName": "Other", "members": [{ "display": "x" }] }))
        .await
        .expect_error(400, "invalidValue");
    assert_eq!(admin.document(&group.path()).await, before);
    assert_eq!(admin.list("/scim2/Groups", &[]).await["totalResults"], 1);
}

#[tokio::test]
async fn groups_are_found_by_name_and_by_member_and_users_by_group() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave", "erin"]).await;
    let crew = admin.create_group("Crew", &[&users[0].id, &users[1].id]).await;
    let mut other = group_document("Watch", &[&users[1].id]);
    other["externalId"] = json!("Watch-1");
    admin.post("/scim2/Groups", &other).await.expect(201);
    let found = async |filter: &str| {
        let list = admin.list("/scim2/Groups", &[("filter", filter)]).await;
        let names = sorted(each(&list, "displayName"));
        assert_eq!(list["totalResults"], json!(names.len()), "{filter}");
        names.join(" ")
    };
    assert_eq!(found("displayName eq \"CREW\"").await, "Crew");
    assert_eq!(found("displayName co \"w\"").await, "Crew Watch");
    assert_eq!(found("externalId eq \"Watch-1\" or externalId eq \"watch-1\"").await, "Watch");
    assert_eq!(found(&format!("members.value eq \"{}\"", users[1].id)).await, "Crew Watch");
    assert_eq!(found(&format!("members[value eq \"{}\" and type eq \"User\"]", users[0].id)).await, "Crew");
    assert_eq!(found(&format!("not (members eq \"{}\")", users[0].id)).await, "Watch");
    assert_eq!(found("members pr and not (externalId pr)").await, "Crew");
    assert_eq!(found("meta.resourceType eq \"User\"").await, "");
    assert_eq!(admin.found("groups.display eq \"crew\"").await, ["carol", "dave"]);
    assert_eq!(admin.found(&format!("groups.value eq \"{}\"", crew.id)).await, ["carol", "dave"]);
    assert_eq!(admin.found("groups[display eq \"Watch\" and type eq \"direct\"]").await, ["dave"]);
    assert_eq!(admin.found("not (groups pr)").await, ["erin"]);
    admin.get(&with_query("/scim2/Groups", &[("filter", "userName eq \"carol\"")])).await.expect_error(400, "invalidFilter");
}

#[tokio::test]
async fn groups_are_described_as_they_are() {
    let rekey = start(Options::default()).await;
    let anyone = rekey.anyone();
    let schema = anyone.document(&format!("/scim2/Schemas/{GROUP}")).await;
    let attribute = |name: &str| schema["attributes"].as_array().expect("attributes").iter().find(|one| one["name"] == name).cloned().unwrap_or_default();
    assert_eq!((&attribute("displayName")["required"], &attribute("members")["multiValued"]), (&json!(true), &json!(true)));
    let types = anyone.document("/scim2/ResourceTypes").await;
    assert_eq!((each(&types, "name"), each(&types, "endpoint")), (vec!["User".into(), "Group".into()], vec!["/Users".into(), "/Groups".into()]));
    let user = anyone.document(&format!("/scim2/Schemas/{CORE}")).await;
    let groups = user["attributes"].as_array().expect("attributes").iter().find(|one| one["name"] == "groups").expect("user.groups").clone();
    assert_eq!(groups["mutability"], "readOnly");
}
