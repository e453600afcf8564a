//! Who may do what.

use rekey_tests::{ENTERPRISE, NewUser, Options, WSO2, fresh_password, governance::CONNECTOR, start};
use serde_json::json;

#[tokio::test]
async fn a_help_desk_may_reset_plain_users_and_little_else() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["offline"]).await;
    let agent = admin.create(NewUser::named("agent").role("helpdesk")).await;
    let user = admin.create_user("carol").await;
    let desk = rekey.anyone().with_basic("agent", &agent.password);

    desk.trigger(&user).await.expect(200);
    assert!(desk.offline_code(&user).await.is_some());
    let id = desk.reset_id(&user).await;
    desk.reset_verb(&id, "resend").await.expect_any(&[200, 201, 202]);
    desk.reset_verb(&desk.reset_id(&user).await, "cancel").await.expect(200);
    desk.get("/scim2/Users").await.expect(200);
    desk.get(CONNECTOR).await.expect(403);
    desk.set_options(&[("Recovery.AdminPasswordReset.OTP", "true")]).await.expect(403);
    desk.post("/scim2/Users", &NewUser::named("dave").document()).await.expect(403);
    desk.delete(&user.path()).await.expect(403);
    desk.get("/api/v1/tenants").await.expect(403);
    desk.set_locked(&user, true).await.expect(403);
    desk.set_password(&user, &fresh_password()).await.expect(403);
    assert_eq!(admin.option("Recovery.AdminPasswordReset.OTP").await, "false");
}

#[tokio::test]
async fn a_help_desk_may_not_reset_an_administrator() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["offline"]).await;
    let agent = admin.create(NewUser::named("agent").role("helpdesk")).await;
    let chief = admin.create(NewUser::named("chief").role("admin")).await;
    let desk = rekey.anyone().with_basic("agent", &agent.password);
    let before = admin.snapshot(&chief).await;
    let answer = desk.trigger(&chief).await.expect(403);
    assert_eq!(answer.json()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    assert_eq!(admin.snapshot(&chief).await, before);
    rekey.anyone().open_session(&chief, &chief.password).await;

    admin.trigger(&chief).await.expect(200);
    let id = admin.reset_id(&chief).await;
    for verb in ["resend", "cancel", "extend"] {
        desk.reset_verb(&id, verb).await.expect(403);
    }
    let asked = desk.get(&format!("{}?attributes={WSO2}:oneTimePassword", chief.path())).await;
    let code = admin.offline_code(&chief).await.expect("the administrator may read it");
    assert!(!asked.text().contains(&code), "the help desk reads an administrator's code");
    assert_eq!(admin.reset_id(&chief).await, id);
}

#[tokio::test]
async fn a_help_desk_that_changes_anything_else_in_the_same_request_changes_nothing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let agent = admin.create(NewUser::named("agent").role("helpdesk")).await;
    let user = admin.create_user("carol").await;
    let desk = rekey.anyone().with_basic("agent", &agent.password);
    let before = admin.snapshot(&user).await;
    let trigger = json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true } } });
    for other in [
        json!({ "op": "replace", "path": "displayName", "value": "Mallory" }),
        json!({ "op": "replace", "path": "emails", "value": [{ "value": "mallory@example.com", "primary": true }] }),
        json!({ "op": "add", "value": { ENTERPRISE: { "department": "Mallory" } } }),
        json!({ "op": "add", "path": "roles", "value": [{ "value": "admin" }] }),
    ] {
        desk.patch_user(&user, json!([trigger, other])).await.expect(403);
        desk.patch_user(&user, json!([other])).await.expect(403);
    }
    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
}

#[tokio::test]
async fn a_plain_user_sees_nobody_but_itself() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let (user, other) = (admin.create_user("carol").await, admin.create_user("dave").await);
    let own = rekey.anyone().with_basic("carol", &user.password);
    assert_eq!(own.get("/scim2/Me").await.expect(200).json()["userName"], "carol");
    for path in [other.path(), "/scim2/Users".to_owned(), "/api/v1/password-resets".to_owned(), CONNECTOR.to_owned(), "/api/v1/tenants".to_owned()] {
        own.get(&path).await.expect(403);
    }
    own.trigger(&other).await.expect(403);
    own.delete(&other.path()).await.expect(403);
    own.post("/scim2/Users", &NewUser::named("eve").document()).await.expect(403);
    admin.trigger(&other).await.expect(200);
    let id = admin.reset_id(&other).await;
    own.get(&format!("/api/v1/password-resets/{id}")).await.expect(403);
    own.reset_verb(&id, "cancel").await.expect(403);
}

#[tokio::test]
async fn nobody_gives_a_role_with_more_than_they_have() {
    let rekey = start(Options::default()).await;
    let boss = rekey.admin().create_tenant("acme", &fresh_password()).await;
    boss.create(NewUser::named("second").role("admin")).await;
    let agent = boss.create(NewUser::named("agent").role("helpdesk")).await;
    let desk = boss.with_basic("agent", &agent.password);
    desk.patch_user(&agent, json!([{ "op": "replace", "path": "roles", "value": [{ "value": "admin" }] }])).await.expect(403);
    assert_eq!(boss.user(&agent).await["roles"][0]["value"], "helpdesk");
}
