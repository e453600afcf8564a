//! `accountLocked`, `lockedReason` and `accountState`.

use rekey_tests::{ENTERPRISE, Options, WSO2, fresh_password, start};
use serde_json::json;

#[tokio::test]
async fn a_locked_account_opens_again_when_it_is_unlocked() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create_user("carol").await;
    let fresh = admin.account(&user).await;
    assert_eq!((&fresh["accountLocked"], &fresh["accountState"]), (&json!(false), &json!("UNLOCKED")));
    let session = anyone.open_session(&user, &user.password).await;
    let locked = admin.set_locked(&user, true).await.expect(200).json()[WSO2].clone();
    assert_eq!(locked["accountLocked"], json!(true));
    assert_eq!(locked["accountState"], "LOCKED");
    assert_eq!(locked["lockedReason"], "ADMIN_INITIATED");
    anyone.refused("carol", &user.password).await;
    assert!(!session.session_is_alive().await, "a locked user's session lives on");
    let unlocked = admin.set_locked(&user, false).await.expect(200).json()[WSO2].clone();
    assert_eq!(unlocked["accountState"], "UNLOCKED");
    anyone.open_session(&user, &user.password).await;
}

#[tokio::test]
async fn a_value_equal_to_the_present_one_changes_nothing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    admin.set_locked(&user, false).await.expect(200);
    assert_eq!(admin.snapshot(&user).await, before);
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let pending = admin.reset_id(&user).await;
    let answer = admin.set_locked(&user, true).await.expect(200).json();
    assert_eq!(answer[WSO2]["lockedReason"], "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET");
    assert_eq!(admin.reset_id(&user).await, pending);
    let mail = rekey.mail_to(user.address()).await;
    let password = fresh_password();
    rekey.anyone().complete(&mail.token(), &password).await.expect(204);
    rekey.anyone().open_session(&user, &password).await;
}

#[tokio::test]
async fn the_lock_of_an_administrator_survives_a_completed_reset() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create_user("carol").await;
    admin.set_locked(&user, true).await.expect(200);
    admin.trigger(&user).await.expect(200);
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");
    let mail = rekey.mail_to(user.address()).await;
    let password = fresh_password();
    anyone.complete(&mail.token(), &password).await.expect(204);
    admin.wait_for_account_state(&user, "LOCKED").await;
    assert_eq!(admin.account(&user).await["lockedReason"], "ADMIN_INITIATED");
    anyone.refused("carol", &password).await;
    admin.set_locked(&user, false).await.expect(200);
    anyone.open_session(&user, &password).await;
}

#[tokio::test]
async fn the_lock_of_an_administrator_survives_a_cancelled_reset() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.set_locked(&user, true).await.expect(200);
    admin.trigger(&user).await.expect(200);
    admin.reset_verb(&admin.reset_id(&user).await, "cancel").await.expect(200);
    admin.wait_for_account_state(&user, "LOCKED").await;
    rekey.anyone().refused("carol", &user.password).await;
}

#[tokio::test]
async fn beside_a_trigger_a_lock_gives_way() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    for locked in [true, false] {
        let both = json!([{ "op": "add", "value": { WSO2: { "accountLocked": locked }, ENTERPRISE: { "forcePasswordReset": true } } }]);
        let answer = admin.patch_user(&user, both).await.expect(200).json();
        assert_eq!(answer[WSO2]["accountState"], "PENDING_FUPR", "accountLocked {locked} with the trigger");
        assert_eq!(admin.reset(&user).await["state"], "pending");
    }
}

#[tokio::test]
async fn the_state_itself_cannot_be_written() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    for attribute in ["accountState", "lockedReason"] {
        admin.patch_user(&user, json!([{ "op": "replace", "path": format!("{WSO2}:{attribute}"), "value": "UNLOCKED" }])).await.expect(400);
    }
    let mut document = admin.user(&user).await;
    document[WSO2]["accountState"] = json!("UNLOCKED");
    document[WSO2]["lockedReason"] = json!("");
    admin.put(&user.path(), &document).await.expect(200);
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");
    rekey.anyone().refused("carol", &user.password).await;
}

#[tokio::test]
async fn a_disabled_user_cannot_log_in() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let session = rekey.anyone().open_session(&user, &user.password).await;
    let answer = admin.patch_user(&user, json!([{ "op": "replace", "value": { "active": "False" } }])).await.expect(200).json();
    assert_eq!((&answer["active"], &answer[WSO2]["accountState"]), (&json!(false), &json!("DISABLED")));
    rekey.anyone().refused("carol", &user.password).await;
    assert!(!session.session_is_alive().await, "a disabled user's session lives on");
    admin.patch_user(&user, json!([{ "op": "replace", "path": "active", "value": true }])).await.expect(200);
    rekey.anyone().open_session(&user, &user.password).await;
}
