//! Who may do what with groups, searches and bulk requests.

use rekey_tests::{
    NewUser, Options,
    scim::{SEARCH, add_members, group_document},
    start,
};
use serde_json::json;

#[tokio::test]
async fn a_plain_user_reads_and_writes_no_groups() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create(NewUser::named("carol")).await;
    let group = admin.create_group("Crew", &[&user.id]).await;
    let before = admin.document(&group.path()).await;
    let own = rekey.anyone().with_basic("carol", &user.password);
    for answer in [
        own.get("/scim2/Groups").await,
        own.get(&group.path()).await,
        own.post("/scim2/Groups", &group_document("Mine", &[&user.id])).await,
        own.put(&group.path(), &group_document("Mine", &[])).await,
        own.patch_at(&group.path(), add_members(&[&user.id])).await,
        own.delete(&group.path()).await,
        own.post("/scim2/.search", &json!({ "schemas": [SEARCH] })).await,
        own.post("/scim2/Users/.search", &json!({ "schemas": [SEARCH] })).await,
        own.post("/scim2/Groups/.search", &json!({ "schemas": [SEARCH] })).await,
    ] {
        answer.expect_error(403, "");
    }
    let operations = [
        json!({ "method": "DELETE", "path": format!("/Groups/{}", group.id) }),
        json!({ "method": "POST", "path": "/Users", "bulkId": "x", "data": { "schemas": [rekey_tests::CORE], "userName": "mallory" } }),
    ];
    let answer = own.bulk(&operations).await.expect_any(&[200, 403]);
    if answer.status == 200 {
        let outcomes = answer.json()["Operations"].clone();
        assert!(outcomes.as_array().expect("operations").iter().all(|outcome| outcome["status"] == "403"), "{outcomes}");
    }
    assert_eq!(admin.document(&group.path()).await, before);
    assert_eq!(own.get("/scim2/Me").await.expect(200).json()["groups"][0]["display"], "Crew", "their own they see");
}

#[tokio::test]
async fn a_help_desk_changes_no_groups() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let agent = admin.create(NewUser::named("agent").role("helpdesk")).await;
    let group = admin.create_group("Crew", &[&agent.id]).await;
    let desk = rekey.anyone().with_basic("agent", &agent.password);
    let before = admin.document(&group.path()).await;
    desk.post("/scim2/Users/.search", &json!({ "schemas": [SEARCH], "filter": "userName eq \"agent\"" })).await.expect(200);
    desk.post("/scim2/Groups", &group_document("Mine", &[])).await.expect_error(403, "");
    desk.put(&group.path(), &group_document("Mine", &[])).await.expect_error(403, "");
    desk.patch_at(&group.path(), add_members(&[&agent.id])).await.expect_error(403, "");
    desk.delete(&group.path()).await.expect_error(403, "");
    assert_eq!(admin.document(&group.path()).await, before);
}

#[tokio::test]
async fn a_groups_members_get_no_rights_from_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create(NewUser::named("carol")).await;
    for name in ["admin", "admins", "helpdesk"] {
        admin.create_group(name, &[&user.id]).await;
    }
    let own = rekey.anyone().with_basic("carol", &user.password);
    own.get("/scim2/Users").await.expect_error(403, "");
    own.get("/scim2/Groups").await.expect_error(403, "");
}
