//! What one replica knows, all know.

use futures::future::join_all;
use rekey_tests::{Answer, Api, Deployment, Options, Rekey, User, fresh_password, start, wait_for};

#[tokio::test]
async fn a_session_opened_at_one_gateway_is_dead_at_all_when_the_trigger_is_answered() {
    let rekey = start(Options::of(Deployment::REPLICAS)).await;
    let gateways = [rekey.through_gateway(0), rekey.through_gateway(1)];
    for round in 0..8 {
        let user = rekey.admin().create_user(&format!("user-{round}")).await;
        let sessions = [gateways[0].open_session(&user, &user.password).await, gateways[1].open_session(&user, &user.password).await];
        let cookies: Vec<Api> = sessions.iter().flat_map(|session| gateways.iter().map(|gateway| gateway.with_same_credential(session))).collect();
        let basic: Vec<Api> = gateways.iter().map(|gateway| gateway.with_basic(&user.user_name, &user.password)).collect();
        for session in &cookies {
            assert!(session.session_is_alive().await);
        }
        for caller in &basic {
            caller.get("/scim2/Me").await.expect(200);
        }
        rekey.through_gateway(round % 2).with_basic("admin", rekey.admin_password()).trigger(&user).await.expect(200);
        let alive = join_all(cookies.iter().map(Api::session_is_alive)).await;
        assert!(alive.iter().all(|alive| !alive), "round {round}: {alive:?}");
        for caller in &basic {
            caller.get("/scim2/Me").await.expect(401);
        }
        for gateway in &gateways {
            gateway.refused(&user.user_name, &user.password).await;
        }
    }
}

/// Codes of the mailed shape that are not this one.
fn wrong_codes(right: &str) -> Vec<String> {
    "23456789ABCDEFGH".chars().map(|digit| digit.to_string().repeat(8)).filter(|guess| guess != right).collect()
}

async fn reset_by_code(rekey: &Rekey, name: &str) -> (User, rekey_tests::Mail) {
    rekey.admin().enable(&["link", "otp"]).await;
    let user = rekey.admin().create_user(name).await;
    rekey.admin().trigger(&user).await.expect(200);
    let mail = rekey.mail_to(user.address()).await;
    (user, mail)
}

#[tokio::test]
async fn of_eight_clients_that_guess_at_two_replicas_exactly_five_guesses_are_evaluated() {
    let rekey = start(Options::of(Deployment::REPLICAS)).await;
    let (user, mail) = reset_by_code(&rekey, "carol").await;
    let anyone = rekey.anyone();
    let guesses = wrong_codes(&mail.code());
    let guess = async |codes: &[String]| {
        let answers = join_all(codes.iter().map(|code| anyone.login(&user.user_name, code))).await;
        assert!(answers.iter().all(|answer| answer.status == 401), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    };
    guess(&guesses[..4]).await;
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 1, "four guesses at once are four");
    guess(&guesses[4..12]).await;
    assert_eq!(rekey.admin().reset(&user).await["guessesLeft"], 0, "eight at once for the fifth are one");
    anyone.refused(&user.user_name, &mail.code()).await;
    anyone.complete(&mail.token(), &fresh_password()).await.expect(204);
}

#[tokio::test]
async fn of_fifty_redemptions_through_two_gateways_one_wins() {
    let rekey = start(Options::of(Deployment::REPLICAS)).await;
    let (user, mail) = reset_by_code(&rekey, "carol").await;
    let passwords: Vec<_> = (0..50).map(|_| fresh_password()).collect();
    let (anyone, token) = (rekey.anyone(), mail.token());
    let answers = join_all(passwords.iter().map(|password| complete_when_not_busy(&anyone, &token, password))).await;
    let winners: Vec<_> = answers.iter().zip(&passwords).filter(|(answer, _)| answer.status == 204).map(|(_, password)| password).collect();
    assert_eq!(winners.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 204 | 410)), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    anyone.open_session(&user, winners[0]).await;
}

async fn complete_when_not_busy(anyone: &Api, token: &str, password: &str) -> Answer {
    wait_for("a redemption to be answered", async || {
        let answer = anyone.complete(token, password).await;
        assert!(answer.status != 503 || !answer.header("retry-after").is_empty(), "a 503 without Retry-After");
        (answer.status != 503).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn failed_logins_are_counted_across_replicas() {
    let rekey = start(Options::of(Deployment::REPLICAS)).await;
    let user = rekey.admin().create_user("carol").await;
    for number in 0..20 {
        rekey.through_gateway(number % 2).refused("carol", "not the password at all").await;
    }
    for gateway in 0..2 {
        rekey.through_gateway(gateway).refused("carol", &user.password).await;
    }
}
