//! A reset's life: superseded, resent, extended, completed by an administrator; sessions, restarts, addresses.

use rekey_tests::{ENTERPRISE, NewUser, Options, RESET, Rekey, User, WSO2, fresh_password, start};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

#[tokio::test]
async fn a_second_trigger_kills_the_first_ones_code_and_link() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let old = rekey.mail_to(user.address()).await;
    let old_session = anyone.login_with_code(&user, &old.code()).await;
    admin.trigger(&user).await.expect(200);

    anyone.validate_session(&old_session).await.expect(401);
    anyone.complete_session(&old_session, &fresh_password()).await.expect(401);
    anyone.complete(&old.token(), &fresh_password()).await.expect(410);
    anyone.validate(&old.token()).await.expect(410);
    anyone.refused("carol", &old.code()).await;
    let new = rekey.next_mail_to(user.address(), &[&old]).await;
    assert_ne!(new.code(), old.code());
    let states: Vec<_> = admin.resets(&user).await.iter().map(|reset| reset["state"].clone()).collect();
    assert_eq!(states, ["pending", "superseded"]);
    let session = anyone.login_with_code(&user, &new.code()).await;
    anyone.complete_session(&session, &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn sessions_opened_before_the_trigger_are_dead_when_it_is_answered() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let own = rekey.anyone().with_basic("carol", &user.password);
    own.get("/scim2/Me").await.expect(200);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(rekey.anyone().open_session(&user, &user.password).await);
    }
    admin.trigger(&user).await.expect(200);
    for session in &sessions {
        assert!(!session.session_is_alive().await);
    }
    own.get("/scim2/Me").await.expect(401);
    rekey.anyone().refused("carol", &user.password).await;
}

#[tokio::test]
async fn a_resent_reset_has_its_own_link_and_code_and_ends_the_old_one() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    order_with_reason(&rekey, &user, "a lost laptop").await;
    let old = rekey.mail_to(user.address()).await;
    let old_id = admin.reset_id(&user).await;
    admin.reset_verb(&old_id, "resend").await.expect_any(&[200, 201, 202]);

    let new = rekey.next_mail_to(user.address(), &[&old]).await;
    assert!(new.code() != old.code() && new.token() != old.token());
    let reset = admin.reset(&user).await;
    assert_ne!(reset["id"], json!(old_id));
    assert_eq!((&reset["reason"], &reset["methods"]), (&json!("a lost laptop"), &json!(["link", "otp"])));
    anyone.complete(&old.token(), &fresh_password()).await.expect(410);
    anyone.refused("carol", &old.code()).await;
    admin.reset_verb(&old_id, "resend").await.expect(409);
    anyone.complete(&new.token(), &fresh_password()).await.expect(204);
    admin.reset_verb(&admin.reset_id(&user).await, "resend").await.expect(409);
    assert_eq!(rekey.mails_to(user.address()).len(), 2);
}

async fn order_with_reason(rekey: &Rekey, user: &User, reason: &str) {
    let order = json!([{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true }, RESET: { "reason": reason } } }]);
    rekey.admin().patch_user(user, order).await.expect(200);
}

#[tokio::test]
async fn an_extended_reset_expires_later() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let soon = (OffsetDateTime::now_utc() + Duration::hours(1)).replace_nanosecond(0).expect("a whole second");
    let order = json!({ ENTERPRISE: { "forcePasswordReset": true }, RESET: { "expiresAt": soon.format(&Rfc3339).expect("a time") } });
    admin.patch_user(&user, json!([{ "op": "add", "value": order }])).await.expect(200);
    assert_eq!(expiry(&admin.reset(&user).await), soon);
    let id = admin.reset_id(&user).await;
    admin.reset_verb(&id, "extend").await.expect(200);
    assert!(expiry(&admin.reset(&user).await) > soon + Duration::hours(20));
    let mail = rekey.mail_to(user.address()).await;
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
    admin.reset_verb(&id, "extend").await.expect(409);
    admin.reset_verb(&id, "cancel").await.expect(409);
}

fn expiry(reset: &Value) -> OffsetDateTime {
    let text = reset["expiresAt"].as_str().unwrap_or_else(|| panic!("no expiresAt in {reset}"));
    OffsetDateTime::parse(text, &Rfc3339).expect("expiresAt is a time of RFC 3339")
}

#[tokio::test]
async fn an_administrator_who_sets_a_password_completes_the_reset() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link", "otp", "offline"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let offline = admin.offline_code(&user).await.expect("there is an offline code");
    let password = fresh_password();
    let answer = admin.set_password(&user, &password).await.expect(200).json();
    assert_eq!(answer[WSO2]["accountState"], "UNLOCKED");
    assert_eq!(admin.reset(&user).await["state"], "completed");
    anyone.open_session(&user, &password).await;
    anyone.refused("carol", &user.password).await;
    anyone.refused("carol", &mail.code()).await;
    anyone.refused("carol", &offline).await;
    anyone.complete(&mail.token(), &fresh_password()).await.expect(410);
}

