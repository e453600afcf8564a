//! The console, walked through as the guide says.

use crate::chromium::Browser;
use rekey_tests::{Options, Rekey, start};

const OTP: &str = "Enable password reset via OTP";
const LINK: &str = "Enable password reset via recovery email";
const OFFLINE: &str = "Enable password reset offline";
const TO_OPTIONS: [&str; 4] = ["Identity Providers", "Resident", "Account Management", "Password Reset"];
const TO_CLAIM: [&str; 4] = ["Claims", "List", "http://wso2.org/claims", "One Time Password"];
const TO_USERS: [&str; 3] = ["Users and Roles", "List", "Users"];

async fn signed_in(rekey: &Rekey) -> Browser {
    let browser = Browser::start().await;
    browser.open(&format!("{}/console", rekey.base())).await;
    browser.fill("Username", "admin").await;
    browser.fill("Password", rekey.admin_password()).await;
    browser.press("Sign in").await;
    browser.offers("Identity Providers").await;
    browser
}

#[tokio::test]
async fn an_administrator_switches_a_method_on_as_the_guide_says() {
    let rekey = start(Options::default()).await;
    let browser = signed_in(&rekey).await;
    browser.picture("console").await;
    browser.walk(&TO_OPTIONS).await;
    assert!(browser.is_checked(LINK).await, "the link is on out of the box");
    assert!(!browser.is_checked(OTP).await && !browser.is_checked(OFFLINE).await);
    browser.check(LINK, false).await;
    browser.check(OTP, true).await;
    browser.picture("console-password-reset").await;
    browser.press("Save").await;
    rekey_tests::wait_for("the options to be saved", async || (rekey.admin().option("Recovery.AdminPasswordReset.OTP").await == "true").then_some(())).await;
    assert_eq!(rekey.admin().option("Recovery.AdminPasswordReset.RecoveryLink").await, "false");
    browser.open(&format!("{}/console", rekey.base())).await;
    browser.walk(&TO_OPTIONS).await;
    assert!(browser.is_checked(OTP).await && !browser.is_checked(LINK).await, "the page shows other options than were saved");
    browser.close().await;
}

#[tokio::test]
async fn an_administrator_forces_a_reset_and_takes_it_back() {
    let rekey = start(Options::default()).await;
    let user = rekey.admin().create_user("carol").await;
    let browser = signed_in(&rekey).await;
    browser.walk(&TO_USERS).await;
    browser.press("carol").await;
    browser.press("Force password reset").await;
    browser.picture("console-dialog").await;
    browser.press_in_dialog("Force password reset").await;
    for verb in ["Resend", "Extend", "Cancel reset"] {
        browser.offers(verb).await;
    }
    browser.picture("console-pending").await;
    assert_eq!(rekey.admin().account_state(&user).await, "PENDING_FUPR");
    let first = rekey.mail_to(user.address()).await;
    browser.press("Resend").await;
    rekey.next_mail_to(user.address(), &[&first]).await;
    browser.offers("Cancel reset").await;
    browser.press("Cancel reset").await;
    rekey.admin().wait_for_account_state(&user, "UNLOCKED").await;
    browser.offers("Force password reset").await;
    rekey.anyone().open_session(&user, &user.password).await;
    browser.close().await;
}

#[tokio::test]
async fn the_profile_shows_the_offline_code_once_its_claim_is_supported_by_default() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["offline"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let code = admin.offline_code(&user).await.expect("there is an offline code");
    let browser = signed_in(&rekey).await;
    browser.walk(&TO_USERS).await;
    browser.press("carol").await;
    browser.offers("Cancel reset").await;
    assert!(!browser.has_field("One Time Password").await, "shown although its claim is not supported by default");

    browser.open(&format!("{}/console", rekey.base())).await;
    browser.walk(&TO_CLAIM).await;
    browser.check("Supported by Default", true).await;
    browser.press("Update").await;
    browser.open(&format!("{}/console", rekey.base())).await;
    browser.walk(&TO_CLAIM).await;
    assert!(browser.is_checked("Supported by Default").await);
    browser.open(&format!("{}/console", rekey.base())).await;
    browser.walk(&TO_USERS).await;
    browser.press("carol").await;
    let field = browser.field("One Time Password").await;
    let shown = field.prop("value").await.expect("a field has a value").unwrap_or_default();
    let shown = if shown.is_empty() { field.text().await.expect("a field has a text") } else { shown };
    assert_eq!(shown, code);
    browser.picture("console-one-time-password").await;
    rekey.anyone().login_with_code(&user, &code).await;
    browser.close().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_and_a_wrong_password_says_the_one_sentence() {
    let rekey = start(Options::default()).await;
    let browser = signed_in(&rekey).await;
    browser.press("Sign out").await;
    browser.open(&format!("{}/console", rekey.base())).await;
    browser.fill("Username", "admin").await;
    browser.fill("Password", "wrong").await;
    browser.press("Sign in").await;
    browser.reads(rekey_tests::LOGIN_FAILED).await;
    browser.picture("login-failed").await;
    browser.close().await;
}
