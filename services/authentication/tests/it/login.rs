//! Logging in with passwords: what fails, what is remembered, what is too much.

use futures::future::join_all;
use rekey_authentication::domain::Change;
use rekey_kernel::{Method, Secret, TenantId};
use rekey_testing::Backend;
use std::{sync::atomic::Ordering, time::Duration};

use crate::world::{NEW, OLD, World, admin, attempt, is_login_failure, nothing, order, tenant};

async fn every_failure_is_the_same_and_commits_one_row(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let off = world.user("off", &[]).await;
    world.change(&admin(), off, Change { active: Some(false), ..nothing() }).await.unwrap();
    let locked = world.user("locked", &[]).await;
    world.change(&admin(), locked, Change { locked: Some(true), ..nothing() }).await.unwrap();
    let pending = world.user("pending", &[]).await;
    world.reset(pending, &[Method::Link]).await;
    for name in ["alice", "off", "locked", "pending", "nobody"] {
        let before = world.count("login_attempts").await;
        let password = if name == "alice" { "not her password" } else { OLD };
        assert!(is_login_failure(&world.login(name, password).await), "{name}");
        assert!(is_login_failure(&world.basic(name, password).await), "{name}");
        assert_eq!(world.count("login_attempts").await, before + 1, "{name}");
    }
    assert_eq!(world.state(alice).await, "UNLOCKED");
}

async fn names_ignore_case_and_passwords_their_way_of_writing_accents(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.change(&admin(), alice, Change { password: Some(Secret::new("caf\u{e9} au lait, s'il vous pla\u{ee}t")), ..nothing() }).await.unwrap();
    world.session("ALICE", "cafe\u{301} au lait, s'il vous plai\u{302}t").await;
}

async fn a_session_belongs_to_its_tenant_and_ends(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let session = world.session("alice", OLD).await;
    assert_eq!(world.core.verify_session(tenant(), &session).await.unwrap().user, alice);
    let elsewhere = TenantId::from_uuid(uuid::Uuid::from_u128(5));
    assert!(is_login_failure(&world.core.verify_session(elsewhere, &session).await));
    world.clock.advance(Duration::from_hours(8));
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
    world.core.sweep().await.unwrap();
    assert_eq!(world.count("sessions").await, 0);

    let session = world.session("alice", OLD).await;
    world.core.logout(tenant(), &session).await.unwrap();
    world.core.logout(tenant(), &session).await.unwrap();
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
}

async fn after_ten_failures_nothing_is_evaluated_for_a_while(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    for name in ["alice", "nobody"] {
        for _ in 0..10 {
            assert!(is_login_failure(&world.login(name, "not the password").await));
        }
    }
    assert!(is_login_failure(&world.login("alice", OLD).await));
    assert!(is_login_failure(&world.basic("ALICE", OLD).await));
    world.clock.advance(Duration::from_mins(1));
    world.session("alice", OLD).await;
    assert_eq!(world.count("login_attempts").await, 1, "success clears the counter");
}

async fn a_throttled_login_costs_what_any_failure_costs(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.reset(alice, &[Method::Otp]).await;
    for name in ["alice", "nobody"] {
        for _ in 0..10 {
            world.login(name, "not the password").await.unwrap_err();
        }
        for password in ["not the password", "AAAA-AAAA", OLD] {
            let before = world.hasher.verified.load(Ordering::Relaxed);
            assert!(is_login_failure(&world.login(name, password).await));
            assert_eq!(world.hasher.verified.load(Ordering::Relaxed), before + 1, "{name} {password}");
        }
    }
}

async fn a_verified_password_is_dropped_at_once_when_anything_happens_to_the_account(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.basic("alice", OLD).await.unwrap();
    world.basic("alice", OLD).await.unwrap();
    for (off, on) in [
        (Change { locked: Some(true), ..nothing() }, Change { locked: Some(false), ..nothing() }),
        (Change { active: Some(false), ..nothing() }, Change { active: Some(true), ..nothing() }),
        (Change { login_name: Some("alicia".to_owned()), ..nothing() }, Change { login_name: Some("alice".to_owned()), ..nothing() }),
    ] {
        world.change(&admin(), alice, off).await.unwrap();
        assert!(is_login_failure(&world.basic("alice", OLD).await));
        world.change(&admin(), alice, on).await.unwrap();
        world.basic("alice", OLD).await.unwrap();
    }
    world.change(&admin(), alice, Change { password: Some(Secret::new(NEW)), ..nothing() }).await.unwrap();
    assert!(is_login_failure(&world.basic("alice", OLD).await));
    world.basic("alice", NEW).await.unwrap();
    world.change(&admin(), alice, Change { reset: Some(order(&[Method::Link])), ..nothing() }).await.unwrap();
    assert!(is_login_failure(&world.basic("alice", NEW).await));
}

async fn many_who_ask_at_once_with_the_same_password_cost_one_hash(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    let before = world.hasher.verified.load(Ordering::Relaxed);
    assert!(join_all((0..16).map(|_| world.basic("alice", OLD))).await.iter().all(Result::is_ok));
    assert_eq!(world.hasher.verified.load(Ordering::Relaxed), before + 1);
    // What is wrong stays wrong: each try is looked at, and counts.
    assert!(join_all((0..16).map(|_| world.basic("alice", "not her password"))).await.iter().all(is_login_failure));
    assert_eq!(world.hasher.verified.load(Ordering::Relaxed), before + 17);
    assert!(is_login_failure(&world.login("alice", OLD).await), "after ten failures nothing is evaluated");
}

async fn a_login_that_was_overtaken_by_a_reset_opens_no_session(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    // Both run at once, many times over: whatever the order, no session is left that outlives the reset.
    for _ in 0..20 {
        let (first, second, admin) = (attempt("alice", OLD), attempt("alice", OLD), admin());
        let trigger = Change { reset: Some(order(&[Method::Otp])), ..nothing() };
        let (_, applied, _) = tokio::join!(world.core.login(&first), world.change(&admin, alice, trigger), world.core.login(&second));
        assert_eq!(world.count("sessions").await, 0);
        let reset = applied.unwrap().reset.unwrap().id;
        world.core.cancel(&admin, tenant(), reset).await.unwrap();
    }
}

async fn login_needs_nobody_else(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    world.policies.is_down.store(true, Ordering::Relaxed);
    world.session("alice", OLD).await;
}

rekey_testing::on_both_databases![
    every_failure_is_the_same_and_commits_one_row,
    names_ignore_case_and_passwords_their_way_of_writing_accents,
    a_session_belongs_to_its_tenant_and_ends,
    after_ten_failures_nothing_is_evaluated_for_a_while,
    a_throttled_login_costs_what_any_failure_costs,
    a_verified_password_is_dropped_at_once_when_anything_happens_to_the_account,
    many_who_ask_at_once_with_the_same_password_cost_one_hash,
    a_login_that_was_overtaken_by_a_reset_opens_no_session,
    login_needs_nobody_else,
];
