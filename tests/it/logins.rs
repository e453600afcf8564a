//! Logins, sessions, and that every failed login is like any other.

use rekey_tests::{Answer, NewUser, Options, start};
use serde_json::json;

#[tokio::test]
async fn every_failed_login_is_the_same_to_the_byte() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let locked = admin.create_user("locked").await;
    let disabled = admin.create(NewUser::named("disabled").with("active", json!(false))).await;
    let pending = admin.create_user("pending").await;
    admin.create_user("plain").await;
    admin.set_locked(&locked, true).await.expect(200);
    admin.trigger(&pending).await.expect(200);
    let failures = [
        anyone.refused("nobody", "Some password of nobody").await,
        anyone.refused("plain", "not the right password").await,
        anyone.refused("plain", "").await,
        anyone.refused("", "").await,
        anyone.refused(&locked.user_name, &locked.password).await,
        anyone.refused(&disabled.user_name, &disabled.password).await,
        anyone.refused(&pending.user_name, &pending.password).await,
        anyone.refused(&pending.user_name, "00000000").await,
        anyone.refused("plain", &"x".repeat(5_000)).await,
        anyone.in_tenant("nowhere").refused("plain", "not the right password").await,
    ];
    for failure in &failures {
        assert_eq!(failure.body, failures[0].body);
        assert_eq!(headers(failure), headers(&failures[0]));
    }
}

/// Name and value of each, but for the time.
fn headers(answer: &Answer) -> Vec<(String, String)> {
    let mut headers: Vec<_> = answer.headers.iter().map(|(name, value)| (name.to_string(), format!("{value:?}"))).filter(|(name, _)| name != "date").collect();
    headers.sort();
    headers
}

#[tokio::test]
async fn a_session_lives_until_it_is_logged_out() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    let (one, two) = (rekey.anyone().open_session(&user, &user.password).await, rekey.anyone().open_session(&user, &user.password).await);
    assert!(one.session_is_alive().await && two.session_is_alive().await);
    one.post("/api/v1/logout", &json!({})).await.expect_any(&[200, 204]);
    assert!(!one.session_is_alive().await);
    assert!(two.session_is_alive().await, "one logout ended another session");
    assert!(!rekey.anyone().session_is_alive().await);
}

#[tokio::test]
async fn a_sessions_cookie_is_kept_from_scripts_and_plain_http() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    let answer = rekey.anyone().login("carol", &user.password).await.expect(200);
    rekey.secrets().add(answer.cookies().split_once('=').map_or("", |(_, value)| value));
    let cookie = answer.header("set-cookie").to_lowercase();
    for flag in ["secure", "httponly", "samesite", "path=/"] {
        assert!(cookie.contains(flag), "no {flag} in the session's cookie");
    }
    assert_eq!(answer.json(), json!({ "status": "authenticated" }));
}

#[tokio::test]
async fn a_login_name_is_read_in_any_case() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("Carol.Oyster").await;
    rekey.anyone().login("cAROL.oYSTER", &user.password).await.expect(200);
    rekey.anyone().with_basic("CAROL.OYSTER", &user.password).get("/scim2/Me").await.expect(200);
}

#[tokio::test]
async fn everything_but_discovery_and_the_ways_in_wants_a_credential_first() {
    let rekey = start(Options::default()).await;
    let anyone = rekey.anyone();
    for path in [
        "/scim2/Users",
        "/scim2/Me",
        "/scim2/Users/x",
        "/scim2/Nothing",
        "/api/v1/password-resets",
        "/api/v1/tenants",
        "/api/v1/nothing",
        "/api/server/v1/identity-governance",
        "/api/server/v1/claim-dialects",
        "/api/server/v1/nothing",
        "/t/nowhere/scim2/Users",
        "/t/default/scim2/Users",
    ] {
        let answer = anyone.get(path).await.expect(401);
        assert!(path.contains("/api/") || !answer.header("www-authenticate").is_empty(), "{path} challenges nobody");
        anyone.with_basic("admin", "wrong").get(path).await.expect(401);
    }
    for path in ["ServiceProviderConfig", "ResourceTypes", "Schemas"] {
        anyone.get(&format!("/scim2/{path}")).await.expect(200);
        anyone.in_tenant("default").get(&format!("/scim2/{path}")).await.expect(200);
    }
}
