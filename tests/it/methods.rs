//! Which ways back in there are, and what happens when there is none.

use rekey_tests::{Api, ENTERPRISE, Mail, NewUser, Options, RESET, Rekey, User, fresh_password, start};
use serde_json::json;

const ALL: [&str; 3] = ["link", "otp", "offline"];

#[tokio::test]
async fn all_methods_at_once_send_one_mail_and_the_first_way_in_closes_the_others() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&ALL).await;
    for way in ALL {
        let user = admin.create_user(&format!("user-of-{way}")).await;
        let (mail, offline) = order(&rekey, &user).await;
        let session = match way {
            "link" => None,
            "otp" => Some(rekey.anyone().login_with_code(&user, &mail.code()).await),
            _ => Some(rekey.anyone().login_with_code(&user, &offline).await),
        };
        let password = fresh_password();
        match &session {
            None => rekey.anyone().complete(&mail.token(), &password).await.expect(204),
            Some(session) => rekey.anyone().complete_session(session, &password).await.expect(204),
        };
        assert_all_ways_are_closed(&rekey, &user, &mail, &offline).await;
        rekey.anyone().open_session(&user, &password).await;
    }
}

async fn order(rekey: &Rekey, user: &User) -> (Mail, String) {
    let admin = rekey.admin();
    admin.trigger(user).await.expect(200);
    admin.wait_until_sent(user).await;
    let mails = rekey.mails_to(user.address());
    assert_eq!(mails.len(), 1, "{mails:?}");
    let offline = admin.offline_code(user).await.expect("there is an offline code");
    assert!(!mails[0].text.contains(&offline), "the offline code was mailed");
    (mails[0].clone(), offline)
}

async fn assert_all_ways_are_closed(rekey: &Rekey, user: &User, mail: &Mail, offline: &str) {
    let anyone = rekey.anyone();
    anyone.complete(&mail.token(), &fresh_password()).await.expect(410);
    anyone.refused(&user.user_name, &mail.code()).await;
    anyone.refused(&user.user_name, offline).await;
    assert_eq!(rekey.admin().offline_code(user).await, None);
}

#[tokio::test]
async fn with_no_method_on_a_trigger_is_refused_and_nothing_changes() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.enable(&[]).await;
    assert_refused_without_a_trace(&rekey, &user).await;
    rekey.all_mail_is_here().await;
    assert!(rekey.mails_to(user.address()).is_empty());
}

#[tokio::test]
async fn a_user_without_an_address_is_refused_the_link_and_nothing_changes() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link"]).await;
    let user = admin.create(NewUser::named("carol").without_address()).await;
    assert_refused_without_a_trace(&rekey, &user).await;
}

#[tokio::test]
async fn a_user_without_an_address_is_reset_when_offline_is_on_as_well() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "offline"]).await;
    let user = admin.create(NewUser::named("carol").without_address()).await;
    admin.trigger(&user).await.expect(200);
    let code = admin.offline_code(&user).await.expect("there is an offline code");
    let session = rekey.anyone().login_with_code(&user, &code).await;
    let password = fresh_password();
    rekey.anyone().complete_session(&session, &password).await.expect(204);
    rekey.anyone().open_session(&user, &password).await;
}

async fn assert_refused_without_a_trace(rekey: &Rekey, user: &User) {
    let admin = rekey.admin();
    let session = rekey.anyone().open_session(user, &user.password).await;
    let before = admin.snapshot(user).await;
    let answer = admin.trigger(user).await.expect(400);
    assert_eq!(answer.json()["scimType"], "invalidValue");
    assert_eq!(answer.json()["status"], "400");
    assert!(!answer.json()["detail"].as_str().unwrap_or_default().is_empty());
    assert_eq!(admin.snapshot(user).await, before);
    assert!(session.session_is_alive().await, "a refused trigger ended a session");
    rekey.anyone().open_session(user, &user.password).await;
}

#[tokio::test]
async fn the_refusal_names_what_is_missing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create(NewUser::named("carol").without_address()).await;
    let detail = async |admin: &Api| admin.trigger(&user).await.expect(400).json()["detail"].as_str().unwrap_or_default().to_lowercase();
    admin.enable(&["link"]).await;
    let missing = detail(&admin).await;
    assert!(missing.contains("address"), "{missing}");
    admin.enable(&[]).await;
    let disabled = detail(&admin).await;
    assert!(ALL.iter().all(|method| disabled.contains(method)), "{disabled}");
}

#[tokio::test]
async fn a_request_may_narrow_the_methods() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    let order = |methods: &[&str]| json!([{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true }, RESET: { "methods": methods, "reason": "seen in a leak" } } }]);
    admin.patch_user(&user, order(&["offline"])).await.expect(400);
    assert_eq!(admin.account_state(&user).await, "UNLOCKED");
    admin.patch_user(&user, order(&["otp"])).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    assert!(mail.find_link().is_none() && mail.find_code().is_some(), "{}", mail.text);
    let reset = admin.reset(&user).await;
    assert_eq!(reset["methods"], json!(["otp"]));
    assert_eq!(reset["reason"], "seen in a leak");
    assert!(reset["initiator"].as_str().is_some_and(|initiator| !initiator.is_empty()), "{reset}");
}

#[tokio::test]
async fn a_governance_change_counts_for_the_very_next_trigger() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    for _ in 0..5 {
        admin.enable(&[]).await;
        admin.trigger(&user).await.expect(400);
        admin.enable(&["offline"]).await;
        admin.trigger(&user).await.expect(200);
    }
}
