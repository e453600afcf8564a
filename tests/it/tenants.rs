//! Tenants know nothing of each other.

use rekey_tests::{Api, NewUser, Options, Rekey, User, WSO2, fresh_password, start, users::guide_body};
use serde_json::json;

#[tokio::test]
async fn another_tenants_administrator_gets_no_hint() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let (reset, token) = (admin.reset_id(&user).await, rekey.mail_to(user.address()).await.token());
    let boss = admin.create_tenant("acme", &fresh_password()).await;
    let unknown = User { id: "01890000-0000-7000-8000-000000000000".to_owned(), ..user.clone() };

    assert_credentials_stay_at_home(&rekey, &boss, &user).await;
    for (path, nowhere) in [
        (user.path(), unknown.path()),
        (format!("/api/v1/password-resets/{reset}"), format!("/api/v1/password-resets/{}", unknown.id)),
        (format!("/api/v1/password-resets?userId={}", user.id), format!("/api/v1/password-resets?userId={}", unknown.id)),
    ] {
        let (found, missing) = (boss.get(&path).await, boss.get(&nowhere).await);
        assert!(missing.status == 404 || path.contains('?'), "{nowhere}: {}", missing.status);
        assert_eq!(found.status, missing.status, "{path}");
        assert_eq!(found.text().replace(&user.id, "").replace(&reset, ""), missing.text().replace(&unknown.id, ""), "{path}");
    }
    boss.trigger(&user).await.expect(404);
    boss.set_locked(&user, false).await.expect(404);
    boss.put(&user.path(), &NewUser::named("carol").document()).await.expect(404);
    boss.delete(&user.path()).await.expect(404);
    for verb in ["resend", "cancel", "extend"] {
        boss.reset_verb(&reset, verb).await.expect(404);
    }
    boss.complete(&token, &fresh_password()).await.expect(404);
    boss.anonymous().validate(&token).await.expect(404);
    assert_eq!(admin.reset(&user).await["state"], "pending");
    rekey.anyone().complete(&token, &fresh_password()).await.expect(204);
}

/// Credentials and sessions of a tenant are nothing in another.
async fn assert_credentials_stay_at_home(rekey: &Rekey, boss: &Api, user: &User) {
    let anyone = rekey.anyone();
    let elsewhere = anyone.in_tenant("acme").with_basic("admin", rekey.admin_password());
    for path in ["/scim2/Users", "/api/v1/password-resets", "/api/server/v1/identity-governance"] {
        elsewhere.get(path).await.expect(401);
        boss.in_tenant("default").get(path).await.expect(401);
        boss.get(path).await.expect(200);
    }
    anyone.in_tenant("acme").refused(&user.user_name, &user.password).await;
    let session = anyone.login("admin", rekey.admin_password()).await.expect(200).cookies();
    anyone.in_tenant("acme").with_cookie(&session).get("/api/v1/session").await.expect(401);
}

#[tokio::test]
async fn a_tenant_has_its_own_users_options_and_links() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let boss = admin.create_tenant("acme", &fresh_password()).await;
    admin.enable(&["offline"]).await;
    boss.enable(&["link"]).await;
    let (ours, theirs) = (admin.create_user("carol").await, boss.create(NewUser::named("carol").with("emails", json!([]))).await);
    assert_ne!(ours.id, theirs.id);
    boss.patch_user(&theirs, json!([{ "op": "replace", "path": "emails", "value": [{ "value": "carol@acme.example", "primary": true }] }])).await.expect(200);
    let answer = boss.trigger(&theirs).await.expect(200);
    assert_eq!(answer.json()[WSO2]["accountState"], "PENDING_FUPR");
    assert_eq!(admin.account_state(&ours).await, "UNLOCKED");

    let mail = rekey.mail_to("carol@acme.example").await;
    assert!(mail.link().starts_with(&format!("{}/t/acme/reset#", rekey.base())), "{}", mail.link());
    boss.anonymous().get("/reset").await.expect(200);
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(404);
    let password = fresh_password();
    boss.anonymous().complete(&mail.token(), &password).await.expect(204);
    boss.anonymous().open_session(&theirs, &password).await;
    rekey.anyone().refused("carol", &password).await;
    rekey.anyone().open_session(&ours, &ours.password).await;
    assert_eq!(boss.resets(&theirs).await.len(), 1);
    assert!(admin.resets(&ours).await.is_empty());
}

#[tokio::test]
async fn tenants_are_the_business_of_the_default_ones_administrators() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let boss = admin.create_tenant("acme", &fresh_password()).await;
    let new = json!({ "name": "Other", "domain": "other", "admin": { "username": "boss", "password": fresh_password() } });
    boss.post("/api/v1/tenants", &new).await.expect_any(&[403, 404]);
    boss.delete("/api/v1/tenants/acme").await.expect_any(&[403, 404]);
    boss.get("/api/v1/tenants/default").await.expect_any(&[403, 404]);
    assert_eq!(admin.get("/api/v1/tenants/acme").await.expect(200).json()["domain"], "acme");
    admin.get("/api/v1/tenants/nowhere").await.expect(404);
    let all = admin.get("/api/v1/tenants").await.expect(200).text();
    assert!(all.contains("acme") && all.contains("default"), "{all}");
    admin
        .post("/api/v1/tenants", &json!({ "name": "Again", "domain": "acme", "admin": { "username": "boss", "password": fresh_password() } }))
        .await
        .expect(409);
    admin.patch("/api/v1/tenants/acme", &json!({ "name": "Acme & Sons" })).await.expect(200);
    assert_eq!(admin.get("/api/v1/tenants/acme").await.expect(200).json()["name"], "Acme & Sons");
    admin
        .post("/api/v1/tenants", &json!({ "name": "Weak", "domain": "weak", "admin": { "username": "boss", "password": "short" } }))
        .await
        .expect_any(&[400, 422]);
    admin.get("/api/v1/tenants/weak").await.expect(404);
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_with_all_that_it_had() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let boss = admin.create_tenant("acme", &fresh_password()).await;
    let user = boss.create_user("carol").await;
    boss.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    admin.delete("/api/v1/tenants/acme").await.expect(204);
    admin.get("/api/v1/tenants/acme").await.expect(404);
    boss.get("/scim2/Users").await.expect(401);
    boss.patch(&user.path(), &guide_body()).await.expect(401);
    boss.anonymous().refused("carol", &user.password).await;
    boss.anonymous().complete(&mail.token(), &fresh_password()).await.expect_any(&[404, 410]);
}

#[tokio::test]
async fn the_default_tenant_has_two_addresses() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let long = admin.in_tenant("default");
    assert_eq!(long.user(&user).await["userName"], "carol");
    long.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    long.anonymous().validate(&mail.token()).await.expect(200);
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
}