#[tokio::test]
async fn when_the_same_request_changes_the_address_the_old_one_is_told_without_link_or_code() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin
        .patch_user(
            &user,
            json!([
                { "op": "replace", "path": "emails", "value": [{ "value": "new@example.org", "primary": true }] },
                { "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true } } }
            ]),
        )
        .await
        .expect(200);
    let (mail, notice) = (rekey.mail_to("new@example.org").await, rekey.mail_to("carol@example.com").await);
    assert_eq!(mail.to, ["new@example.org"]);
    assert_eq!(notice.to, ["carol@example.com"]);
    assert_ne!(mail.message_id, notice.message_id);
    for part in [&notice.text, &notice.html] {
        assert!(!part.contains("/reset") && !part.contains(&mail.code()) && !part.contains(&mail.token()), "{part}");
    }
    assert_eq!(notice.find_code(), None);
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn the_mail_of_a_pending_reset_goes_where_the_address_stood_and_a_resent_one_where_it_stands() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    rekey.mail_to("carol@example.com").await;
    admin.patch_user(&user, json!([{ "op": "replace", "path": "emails", "value": [{ "value": "later@example.org", "primary": true }] }])).await.expect(200);
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");
    admin.reset_verb(&admin.reset_id(&user).await, "resend").await.expect_any(&[200, 201, 202]);
    let mail = rekey.mail_to("later@example.org").await;
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
    assert_eq!(rekey.mails_to("carol@example.com").len(), 1);
}

#[tokio::test]
async fn an_inactive_user_is_reset_like_any_other_and_stays_inactive() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create(NewUser::named("carol").with("active", json!(false))).await;
    assert_eq!(admin.account_state(&user).await, "DISABLED");
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let password = fresh_password();
    rekey.anyone().complete(&mail.token(), &password).await.expect(204);
    rekey.anyone().refused("carol", &password).await;
    assert_eq!(admin.user(&user).await["active"], json!(false));
    admin.wait_for_account_state(&user, "DISABLED").await;
    admin.patch_user(&user, json!([{ "op": "replace", "path": "active", "value": true }])).await.expect(200);
    rekey.anyone().open_session(&user, &password).await;
}

#[tokio::test]
async fn the_users_document_says_how_the_reset_stands() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let document = admin.user(&user).await;
    let (extension, reset) = (&document[RESET], admin.reset(&user).await);
    assert_eq!(extension["resetId"], reset["id"], "{document}");
    assert_eq!(extension["state"], "pending");
    assert_eq!(extension["guessesLeft"], json!(5));
    assert_eq!(reset["guessesLeft"], json!(5));
    assert_eq!((&reset["userId"], &reset["userName"]), (&json!(user.id), &json!("carol")));
}

#[tokio::test]
async fn of_many_triggers_at_once_one_reset_is_left_and_one_link_is_good() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create_user("carol").await;
    let answers = futures::future::join_all((0..10).map(|_| admin.trigger(&user))).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 503)), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let resets = admin.resets(&user).await;
    assert_eq!(resets.iter().filter(|reset| reset["state"] == "pending").count(), 1, "{resets:?}");
    admin.wait_until_sent(&user).await;
    let mut good = 0;
    for mail in rekey.mails_to(user.address()) {
        good += usize::from(anyone.validate(&mail.token()).await.expect_any(&[200, 410]).status == 200);
    }
    assert_eq!(good, 1);
}

#[tokio::test]
async fn resets_are_listed_by_user_by_state_and_by_pages() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let (carol, dave) = (admin.create_user("carol").await, admin.create_user("dave").await);
    for user in [&carol, &carol, &dave] {
        admin.trigger(user).await.expect(200);
    }
    let list = async |query: &str| admin.get(&format!("/api/v1/password-resets{query}")).await.expect(200).json();
    let count = |page: &Value| page["resets"].as_array().map_or(0, Vec::len);
    assert_eq!((count(&list("").await), count(&list("?state=pending").await), count(&list("?state=superseded").await)), (3, 2, 1));
    assert_eq!(count(&list(&format!("?state=pending&userId={}", carol.id)).await), 1);
    admin.get("/api/v1/password-resets?state=lost").await.expect(400);
    let first = list("?limit=2").await;
    let second = list(&format!("?limit=2&cursor={}", first["next"].as_str().expect("there is a next page"))).await;
    assert_eq!((count(&first), count(&second), second["next"].as_str()), (2, 1, None));
    let id = admin.reset_id(&dave).await;
    assert_eq!(admin.get(&format!("/api/v1/password-resets/{id}")).await.expect(200).json(), admin.reset(&dave).await);
}

#[tokio::test]
async fn a_deleted_user_leaves_no_way_in() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    admin.delete(&user.path()).await.expect(204);
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect_any(&[404, 410]);
    rekey.anyone().refused("carol", &mail.code()).await;
    rekey.anyone().refused("carol", &user.password).await;
    admin.get(&user.path()).await.expect(404);
    admin.trigger(&user).await.expect(404);
    admin.create_user("carol").await;
}
