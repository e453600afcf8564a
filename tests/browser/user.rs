//! What a user sees whose password was reset.

use crate::chromium::Browser;
use rekey_tests::{Options, Rekey, User, fresh_password, start};

async fn sign_in(browser: &Browser, rekey: &Rekey, user: &User, password: &str) {
    browser.open(&format!("{}/login", rekey.base())).await;
    browser.fill("Username", &user.user_name).await;
    browser.fill("Password", password).await;
    browser.press("Sign in").await;
}

async fn set_password(browser: &Browser, password: &str) {
    browser.fill("New password", password).await;
    browser.fill("Confirm new password", password).await;
    browser.press("Set password").await;
}

#[tokio::test]
async fn a_user_opens_the_mailed_link_sets_a_password_and_signs_in() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    rekey.admin().trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let browser = Browser::start().await;
    browser.open(&mail.link()).await;
    browser.field("New password").await;
    browser.picture("reset").await;

    set_password(&browser, "too short").await;
    browser.reads("15").await;
    browser.picture("reset-refused").await;
    assert_eq!(rekey.admin().reset(&user).await["state"], "pending");
    let password = fresh_password();
    rekey.secrets().add(&password);
    set_password(&browser, &password).await;
    rekey.admin().wait_for_reset_state(&user, "completed").await;
    browser.picture("reset-done").await;
    sign_in(&browser, &rekey, &user, &password).await;
    browser.offers("Sign out").await;
    browser.picture("myaccount").await;
    browser.close().await;
}

#[tokio::test]
async fn a_link_that_was_used_says_so() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    rekey.admin().trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    rekey.anyone().complete(&mail.token(), &fresh_password()).await.expect(204);
    let browser = Browser::start().await;
    browser.open(&mail.link()).await;
    rekey_tests::wait_for("the page to say that the link is dead", async || {
        let text = browser.text().await.to_lowercase();
        ["used", "expired", "no longer"].iter().any(|word| text.contains(word)).then_some(())
    })
    .await;
    browser.picture("reset-used").await;
    browser.close().await;
}

#[tokio::test]
async fn a_user_signs_in_with_the_mailed_code_and_is_led_to_a_new_password() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let code = rekey.mail_to(user.address()).await.code();
    let browser = Browser::start().await;
    sign_in(&browser, &rekey, &user, &user.password).await;
    browser.reads(rekey_tests::LOGIN_FAILED).await;
    sign_in(&browser, &rekey, &user, &code).await;
    let password = fresh_password();
    rekey.secrets().add(&password);
    set_password(&browser, &password).await;
    admin.wait_for_reset_state(&user, "completed").await;
    sign_in(&browser, &rekey, &user, &password).await;
    browser.offers("Sign out").await;
    browser.press("Sign out").await;
    browser.close().await;
}
