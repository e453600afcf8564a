//! Setting the new password.

use futures::future::join_all;
use rekey_tests::{Answer, Api, Options, fresh_password, start, wait_for};
use serde_json::json;

#[tokio::test]
async fn of_fifty_redemptions_at_once_one_wins() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let token = rekey.mail_to(user.address()).await.token();
    let passwords: Vec<_> = (0..50).map(|_| fresh_password()).collect();
    let anyone = rekey.anyone();
    let answers = join_all(passwords.iter().map(|password| complete_when_not_busy(&anyone, &token, password))).await;

    let winners: Vec<_> = answers.iter().zip(&passwords).filter(|(answer, _)| answer.status == 204).map(|(_, password)| password).collect();
    assert_eq!(winners.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 204 | 410)), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    anyone.open_session(&user, winners[0]).await;
    let loser = passwords.iter().find(|password| *password != winners[0]).expect("49 lost");
    anyone.refused("carol", loser).await;
}

/// A server with too many passwords to hash may say 503 with Retry-After; then one asks again.
async fn complete_when_not_busy(anyone: &Api, token: &str, password: &str) -> Answer {
    wait_for("a redemption to be answered", async || {
        let answer = anyone.complete(token, password).await;
        assert!(answer.status != 503 || !answer.header("retry-after").is_empty(), "a 503 without Retry-After");
        (answer.status != 503).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn a_bad_password_is_refused_with_every_reason_and_uses_nothing_up() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    let session = anyone.login_with_code(&user, &mail.code()).await;
    for bad in ["", "short", "letmein", &"x".repeat(129), &"x".repeat(100_000)] {
        for answer in [anyone.complete(&mail.token(), bad).await, anyone.complete_session(&session, bad).await] {
            answer.clone().expect_any(&[400, 413, 422]);
            assert!(bad.len() > 1000 || bad.is_empty() || answer.status == 422, "{}: {}", bad.len(), answer.text());
        }
    }
    let refusal = anyone.complete(&mail.token(), "letmein").await.expect(422);
    assert!(refusal.header("content-type").starts_with("application/problem+json"), "{:?}", refusal.headers);
    assert_eq!(admin.reset(&user).await["state"], "pending");
    anyone.complete(&mail.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_unknown_and_uses_nothing_up() {
    let rekey = start(Options::default()).await;
    let (admin, anyone) = (rekey.admin(), rekey.anyone());
    let (user, other) = (admin.create_user("carol").await, admin.create_user("dave").await);
    admin.trigger(&user).await.expect(200);
    admin.trigger(&other).await.expect(200);
    let (token, foreign) = (rekey.mail_to(user.address()).await.token(), rekey.mail_to(other.address()).await.token());
    let (id, secret) = token.split_once('.').expect("an id and a secret");
    let foreign_secret = foreign.split_once('.').expect("an id and a secret").1;
    let flipped = format!("{}{}", if secret.starts_with('A') { 'B' } else { 'A' }, &secret[1..]);
    let forged = [
        String::new(),
        ".".into(),
        id.into(),
        format!("{id}."),
        format!(".{secret}"),
        secret.into(),
        format!("{id}.{flipped}"),
        format!("{id}.{foreign_secret}"),
        format!("01890000-0000-7000-8000-000000000000.{secret}"),
        format!("{token}A"),
        format!("{id}.{}", &secret[..secret.len() - 1]),
    ];
    for bad in forged {
        let answer = anyone.complete(&bad, &fresh_password()).await.expect(404);
        assert!(answer.text().contains("invalid_token"), "{bad}: {}", answer.text());
        anyone.validate(&bad).await.expect(404);
    }
    let nothing_to_show = json!({ "password": fresh_password() });
    anyone.post("/api/v1/password-resets/complete", &nothing_to_show).await.expect_any(&[400, 404, 422]);
    anyone.complete(&token, &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn a_link_tells_the_password_rules_and_looking_uses_nothing_up() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let token = rekey.mail_to(user.address()).await.token();
    admin.wait_until_sent(&user).await;
    let before = admin.snapshot(&user).await;
    for _ in 0..20 {
        let rules = rekey.anyone().validate(&token).await.expect(200);
        assert!(rules.text().contains("15") && rules.text().contains("128"), "{}", rules.text());
    }
    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().complete(&token, &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn nobody_is_logged_in_by_completing_a_reset() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.trigger(&user).await.expect(200);
    let token = rekey.mail_to(user.address()).await.token();
    let answer = rekey.anyone().complete(&token, &fresh_password()).await.expect(204);
    assert_eq!(answer.cookies(), "");
    assert!(answer.body.is_empty());
}
