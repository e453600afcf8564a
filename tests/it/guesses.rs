//! Guessing codes.

use rekey_tests::{Options, Rekey, User, fresh_password, start};

/// Codes of the mailed shape that are not this one.
fn wrong_codes(right: &str) -> impl Iterator<Item = String> {
    "0123456789".chars().map(|digit| digit.to_string().repeat(right.len())).filter(move |guess| *guess != right)
}

async fn reset_by_code(rekey: &Rekey, methods: &[&str]) -> (User, rekey_tests::Mail) {
    let admin = rekey.admin();
    admin.enable(methods).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    (user, mail)
}

#[tokio::test]
async fn six_wrong_codes_exhaust_the_reset() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    for guess in wrong_codes(&mail.code()).take(6) {
        rekey.anyone().refused("carol", &guess).await;
    }
    let reset = rekey.admin().reset(&user).await;
    assert_eq!((&reset["state"], reset["guessesLeft"].as_u64()), (&"exhausted".into(), Some(0)));
    rekey.anyone().refused("carol", &mail.code()).await;
    rekey.anyone().refused("carol", &user.password).await;
    assert_eq!(rekey.admin().account_state(&user).await, "PENDING_FUPR");
}

#[tokio::test]
async fn guesses_made_at_once_are_counted_all_the_same() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    let guesses: Vec<_> = wrong_codes(&mail.code()).take(9).collect();
    let anyone = rekey.anyone();
    let answers = futures::future::join_all(guesses.iter().map(|guess| anyone.login("carol", guess))).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 503)));
    assert_eq!(rekey.admin().reset(&user).await["state"], "exhausted");
    anyone.refused("carol", &mail.code()).await;
}

#[tokio::test]
async fn the_fifth_guess_may_still_be_the_right_one() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    for guess in wrong_codes(&mail.code()).take(4) {
        rekey.anyone().refused("carol", &guess).await;
    }
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 1);
    let session = rekey.anyone().login_with_code(&user, &mail.code()).await;
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 1, "a right code gives its guess back");
    let password = fresh_password();
    rekey.anyone().complete_session(&session, &password).await.expect(204);
    rekey.anyone().open_session(&user, &password).await;
}

#[tokio::test]
async fn used_up_guesses_kill_the_codes_but_not_the_link() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["link", "otp", "offline"]).await;
    for guess in wrong_codes(&mail.code()).take(6) {
        rekey.anyone().refused("carol", &guess).await;
    }
    assert_eq!(rekey.admin().reset(&user).await["state"], "pending");
    rekey.anyone().refused("carol", &mail.code()).await;
    let password = fresh_password();
    rekey.anyone().complete(&mail.token(), &password).await.expect(204);
    rekey.anyone().open_session(&user, &password).await;
}

#[tokio::test]
async fn a_dead_password_repeated_ten_times_exhausts_nothing() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    for _ in 0..10 {
        rekey.anyone().refused("carol", &user.password).await;
    }
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 5);
    let session = rekey.anyone().login_with_code(&user, &mail.code()).await;
    let password = fresh_password();
    rekey.anyone().complete_session(&session, &password).await.expect(204);
    rekey.anyone().open_session(&user, &password).await;
}

#[tokio::test]
async fn a_code_is_read_in_any_case_with_spaces_hyphens_and_look_alikes() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp", "offline"]).await;
    let offline = rekey.admin().offline_code(&user).await.expect("there is an offline code");
    let code = mail.code();
    let spaced = format!(" {} {} ", &code[..4], &code[4..]);
    let look_alike = code.replace('0', "o").replace('1', "l");
    for spelling in [code.to_lowercase(), spaced, look_alike, format!("{}-{}", &code[..4], &code[4..]), offline.to_lowercase(), offline.replace('-', "")] {
        rekey.anyone().login_with_code(&user, &spelling).await;
    }
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 5);
}

#[tokio::test]
async fn a_code_used_again_voids_the_session_that_it_opened_before() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    let first = rekey.anyone().login_with_code(&user, &mail.code()).await;
    let second = rekey.anyone().login_with_code(&user, &mail.code()).await;
    rekey.anyone().validate_session(&first).await.expect(401);
    rekey.anyone().complete_session(&first, &fresh_password()).await.expect(401);
    rekey.anyone().validate_session(&second).await.expect(200);
    rekey.anyone().complete_session(&second, &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn basic_authentication_never_tries_codes() {
    let rekey = start(Options::default()).await;
    let (user, mail) = reset_by_code(&rekey, &["otp"]).await;
    rekey.anyone().with_basic("carol", &mail.code()).get("/scim2/Me").await.expect(401);
    for guess in wrong_codes(&mail.code()).take(6) {
        rekey.anyone().with_basic("carol", &guess).get("/scim2/Me").await.expect(401);
    }
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 5);
    rekey.anyone().login_with_code(&user, &mail.code()).await;
}
