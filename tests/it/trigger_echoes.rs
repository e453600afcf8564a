//! A reset that a GET has shown, sent back with the user: it orders nothing, and hands nothing on to the next one.

use rekey_tests::{Api, NewUser, Options, RESET, User, WSO2, start};
use serde_json::{Value, json};

const TWO_SECONDS: &str =
    "[identity_mgt.password_reset_by_admin]\nenable_emailed_link_based_reset = true\nenable_emailed_otp_based_reset = true\ncode_validity_period = \"2s\"\n";

/// A user with a reset by one method, for a reason.
async fn with_a_reset(admin: &Api) -> User {
    let user = admin.create_user("carol").await;
    let order = json!({ WSO2: { "forcePasswordReset": true }, RESET: { "methods": ["otp"], "reason": "seen in a leak" } });
    admin.patch_user(&user, json!([{ "op": "add", "value": order }])).await.expect(200);
    user
}

/// Reads the user, sets the trigger, puts it back. Both resets, as documents show them.
async fn read_and_put_back(admin: &Api, user: &User) -> (Value, Value) {
    let mut document = admin.user(user).await;
    document[WSO2]["forcePasswordReset"] = json!(true);
    let after = admin.put(&user.path(), &document).await.expect(200).json();
    (document[RESET].clone(), after[RESET].clone())
}

#[tokio::test]
async fn a_user_that_was_read_is_put_back_with_the_trigger_when_its_reset_is_over() {
    let rekey = start(Options::default().config(TWO_SECONDS)).await;
    let admin = rekey.admin();
    let user = with_a_reset(&admin).await;
    admin.wait_for_reset_state(&user, "expired").await;
    let (old, new) = read_and_put_back(&admin, &user).await;
    assert_ne!(old["resetId"], new["resetId"]);
    assert_eq!((&new["methods"], &new["reason"]), (&json!(["link", "otp"]), &Value::Null));
}

#[tokio::test]
async fn a_reset_under_way_hands_nothing_on_to_the_one_that_a_put_orders() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = with_a_reset(&admin).await;
    let (old, new) = read_and_put_back(&admin, &user).await;
    assert_eq!((&old["methods"], &old["reason"]), (&json!(["otp"]), &json!("seen in a leak")));
    assert_eq!((&new["methods"], &new["reason"]), (&json!(["link", "otp"]), &Value::Null));
    assert_ne!(old["expiresAt"], new["expiresAt"]);
}

#[tokio::test]
async fn a_patch_of_all_that_was_read_orders_no_reset() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let shown = admin.user(&user).await;
    assert_eq!(admin.patch_user(&user, json!([{ "op": "replace", "value": shown }])).await.expect(200).json(), shown);
    let by_path = json!([{ "op": "replace", "path": format!("{RESET}:reason"), "value": "x" }]);
    assert!(admin.patch_user(&user, by_path).await.expect_error(400, "invalidValue").text().contains("forcePasswordReset"));
    assert_eq!(admin.resets(&user).await.len(), 1);
}

#[tokio::test]
async fn an_address_that_is_none_is_told_from_one_that_is_missing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (name, emails, told) in
        [("carol", json!([{ "type": "work" }]), "no e-mail address"), ("dave", json!([{ "value": "dave at home" }]), "none that mail can be sent to")]
    {
        let user = admin.create(NewUser::named(name).without_address().with("emails", emails)).await;
        let before = admin.snapshot(&user).await;
        let refused = admin.trigger(&user).await.expect_error(400, "invalidValue");
        assert!(refused.text().contains(told), "{}", refused.text());
        assert_eq!(admin.snapshot(&user).await, before);
    }
    let emails = json!([{ "type": "work", "primary": true }, { "value": "eve@example.com" }]);
    let eve = admin.create(NewUser::named("eve").without_address().with("emails", emails)).await;
    admin.trigger(&eve).await.expect(200);
    rekey.mail_to("eve@example.com").await;
}
