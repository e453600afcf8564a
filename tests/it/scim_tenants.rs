//! Tenants know nothing of each other's users and groups, whichever way they ask.

use rekey_tests::{
    Api, Options, Rekey, User, fresh_password,
    scim::{Group, SEARCH, add_members, group_document, names, with_query},
    start,
};
use serde_json::json;

/// Ours, with a user in a group; and the administrator of another tenant, with a user and a group of its own.
struct Two {
    rekey: Rekey,
    admin: Api,
    boss: Api,
    user: User,
    group: Group,
    theirs: Group,
}

async fn two() -> Two {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let boss = admin.create_tenant("acme", &fresh_password()).await;
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[&user.id]).await;
    let other = boss.people(&["dave"]).await.remove(0);
    let theirs = boss.create_group("Crew", &[&other.id]).await;
    Two { rekey, admin, boss, user, group, theirs }
}

#[tokio::test]
async fn another_tenants_group_is_as_none() {
    let Two { rekey: _rekey, admin, boss, user, group, theirs } = two().await;
    let before = admin.document(&group.path()).await;
    let nowhere = "/scim2/Groups/01890000-0000-7000-8000-000000000000".to_owned();
    let (found, missing) = (boss.get(&group.path()).await.expect_error(404, ""), boss.get(&nowhere).await.expect_error(404, ""));
    assert_eq!(found.text().replace(&group.id, ""), missing.text().replace("01890000-0000-7000-8000-000000000000", ""));
    boss.put(&group.path(), &group_document("Theirs", &[])).await.expect_error(404, "");
    boss.patch_at(&group.path(), json!([{ "op": "remove", "path": "members" }])).await.expect_error(404, "");
    boss.delete(&group.path()).await.expect_error(404, "");
    for member in [&user.id, &group.id] {
        boss.post("/scim2/Groups", &group_document("Theirs", &[member])).await.expect_error(400, "invalidValue");
        boss.patch_at(&theirs.path(), add_members(&[member])).await.expect_error(400, "invalidValue");
    }
    assert_eq!(admin.document(&group.path()).await, before);
    assert_eq!(admin.groups_of(&user).await, ["Crew direct"]);
}

#[tokio::test]
async fn no_filter_search_or_cursor_reaches_over() {
    let Two { rekey: _rekey, admin, boss, user, group, theirs } = two().await;
    let (by_id, by_member) = (format!("id eq \"{}\"", user.id), format!("members.value eq \"{}\"", user.id));
    let by_group = format!("groups.value eq \"{}\"", group.id);
    for filter in [by_id.as_str(), by_group.as_str(), "userName eq \"carol\"", "userName sw \"c\" or addresses.locality eq \"x\""] {
        assert_eq!(admin.found(filter).await.len(), 1, "{filter}");
        let hidden = boss.list("/scim2/Users", &[("filter", filter)]).await;
        assert_eq!((&hidden["totalResults"], &hidden["Resources"]), (&json!(0), &json!([])), "{filter}");
    }
    assert_eq!(boss.list("/scim2/Groups", &[("filter", &by_member)]).await["totalResults"], 0);
    assert_eq!(boss.list("/scim2/Users", &[("filter", "groups.display eq \"Crew\"")]).await["totalResults"], 1);
    let all = boss.post("/scim2/.search", &json!({ "schemas": [SEARCH] })).await.expect(200);
    assert!(!all.text().contains(&user.id) && !all.text().contains(&group.id) && all.text().contains(&theirs.id));
    assert_eq!(all.json()["totalResults"], 3, "boss, dave and Crew: {}", all.text());
    assert!(all.text().contains("/t/acme/scim2/Groups/"), "locations are the tenant's own");

    let ours = admin.list("/scim2/Users", &[("count", "1"), ("cursor", ""), ("sortBy", "userName")]).await;
    let cursor = ours["nextCursor"].as_str().expect("there is more");
    let answer = boss.get(&with_query("/scim2/Users", &[("count", "10"), ("cursor", cursor), ("sortBy", "userName")])).await;
    assert!([200, 400].contains(&answer.status), "{}", answer.text());
    assert!(!answer.text().contains("carol") && !names(&answer.json()).contains(&"admin".to_owned()), "{}", answer.text());
}

#[tokio::test]
async fn no_bulk_operation_reaches_over() {
    let Two { rekey: _rekey, admin, boss, user, group, theirs } = two().await;
    let before = (admin.user(&user).await, admin.document(&group.path()).await);
    let rename =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "path": "displayName", "value": "x" }] });
    let member = json!({ "Operations": add_members(&[&user.id]) });
    let outcomes = boss
        .bulk_outcomes(&[
            json!({ "method": "DELETE", "path": format!("/Users/{}", user.id) }),
            json!({ "method": "PATCH", "path": format!("/Users/{}", user.id), "data": rekey_tests::users::guide_body() }),
            json!({ "method": "PATCH", "path": format!("/Groups/{}", group.id), "data": rename }),
            json!({ "method": "DELETE", "path": format!("/Groups/{}", group.id) }),
            json!({ "method": "PATCH", "path": format!("/Groups/{}", theirs.id), "data": member }),
            json!({ "method": "POST", "path": "/Groups", "bulkId": "g", "data": group_document("New", &[&user.id]) }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "u", "data": { "schemas": [rekey_tests::CORE], "userName": "carol" } }),
        ])
        .await;
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap_or_default()).collect();
    assert_eq!(statuses, ["404", "404", "404", "404", "400", "400", "201"], "{outcomes:?}");
    assert_eq!((admin.user(&user).await, admin.document(&group.path()).await), before);
}

#[tokio::test]
async fn a_tenant_that_is_none_describes_nothing() {
    let rekey = start(Options::default()).await;
    let anyone = rekey.anyone();
    for document in ["ServiceProviderConfig", "ResourceTypes", "ResourceTypes/User", "Schemas"] {
        anyone.get(&format!("/t/nosuch/scim2/{document}")).await.expect_error(404, "");
        anyone.get(&format!("/t/default/scim2/{document}")).await.expect(200);
    }
    anyone.get("/t/nosuch/scim2/Users").await.expect_error(401, "");
}

#[tokio::test]
async fn a_deleted_tenants_groups_go_with_it() {
    let Two { rekey: _rekey, admin, boss, group, theirs, .. } = two().await;
    admin.delete("/api/v1/tenants/acme").await.expect(204);
    boss.get(&theirs.path()).await.expect(401);
    admin.get(&theirs.path()).await.expect_error(404, "");
    admin.document(&group.path()).await;
}
