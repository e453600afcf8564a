//! One-time codes: counted, compared, used again, used up.

use rekey_authentication::domain::Change;
use rekey_kernel::{Method, Secret};
use rekey_testing::Backend;
use std::{sync::Arc, time::Duration};

use crate::world::{NEW, OLD, World, admin, attempt, is_login_failure, nothing, tenant, wrong};

async fn a_code_opens_a_session_that_sets_a_password_and_nothing_else(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    let typed = format!("{}-{}", &code[..4].to_lowercase(), &code[4..]);
    let proof = world.reset_session("alice", &typed).await;
    let rekey_authentication::app::Proof::Session(token) = &proof else { panic!() };
    assert!(is_login_failure(&world.core.verify_session(tenant(), token).await));
    assert!(is_login_failure(&world.basic("alice", &code).await), "Basic never tries codes");
    assert_eq!(world.core.validate(tenant(), &proof).await.unwrap().user_name, "alice");
    world.complete(&proof, NEW).await.unwrap();
    world.session("alice", NEW).await;
    assert!(is_login_failure(&world.login("alice", &code).await));
    assert!(is_login_failure(&world.login("alice", OLD).await));
    assert!(is_login_failure(&world.complete(&proof, "yet another phrase").await));
}

async fn six_wrong_codes_exhaust_a_reset_without_a_link(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    for _ in 0..6 {
        assert!(is_login_failure(&world.login("alice", &wrong(&code)).await));
    }
    assert_eq!(world.reset_state(reset).await, "exhausted");
    assert_eq!(world.events("password_reset_exhausted").await, 1);
    assert!(is_login_failure(&world.login("alice", &code).await));
    assert_eq!(world.state(alice).await, "PENDING_FUPR");
    assert!(world.core.reveal(tenant(), reset).await.unwrap().code.is_none());
}

async fn guesses_kill_the_codes_and_not_the_link(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link, Method::Otp, Method::Offline]).await;
    let code = world.code(reset).await;
    let link = world.link(reset).await;
    for _ in 0..6 {
        world.login("alice", &wrong(&code)).await.unwrap_err();
    }
    assert!(is_login_failure(&world.login("alice", &code).await));
    assert_eq!(world.core.read_offline_code(&admin(), tenant(), alice).await.unwrap(), "");
    assert_eq!(world.reset_state(reset).await, "pending");
    world.complete(&link, NEW).await.unwrap();
}

async fn a_dead_password_exhausts_nothing(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    // This one even looks like a code.
    let system = rekey_kernel::Caller::system(tenant(), "rekey");
    world.change(&system, alice, Change { password: Some(Secret::new("abcd-1234")), ..nothing() }).await.unwrap();
    let reset = world.reset(alice, &[Method::Otp]).await;
    for _ in 0..10 {
        assert!(is_login_failure(&world.login("alice", "abcd-1234").await));
        assert!(is_login_failure(&world.login("alice", OLD).await));
    }
    assert_eq!(world.guesses_left(reset).await, 5);
    world.reset_session("alice", &world.code(reset).await).await;
}

async fn a_right_code_gives_its_guess_back_and_voids_the_session_before(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    for _ in 0..4 {
        world.login("alice", &wrong(&code)).await.unwrap_err();
    }
    let mut before = None;
    for _ in 0..8 {
        let proof = world.reset_session("alice", &code).await;
        if let Some(before) = before.replace(proof) {
            assert!(is_login_failure(&world.core.validate(tenant(), &before).await));
        }
    }
    assert_eq!(world.guesses_left(reset).await, 1);
    world.complete(&before.unwrap(), NEW).await.unwrap();
}

async fn a_living_reset_session_is_a_way_in_until_it_dies(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    let proof = world.reset_session("alice", &code).await;
    for _ in 0..6 {
        world.login("alice", &wrong(&code)).await.unwrap_err();
    }
    world.core.sweep().await.unwrap();
    assert_eq!(world.reset_state(reset).await, "pending");
    world.core.validate(tenant(), &proof).await.unwrap();
    world.clock.advance(Duration::from_mins(10));
    world.core.sweep().await.unwrap();
    assert_eq!(world.reset_state(reset).await, "exhausted");
    assert!(is_login_failure(&world.complete(&proof, NEW).await));
}

async fn codes_are_beyond_the_throttle_and_completion_clears_it(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Offline]).await;
    for _ in 0..15 {
        world.login("alice", OLD).await.unwrap_err();
    }
    let code = world.core.read_offline_code(&admin(), tenant(), alice).await.unwrap();
    assert_eq!(code.len(), 15);
    assert_eq!(world.audits("reset.offline_code_read").await, 1);
    let proof = world.reset_session("alice", &code).await;
    for _ in 0..15 {
        world.login("alice", OLD).await.unwrap_err();
    }
    world.complete(&proof, NEW).await.unwrap();
    world.session("alice", NEW).await;
    assert_eq!(world.core.read_offline_code(&admin(), tenant(), alice).await.unwrap(), "");
    assert_eq!(world.reset_state(reset).await, "completed");
}

async fn guesses_at_once_are_counted_exactly(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link, Method::Otp]).await;
    let bad = wrong(&world.code(reset).await);
    let guesses: Vec<_> = (0..40)
        .map(|_| {
            let (core, attempt) = (Arc::clone(&world.core), attempt("alice", &bad));
            tokio::spawn(async move { core.login(&attempt).await })
        })
        .collect();
    for guess in guesses {
        assert!(is_login_failure(&guess.await.unwrap()));
    }
    assert_eq!(world.guesses_left(reset).await, 0);
    assert_eq!(world.count("resets WHERE guesses_used = 5").await, 1);
}

rekey_testing::on_both_databases![
    a_code_opens_a_session_that_sets_a_password_and_nothing_else,
    six_wrong_codes_exhaust_a_reset_without_a_link,
    guesses_kill_the_codes_and_not_the_link,
    a_dead_password_exhausts_nothing,
    a_right_code_gives_its_guess_back_and_voids_the_session_before,
    a_living_reset_session_is_a_way_in_until_it_dies,
    codes_are_beyond_the_throttle_and_completion_clears_it,
    guesses_at_once_are_counted_exactly,
];
