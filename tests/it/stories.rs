//! The guide's three "Try it out" stories, and its command to the letter.

use rekey_tests::{LOGIN_FAILED, Options, Rekey, User, WSO2, fresh_password, start};
use serde_json::{Value, json};
use std::process::Command;

#[tokio::test]
async fn a_user_comes_back_by_the_mailed_link() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link"]).await;
    let user = admin.create_user("carol").await;

    let answer = admin.trigger(&user).await.expect(200);
    assert_eq!(answer.json()[WSO2]["accountState"], "PENDING_FUPR");
    let refused = anyone.refused("carol", &user.password).await;
    assert_eq!(refused.json()["message"], LOGIN_FAILED);

    let mail = rekey.mail_to("carol@example.com").await;
    assert!(mail.link().starts_with(&format!("{}/t/default/reset#", rekey.base())), "{}", mail.link());
    assert_eq!(mail.find_code(), None, "a code in a mail of the method link");
    open_many_times(&rekey, &mail.link()).await;
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");

    let password = fresh_password();
    anyone.complete(&mail.token(), &password).await.expect(204);
    assert_works(&rekey, &user, &password).await;
    anyone.refused("carol", &user.password).await;
    anyone.complete(&mail.token(), &fresh_password()).await.expect(410);
    assert_works(&rekey, &user, &password).await;
}

#[tokio::test]
async fn a_user_comes_back_by_the_mailed_code() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);

    let mail = rekey.mail_to("carol@example.com").await;
    assert_eq!(mail.find_link(), None, "a link in a mail of the method otp");
    let session = anyone.login_with_code(&user, &mail.code()).await;
    assert_good_for_nothing_else(&rekey, &session).await;

    let password = fresh_password();
    anyone.complete_session(&session, &password).await.expect(204);
    assert_works(&rekey, &user, &password).await;
    anyone.refused("carol", &mail.code()).await;
    anyone.refused("carol", &user.password).await;
    anyone.complete_session(&session, &fresh_password()).await.expect(401);
}

#[tokio::test]
async fn a_user_comes_back_by_the_code_that_an_administrator_reads_out() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["offline"]).await;
    let user = admin.create_user("carol").await;
    assert_eq!(admin.offline_code(&user).await, None);
    admin.trigger(&user).await.expect(200);
    anyone.refused("carol", &user.password).await;

    let code = admin.offline_code(&user).await.expect("the administrator reads the code");
    assert!(is_grouped(&code), "{code}");
    assert_shown_on_request_only(&rekey, &user, &code).await;
    let session = anyone.login_with_code(&user, &code).await;
    let password = fresh_password();
    anyone.complete_session(&session, &password).await.expect(204);
    assert_works(&rekey, &user, &password).await;
    assert_eq!(admin.offline_code(&user).await, None, "the code outlived the reset");
    anyone.refused("carol", &code).await;

    rekey.all_mail_is_here().await;
    assert!(rekey.mails_to("carol@example.com").is_empty(), "the method offline sent a mail");
}

#[tokio::test]
async fn the_command_of_the_guide_works_to_the_letter() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], "Operations": [ {"op": "add","value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"forcePasswordReset": true}}}]}"#;
    let url = format!("{}/scim2/Users/{}", rekey.base(), user.id);
    let curl = Command::new("curl")
        .args([
            "-v",
            "-k",
            "--user",
            &format!("admin:{}", rekey.admin_password()),
            "-X",
            "PATCH",
            "-d",
            body,
            "--header",
            "Content-Type:application/json",
            &url,
        ])
        .output()
        .expect("curl is installed");
    let log = String::from_utf8_lossy(&curl.stderr);
    assert!(log.lines().any(|line| line.contains("< HTTP/") && line.contains(" 200")), "{log}");
    assert!(log.lines().any(|line| line.to_lowercase().trim_end() == format!("< location: {url}").to_lowercase()), "{log}");
    let answer: Value = serde_json::from_slice(&curl.stdout).expect("curl prints the user");
    assert_eq!(answer["id"], json!(user.id));
    assert_eq!(answer[WSO2]["accountLocked"], json!(true));
    assert_eq!(answer[WSO2]["lockedReason"], "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET");
    assert_eq!(answer[WSO2]["accountState"], "PENDING_FUPR");
    rekey.mail_to("carol@example.com").await;
}

async fn open_many_times(rekey: &Rekey, link: &str) {
    let page = link.split('#').next().expect("a link").strip_prefix(&rekey.base()).expect("on the public base").to_owned();
    for _ in 0..20 {
        rekey.anyone().get(&page).await.expect(200);
        let head = rekey.anyone().request(reqwest::Method::HEAD, &page).send().await.expect("an answer");
        assert_eq!(head.status(), 200);
    }
}

/// The password logs in, and the account is as if nothing had been.
async fn assert_works(rekey: &Rekey, user: &User, password: &str) {
    assert!(rekey.anyone().open_session(user, password).await.session_is_alive().await);
    rekey.admin().wait_for_account_state(user, "UNLOCKED").await;
    assert_eq!(rekey.admin().reset(user).await["state"], "completed");
}

async fn assert_good_for_nothing_else(rekey: &Rekey, session: &str) {
    let anyone = rekey.anyone();
    anyone.validate_session(session).await.expect(200);
    for path in ["/scim2/Me", "/scim2/Users", "/api/v1/password-resets"] {
        anyone.with_bearer(session).get(path).await.expect(401);
        anyone.with_basic("carol", session).get(path).await.expect(401);
        anyone.with_cookie(&format!("__Host-rekey-session={session}")).get(path).await.expect(401);
    }
    anyone.with_bearer(session).get("/api/v1/session").await.expect(401);
}

async fn assert_shown_on_request_only(rekey: &Rekey, user: &User, code: &str) {
    let admin = rekey.admin();
    let asked = format!("attributes={WSO2}:oneTimePassword");
    let me = rekey.anyone().with_basic("admin", rekey.admin_password());
    for path in [user.path(), format!("/scim2/Users?{asked}"), "/scim2/Users".to_owned()] {
        assert!(!admin.get(&path).await.expect(200).text().contains(code), "the code is in {path}");
    }
    assert!(!me.get(&format!("/scim2/Me?{asked}")).await.expect(200).text().contains("oneTimePassword"));
    admin.get("/scim2/Users?filter=urn%3Ascim%3Awso2%3Aschema%3AoneTimePassword%20pr").await.expect(400);
}

/// `XXXX-XXXX-XXXXX`
fn is_grouped(code: &str) -> bool {
    let groups: Vec<_> = code.split('-').map(str::len).collect();
    groups == [4, 4, 5] && code.bytes().all(|byte| b"-0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&byte))
}
