//! Resets that nobody used in time.

use rekey_tests::{Options, WSO2, deployment::start_in_vain, fresh_password, start};

const TWO_SECONDS: &str = "[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset = true\nenable_emailed_otp_based_reset = true\nenable_offline_otp_based_reset = true\ncode_validity_period = \"2s\"\n";

#[tokio::test]
async fn an_expired_reset_lets_nobody_in_until_it_is_resent() {
    let rekey = start(Options::default().config(TWO_SECONDS)).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let old = rekey.mail_to(user.address()).await;
    let offline = admin.offline_code(&user).await;
    admin.wait_for_reset_state(&user, "expired").await;

    anyone.complete(&old.token(), &fresh_password()).await.expect(410);
    anyone.validate(&old.token()).await.expect(410);
    anyone.refused("carol", &old.code()).await;
    anyone.refused("carol", &user.password).await;
    if let Some(code) = offline {
        anyone.refused("carol", &code).await;
    }
    assert_eq!(admin.offline_code(&user).await, None);
    let account = admin.account(&user).await;
    assert_eq!((&account["accountLocked"], &account["accountState"]), (&true.into(), &"PENDING_FUPR".into()));

    admin.set_options(&[("Recovery.AdminPasswordReset.ExpiryTime", "10")]).await.expect(200);
    admin.reset_verb(&admin.reset_id(&user).await, "resend").await.expect_any(&[200, 201, 202]);
    let new = rekey.next_mail_to(user.address(), &[&old]).await;
    assert_ne!(new.link(), old.link());
    let password = fresh_password();
    anyone.complete(&new.token(), &password).await.expect(204);
    anyone.open_session(&user, &password).await;
    assert_eq!(rekey.mails_to(user.address()).len(), 2);
}

#[tokio::test]
async fn an_expired_reset_can_be_cancelled_or_triggered_again() {
    let rekey = start(Options::default().config(TWO_SECONDS)).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let (user, other) = (admin.create_user("carol").await, admin.create_user("dave").await);
    admin.trigger(&user).await.expect(200);
    admin.trigger(&other).await.expect(200);
    admin.wait_for_reset_state(&user, "expired").await;
    admin.wait_for_reset_state(&other, "expired").await;
    admin.reset_verb(&admin.reset_id(&user).await, "cancel").await.expect(200);
    anyone.open_session(&user, &user.password).await;
    admin.wait_for_account_state(&user, "UNLOCKED").await;

    admin.set_options(&[("Recovery.AdminPasswordReset.ExpiryTime", "10")]).await.expect(200);
    let old = rekey.mail_to(other.address()).await;
    let answer = admin.trigger(&other).await.expect(200).json();
    assert_eq!(answer[WSO2]["accountState"], "PENDING_FUPR");
    let new = rekey.next_mail_to(other.address(), &[&old]).await;
    assert_eq!(admin.resets(&other).await[1]["state"], "superseded");
    anyone.complete(&old.token(), &fresh_password()).await.expect(410);
    anyone.complete(&new.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn a_validity_in_seconds_shows_as_whole_minutes_rounded_up() {
    let rekey = start(Options::default().config(TWO_SECONDS)).await;
    assert_eq!(rekey.admin().option("Recovery.AdminPasswordReset.ExpiryTime").await, "1");
}

#[tokio::test]
async fn no_tenants_resets_last_for_more_than_ninety_days_by_themselves() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let refused = admin.set_options(&[("Recovery.AdminPasswordReset.ExpiryTime", "129601")]).await.expect(400);
    assert!(refused.text().contains("IDG-50013") && refused.text().contains("129600"), "{}", refused.text());
    admin.set_options(&[("Recovery.AdminPasswordReset.ExpiryTime", "129600")]).await.expect(200);
}

#[tokio::test]
async fn a_deployment_whose_resets_would_last_for_more_than_ninety_days_does_not_start() {
    let (status, output) = start_in_vain(Options::default().config("[identity_mgt.password_reset_by_admin]\ncode_validity_period = \"91d\"\n")).await;
    assert!(!status.success() && output.contains("code_validity_period") && output.contains("90d"), "{output}");
}
