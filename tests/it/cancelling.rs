//! Taking a reset back.

use rekey_tests::{Options, WSO2, fresh_password, start};
use serde_json::json;

#[tokio::test]
async fn a_cancelled_reset_gives_the_old_password_back_but_no_session() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link", "otp", "offline"]).await;
    let user = admin.create_user("carol").await;
    let session = anyone.open_session(&user, &user.password).await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let offline = admin.offline_code(&user).await.expect("there is an offline code");
    let opened = anyone.login_with_code(&user, &mail.code()).await;
    admin.reset_verb(&admin.reset_id(&user).await, "cancel").await.expect(200);

    anyone.open_session(&user, &user.password).await;
    assert!(!session.session_is_alive().await, "a cancel woke a dead session");
    anyone.complete(&mail.token(), &fresh_password()).await.expect(410);
    anyone.complete_session(&opened, &fresh_password()).await.expect(401);
    anyone.refused("carol", &mail.code()).await;
    anyone.refused("carol", &offline).await;
    assert_eq!(admin.reset(&user).await["state"], "cancelled");
    admin.wait_for_account_state(&user, "UNLOCKED").await;
    assert_eq!(admin.account(&user).await["accountLocked"], json!(false));
}

#[tokio::test]
async fn unlocking_by_patch_cancels() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let answer = admin.set_locked(&user, false).await.expect(200).json();
    assert_eq!(answer[WSO2]["accountState"], "UNLOCKED");
    assert_eq!(admin.reset(&user).await["state"], "cancelled");
    anyone.open_session(&user, &user.password).await;
    anyone.complete(&mail.token(), &fresh_password()).await.expect(410);
}

#[tokio::test]
async fn a_put_never_cancels() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let unlocked = admin.user(&user).await;
    assert_eq!(unlocked[WSO2]["accountLocked"], json!(false));
    admin.trigger(&user).await.expect(200);
    let mut without = unlocked.clone();
    without.as_object_mut().expect("an object").remove(WSO2);
    for document in [unlocked, without] {
        let answer = admin.put(&user.path(), &document).await.expect(200).json();
        assert_eq!(answer[WSO2]["accountState"], "PENDING_FUPR");
        assert_eq!(admin.reset(&user).await["state"], "pending");
        rekey.anyone().refused("carol", &user.password).await;
    }
    let mail = rekey.mail_to(user.address()).await;
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn an_exhausted_reset_can_be_cancelled() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["offline"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    for guess in ["1111-1111-11111", "2222-2222-22222", "3333-3333-33333", "4444-4444-44444", "5555-5555-55555"] {
        rekey.anyone().refused("carol", guess).await;
    }
    admin.wait_for_reset_state(&user, "exhausted").await;
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");
    admin.reset_verb(&admin.reset_id(&user).await, "cancel").await.expect(200);
    admin.wait_for_account_state(&user, "UNLOCKED").await;
    rekey.anyone().open_session(&user, &user.password).await;
}
