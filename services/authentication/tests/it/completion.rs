//! Redeeming: proof first, once, and everything else dies.

use rekey_authentication::{
    app::Proof,
    domain::{Change, PasswordPolicy},
};
use rekey_kernel::{Kind, Method, Secret};
use rekey_testing::Backend;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::world::{DAY, NEW, OLD, World, admin, is_login_failure, nothing, tenant};

async fn a_link_sets_the_password_once(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let session = world.session("alice", OLD).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
    let link = world.link(reset).await;
    for _ in 0..20 {
        let invitation = world.core.validate(tenant(), &link).await.unwrap();
        assert_eq!(invitation.policy.min_length, 15);
    }
    assert_eq!(world.complete(&link, NEW).await.unwrap(), alice);
    assert_eq!(world.state(alice).await, "UNLOCKED");
    world.session("alice", NEW).await;
    assert!(is_login_failure(&world.login("alice", OLD).await));
    assert!(world.complete(&link, "yet another phrase").await.unwrap_err().is(Kind::Gone));
    assert!(world.core.validate(tenant(), &link).await.unwrap_err().is(Kind::Gone));
    assert_eq!(world.events("password_reset_completed").await, 1);
    let (done, _) = world.core.get(&admin(), tenant(), reset).await.unwrap();
    assert_eq!(done.state.name().as_str(), "completed");
}

async fn of_fifty_redemptions_at_once_one_wins(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link, Method::Otp]).await;
    let link = world.link(reset).await;
    let session = world.reset_session("alice", &world.code(reset).await).await;
    let redemptions: Vec<_> = (0..50)
        .map(|n| {
            let (core, proof) = (Arc::clone(&world.core), if n % 2 == 0 { link.clone() } else { session.clone() });
            let password = Secret::new(format!("{NEW} number {n}"));
            tokio::spawn(async move { (n, core.complete(tenant(), &proof, &password, "").await) })
        })
        .collect();
    let mut winners = Vec::new();
    for redemption in redemptions {
        match redemption.await.unwrap() {
            (n, Ok(_)) => winners.push(n),
            (n, Err(failure)) => assert_eq!(failure.kind, if n % 2 == 0 { Kind::Gone } else { Kind::Unauthenticated }),
        }
    }
    assert_eq!(winners.len(), 1);
    world.session("alice", &format!("{NEW} number {}", winners[0])).await;
    assert_eq!(world.events("password_reset_completed").await, 1);
}

async fn what_does_not_verify_is_not_found_and_tells_nothing(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let Proof::Link(token) = world.link(reset).await else { panic!() };
    let (id, secret) = token.expose().split_once('.').unwrap();
    let other = "00000000-0000-7000-8000-000000000000";
    for bad in [String::new(), id.to_owned(), format!("{id}."), format!("{id}.{}", "A".repeat(43)), format!("{other}.{secret}"), format!("{id}.{secret}=")] {
        let failure = world.complete(&Proof::Link(Secret::new(bad)), "short").await.unwrap_err();
        assert_eq!((failure.kind, failure.reason.as_ref()), (Kind::NotFound, "invalid_token"));
    }
    let elsewhere = rekey_kernel::TenantId::from_uuid(uuid::Uuid::from_u128(5));
    let failure = world.core.complete(elsewhere, &Proof::Link(token), &Secret::new(NEW), "").await.unwrap_err();
    assert_eq!(failure.reason, "invalid_token");
    assert!(is_login_failure(&world.complete(&Proof::Session(Secret::new("nonsense")), "short").await));
}

async fn a_refused_password_consumes_nothing_and_all_reasons_are_told(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let link = world.link(reset).await;
    let refused = world.complete(&link, "Password").await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_ref()), (Kind::Unprocessable, "password_policy"));
    let reasons: Vec<_> = refused.violations.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(reasons, ["too_short", "common"]);
    let again = world.complete(&link, OLD).await.unwrap_err();
    assert_eq!(again.violations[0].reason, "reused");
    world.policies.is_down.store(true, Ordering::Relaxed);
    assert!(world.complete(&link, NEW).await.unwrap_err().is(Kind::Unavailable));
    world.policies.is_down.store(false, Ordering::Relaxed);
    world.complete(&link, NEW).await.unwrap();
}

async fn former_passwords_are_refused_as_far_back_as_the_policy_looks(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    *world.policies.policy.lock().unwrap() = PasswordPolicy { history: 1, ..PasswordPolicy::default() };
    let second = "the second pass phrase";
    world.change(&admin(), alice, Change { password: Some(Secret::new(second)), ..nothing() }).await.unwrap();
    assert!(world.change(&admin(), alice, Change { password: Some(Secret::new(OLD)), ..nothing() }).await.unwrap_err().is(Kind::Unprocessable));
    let link = world.link(world.reset(alice, &[Method::Link]).await).await;
    for used in [OLD, second] {
        assert!(world.complete(&link, used).await.unwrap_err().is(Kind::Unprocessable));
    }
    world.complete(&link, NEW).await.unwrap();
    let link = world.link(world.reset(alice, &[Method::Link]).await).await;
    world.complete(&link, OLD).await.unwrap();
}

async fn a_reset_expires_by_the_clock_before_anybody_writes_it_down(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link, Method::Otp]).await;
    let (link, code) = (world.link(reset).await, world.code(reset).await);
    world.clock.advance(DAY.saturating_sub(Duration::from_mins(1)));
    let session = world.reset_session("alice", &code).await;
    world.clock.advance(Duration::from_mins(1));
    assert!(world.complete(&link, NEW).await.unwrap_err().is(Kind::Gone));
    assert!(is_login_failure(&world.complete(&session, NEW).await));
    assert!(is_login_failure(&world.login("alice", &code).await));
    assert_eq!(world.reset_state(reset).await, "expired");
    assert_eq!(world.state(alice).await, "PENDING_FUPR");
    assert_eq!(world.events("password_reset_expired").await, 0);
    world.core.sweep().await.unwrap();
    world.core.sweep().await.unwrap();
    assert_eq!(world.events("password_reset_expired").await, 1);
    assert_eq!(world.count("resets WHERE state = 'expired'").await, 1);
    assert!(is_login_failure(&world.login("alice", OLD).await));
}

async fn only_the_resets_own_lock_is_lifted(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.change(&admin(), alice, Change { locked: Some(true), ..nothing() }).await.unwrap();
    let link = world.link(world.reset(alice, &[Method::Link]).await).await;
    assert_eq!(world.state(alice).await, "PENDING_FUPR");
    world.complete(&link, NEW).await.unwrap();
    assert_eq!(world.state(alice).await, "LOCKED");
    assert!(is_login_failure(&world.login("alice", NEW).await));
}

async fn an_inactive_user_is_reset_and_stays_inactive(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.change(&admin(), alice, Change { active: Some(false), ..nothing() }).await.unwrap();
    let link = world.link(world.reset(alice, &[Method::Link]).await).await;
    world.complete(&link, NEW).await.unwrap();
    assert_eq!(world.state(alice).await, "DISABLED");
    assert!(is_login_failure(&world.login("alice", NEW).await));
    world.change(&admin(), alice, Change { active: Some(true), ..nothing() }).await.unwrap();
    world.session("alice", NEW).await;
}

async fn all_methods_at_once_and_the_first_kills_the_others(on: Backend) {
    for way in Method::ALL {
        let (world, alice) = World::with_alice(on).await;
        let reset = world.reset(alice, &Method::ALL).await;
        let (link, code) = (world.link(reset).await, world.code(reset).await);
        let offline = world.core.read_offline_code(&admin(), tenant(), alice).await.unwrap();
        let proof = match way {
            Method::Link => link.clone(),
            Method::Otp => world.reset_session("alice", &code).await,
            Method::Offline => world.reset_session("alice", &offline).await,
        };
        world.complete(&proof, NEW).await.unwrap();
        assert!(world.complete(&link, "yet another phrase").await.unwrap_err().is(Kind::Gone));
        for dead in [&code, &offline] {
            assert!(is_login_failure(&world.login("alice", dead).await));
        }
        world.session("alice", NEW).await;
    }
}

rekey_testing::on_both_databases![
    a_link_sets_the_password_once,
    of_fifty_redemptions_at_once_one_wins,
    what_does_not_verify_is_not_found_and_tells_nothing,
    a_refused_password_consumes_nothing_and_all_reasons_are_told,
    former_passwords_are_refused_as_far_back_as_the_policy_looks,
    a_reset_expires_by_the_clock_before_anybody_writes_it_down,
    only_the_resets_own_lock_is_lifted,
    an_inactive_user_is_reset_and_stays_inactive,
    all_methods_at_once_and_the_first_kills_the_others,
];
