//! Changes of accounts: prepared, applied once, within the rules.

use futures::future::join_all;
use rekey_authentication::domain::{Change, Outcome, Roles};
use rekey_kernel::{Caller, Kind, Method, Scope, Secret, TenantId};
use rekey_testing::Backend;
use std::{sync::atomic::Ordering, time::Duration};

use crate::world::{NEW, OLD, World, admin, caller, is_login_failure, nothing, order, system, tenant};

async fn nothing_is_in_force_before_it_is_applied(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let intent = world.intent();
    let change = Change { reset: Some(order(&[Method::Link])), ..nothing() };
    world.core.prepare(&admin(), intent, tenant(), alice, change).await.unwrap();
    assert_eq!(world.state(alice).await, "UNLOCKED");
    world.core.release(tenant(), intent).await.unwrap();
    assert_eq!(world.core.apply(tenant(), intent).await.unwrap_err().reason, "not_prepared");
}

async fn applying_twice_is_applying_once(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let intent = world.intent();
    let change = Change { reset: Some(order(&[Method::Link])), ..nothing() };
    world.core.prepare(&admin(), intent, tenant(), alice, change.clone()).await.unwrap();
    let first = world.core.apply(tenant(), intent).await.unwrap();
    world.core.prepare(&admin(), intent, tenant(), alice, change).await.unwrap();
    let again = world.core.apply(tenant(), intent).await.unwrap();
    assert_eq!(first.reset, again.reset);
    assert_eq!(first.account.unwrap().account, again.account.unwrap().account);
    assert_eq!(world.audits("reset.begun").await, 1);
    assert_eq!(world.events("session_revoked").await, 1);
    world.core.release(tenant(), intent).await.unwrap();
    assert_eq!(world.core.apply(tenant(), intent).await.unwrap().outcome, Outcome::Applied);
}

async fn what_the_first_apply_tells_is_what_is_stored(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let bob = rekey_kernel::UserId::from_uuid(uuid::Uuid::from_u128(77));
    let (reset, locked) = (|method| Change { reset: Some(order(&[method])), ..nothing() }, |locked| Change { locked: Some(locked), ..nothing() });
    let new = Change { create: true, login_name: Some("bob".to_owned()), password: Some(Secret::new(OLD)), ..nothing() };
    for (user, change) in [
        (alice, reset(Method::Link)),
        (alice, Change { login_name: Some("Alicia".to_owned()), ..nothing() }),
        (alice, reset(Method::Otp)),
        (alice, locked(false)),
        (alice, locked(true)),
        (alice, Change { password: Some(Secret::new(NEW)), ..reset(Method::Link) }),
        (bob, new.clone()),
        (bob, Change { delete: true, ..nothing() }),
        (bob, locked(true)),
        (bob, Change { active: Some(false), ..Change { reset: Some(order(&[Method::Offline])), ..new } }),
    ] {
        let intent = world.intent();
        let prepared = world.core.prepare(&system(), intent, tenant(), user, change.clone()).await;
        assert!(prepared.is_ok() || prepared.unwrap_err().is(Kind::NotFound), "{change:?}");
        let Ok(first) = world.core.apply(tenant(), intent).await else { continue };
        let again = world.core.apply(tenant(), intent).await.unwrap();
        assert_eq!(format!("{first:?}"), format!("{again:?}"), "{change:?}");
    }
    assert_eq!(world.state(bob).await, "PENDING_FUPR");
}

async fn a_change_that_is_prepared_again_is_held_once(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    for change in [Change { reset: Some(order(&[Method::Link])), ..nothing() }, Change { login_name: Some("alicia".to_owned()), ..nothing() }] {
        let intent = world.intent();
        for _ in 0..2 {
            world.core.prepare(&admin(), intent, tenant(), alice, change.clone()).await.unwrap();
        }
        let caller = admin();
        let both = [change.clone(), change].map(|change| world.core.prepare(&caller, intent, tenant(), alice, change));
        // Whoever comes second either holds it anew or is told to ask again.
        assert!(join_all(both).await.iter().all(|held| held.as_ref().map_or_else(|failure| failure.is(Kind::Unavailable), |_| true)));
        assert_eq!(world.core.apply(tenant(), intent).await.unwrap().outcome, Outcome::Applied);
    }
    assert_eq!((world.audits("reset.begun").await, world.count("preparations").await), (1, 3));
}

async fn a_preparation_holds_no_password(on: Backend) {
    let world = World::new(on).await;
    let user = world.user("bob", &[]).await;
    let change = Change { password: Some(Secret::new(NEW)), ..nothing() };
    world.core.prepare(&admin(), world.intent(), tenant(), user, change).await.unwrap();
    assert_eq!(world.count("preparations WHERE change LIKE '%$argon2id$%'").await, 1);
    assert_eq!(world.count(&format!("preparations WHERE change LIKE '%{NEW}%'")).await, 0);
}

async fn a_taken_name_is_a_conflict_and_a_held_one_is_busy(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    let bob = world.user("bob", &[]).await;
    let rename = |name: &str| Change { login_name: Some(name.to_owned()), ..nothing() };
    let taken = world.change(&admin(), bob, rename("ALICE")).await.unwrap_err();
    assert_eq!((taken.kind, taken.reason.as_ref()), (Kind::Conflict, "uniqueness"));

    let held = world.intent();
    world.core.prepare(&admin(), held, tenant(), bob, rename("Robert")).await.unwrap();
    let carol = world.user("carol", &[]).await;
    assert!(world.change(&admin(), carol, rename("robert")).await.unwrap_err().is(Kind::Unavailable));
    world.core.release(tenant(), held).await.unwrap();
    world.change(&admin(), carol, rename("robert")).await.unwrap();
    world.change(&admin(), carol, rename("Robert")).await.unwrap();
}

async fn changes_of_one_user_that_keep_its_name_do_not_wait_for_each_other(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let same = |active| Change { login_name: Some("alice".to_owned()), active: Some(active), ..nothing() };
    let (first, second) = (world.intent(), world.intent());
    world.core.prepare(&admin(), first, tenant(), alice, same(false)).await.unwrap();
    world.core.prepare(&admin(), second, tenant(), alice, same(true)).await.unwrap();
    world.core.apply(tenant(), first).await.unwrap();
    world.core.apply(tenant(), second).await.unwrap();

    // Away and back: meanwhile the name is for nobody else.
    let rename = |name: &str| Change { login_name: Some(name.to_owned()), ..nothing() };
    let (away, back) = (world.intent(), world.intent());
    world.core.prepare(&admin(), away, tenant(), alice, rename("alicia")).await.unwrap();
    world.core.prepare(&admin(), back, tenant(), alice, rename("alice")).await.unwrap();
    world.core.apply(tenant(), away).await.unwrap();
    let bob = world.user("bob", &[]).await;
    assert!(world.change(&admin(), bob, rename("alice")).await.unwrap_err().is(Kind::Unavailable));
    world.core.apply(tenant(), back).await.unwrap();
    world.session("alice", OLD).await;
}

async fn a_change_that_was_carried_out_can_be_prepared_again(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let bob = rekey_kernel::UserId::from_uuid(uuid::Uuid::from_u128(77));
    let create = Change { create: true, login_name: Some("bob".to_owned()), ..nothing() };
    for (user, change) in [(bob, create), (alice, Change { delete: true, ..nothing() })] {
        let intent = world.intent();
        for _ in 0..2 {
            // The second time the name is taken, or the account gone.
            world.core.prepare(&admin(), intent, tenant(), user, change.clone()).await.unwrap();
            assert_eq!(world.core.apply(tenant(), intent).await.unwrap().outcome, Outcome::Applied);
        }
    }
    assert_eq!((world.audits("account.created").await, world.audits("account.deleted").await), (2, 1));
}

async fn a_new_user_without_a_password_waits_for_its_name_like_any_other(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    let new = |number| rekey_kernel::UserId::from_uuid(uuid::Uuid::from_u128(number));
    let create = |name: &str| Change { create: true, login_name: Some(name.to_owned()), ..nothing() };
    let taken = world.change(&admin(), new(1), create("ALICE")).await.unwrap_err();
    assert_eq!((taken.kind, taken.reason.as_ref()), (Kind::Conflict, "uniqueness"));
    assert!(world.change(&admin(), new(1), create(" ")).await.unwrap_err().is(Kind::Invalid));
    assert!(world.change(&caller(&["helpdesk"]), new(1), create("bob")).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(world.count("preparations WHERE outcome IS NULL").await, 0, "nothing is held that was refused");

    let held = world.intent();
    for _ in 0..2 {
        world.core.prepare(&admin(), held, tenant(), new(1), create("bob")).await.unwrap();
    }
    assert!(world.change(&admin(), new(2), create("Bob")).await.unwrap_err().is(Kind::Unavailable));
    world.core.apply(tenant(), held).await.unwrap();
    assert!(world.change(&admin(), new(2), create("Bob")).await.unwrap_err().is(Kind::Conflict));
    assert_eq!(world.count("accounts").await, 2);
}

async fn making_an_account_that_is_there_is_changing_it(on: Backend) {
    let world = World::new(on).await;
    let boss = world.user("boss", &["admin"]).await;
    let again = Change { create: true, login_name: Some("boss".to_owned()), active: Some(false), ..nothing() };
    let creator = Caller { scopes: [Scope::UserCreate].into_iter().collect(), ..admin() };
    let updater = Caller { scopes: [Scope::UserCreate, Scope::UserUpdate].into_iter().collect(), ..admin() };
    for weak in [creator, updater] {
        assert!(world.change(&weak, boss, again.clone()).await.unwrap_err().is(Kind::Forbidden));
    }
    world.session("boss", OLD).await;
    let applied = world.change(&admin(), boss, again).await.unwrap().account.unwrap();
    assert_eq!((applied.account.status().account_state, applied.account.roles.names()), ("DISABLED", vec!["admin".to_owned()]));
    assert!(applied.account.password.is_some());
}

async fn a_deleted_account_is_gone_and_its_name_free(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let session = world.session("alice", OLD).await;
    let late = world.intent();
    world.core.prepare(&admin(), late, tenant(), alice, Change { active: Some(false), ..nothing() }).await.unwrap();
    let gone = world.change(&admin(), alice, Change { delete: true, ..nothing() }).await.unwrap();
    assert!(gone.account.is_none());
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
    assert_eq!(world.core.apply(tenant(), late).await.unwrap().outcome, Outcome::AccountGone);
    world.user("alice", &[]).await;
}

async fn nobody_touches_a_more_privileged_user(on: Backend) {
    let world = World::new(on).await;
    let boss = world.user("boss", &["admin"]).await;
    let bob = world.user("bob", &[]).await;
    let helpdesk = caller(&["helpdesk"]);
    let trigger = Change { reset: Some(order(&[Method::Offline])), ..nothing() };
    assert!(world.change(&helpdesk, boss, trigger.clone()).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(world.state(boss).await, "UNLOCKED");
    world.change(&helpdesk, bob, trigger.clone()).await.unwrap();

    let reset = world.change(&admin(), boss, trigger).await.unwrap().reset.unwrap().id;
    assert!(world.core.read_offline_code(&helpdesk, tenant(), boss).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.core.cancel(&helpdesk, tenant(), reset).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.core.check_resend(&helpdesk, tenant(), reset).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(world.reset_state(reset).await, "pending");
}

async fn where_resets_are_mailed_is_changed_by_those_alone_who_may_change_the_user(on: Backend) {
    let world = World::new(on).await;
    let (boss, bob) = (world.user("boss", &["admin"]).await, world.user("bob", &[]).await);
    let contact = || Change { contact: true, ..nothing() };
    let helpdesk = caller(&["helpdesk"]);
    let with_update = Caller { scopes: helpdesk.scopes.iter().chain([Scope::UserUpdate]).collect(), ..helpdesk.clone() };
    assert!(world.change(&with_update, boss, contact()).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.change(&helpdesk, bob, contact()).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(world.audits("account.contact_changed").await, 0);
    let session = world.session("bob", OLD).await;
    world.change(&with_update, bob, contact()).await.unwrap();
    world.change(&admin(), boss, contact()).await.unwrap();
    assert_eq!(world.audits("account.contact_changed").await, 2);
    assert!(world.core.verify_session(tenant(), &session).await.is_ok(), "nothing of the account itself changed");
    let both = Change { contact: true, reset: Some(order(&[Method::Link])), ..nothing() };
    assert!(world.change(&helpdesk, bob, both).await.unwrap_err().is(Kind::Forbidden), "the trigger alone gives no right to change the address");
}

async fn a_help_desk_triggers_and_changes_nothing_else(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let helpdesk = caller(&["helpdesk"]);
    for more in [
        Change { login_name: Some("eve".to_owned()), ..nothing() },
        Change { active: Some(false), ..nothing() },
        Change { password: Some(Secret::new(NEW)), ..nothing() },
        Change { roles: Some(Roles::from_names(["helpdesk"])), ..nothing() },
        Change { locked: Some(true), ..nothing() },
        Change { delete: true, ..nothing() },
    ] {
        assert!(world.change(&helpdesk, alice, more.clone()).await.unwrap_err().is(Kind::Forbidden));
        if more.locked.is_none() {
            let both = Change { reset: Some(order(&[Method::Link])), ..more };
            assert!(world.change(&helpdesk, alice, both).await.unwrap_err().is(Kind::Forbidden));
        }
    }
    let same = Change { login_name: Some("alice".to_owned()), active: Some(true), reset: Some(order(&[Method::Link])), ..nothing() };
    world.change(&helpdesk, alice, same).await.unwrap();
}

async fn roles_are_given_by_those_alone_who_hold_them(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let with = |scopes: &[Scope]| Caller { scopes: scopes.iter().copied().collect(), ..admin() };
    let promote = Change { roles: Some(Roles::from_names(["helpdesk"])), ..nothing() };
    let weak = with(&[Scope::UserUpdate, Scope::RoleUpdate]);
    assert!(world.change(&weak, alice, promote.clone()).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.change(&with(&[Scope::UserUpdate]), alice, promote.clone()).await.unwrap_err().is(Kind::Forbidden));
    let state = world.change(&admin(), alice, promote).await.unwrap().account.unwrap();
    assert_eq!(state.account.roles.names(), ["helpdesk"]);
}

async fn another_tenants_administrator_finds_nothing(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let stranger = Caller { tenant: TenantId::from_uuid(uuid::Uuid::from_u128(77)), ..admin() };
    let trigger = Change { reset: Some(order(&[Method::Link])), ..nothing() };
    assert!(world.change(&stranger, alice, trigger).await.unwrap_err().is(Kind::NotFound));
    let reset = world.reset(alice, &[Method::Offline]).await;
    assert!(world.core.get(&stranger, tenant(), reset).await.unwrap_err().is(Kind::NotFound));
    assert!(world.core.get(&stranger, stranger.tenant, reset).await.unwrap_err().is(Kind::NotFound));
    assert!(world.core.read_offline_code(&stranger, stranger.tenant, alice).await.unwrap_err().is(Kind::NotFound));
}

async fn a_password_is_held_to_the_policy_unless_a_service_sets_it(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let weak = Change { password: Some(Secret::new("admin")), ..nothing() };
    let refused = world.change(&admin(), alice, weak.clone()).await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_ref()), (Kind::Unprocessable, "password_policy"));
    world.policies.is_down.store(true, Ordering::Relaxed);
    assert!(world.change(&admin(), alice, weak.clone()).await.unwrap_err().is(Kind::Unavailable));
    world.change(&system(), alice, weak).await.unwrap();
    world.session("alice", "admin").await;
}

async fn deactivating_and_locking_kill_sessions(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    for (off, on, state) in [
        (Change { active: Some(false), ..nothing() }, Change { active: Some(true), ..nothing() }, "DISABLED"),
        (Change { locked: Some(true), ..nothing() }, Change { locked: Some(false), ..nothing() }, "LOCKED"),
    ] {
        let session = world.session("alice", OLD).await;
        world.change(&admin(), alice, off).await.unwrap();
        assert_eq!(world.state(alice).await, state);
        assert!(is_login_failure(&world.login("alice", OLD).await));
        world.change(&admin(), alice, on).await.unwrap();
        assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
        world.session("alice", OLD).await;
    }
}

async fn preparations_that_nobody_came_back_for_are_asked_about(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let (lost, kept) = (world.intent(), world.intent());
    let rename = |name: &str| Change { login_name: Some(name.to_owned()), ..nothing() };
    world.core.prepare(&admin(), lost, tenant(), alice, rename("lost")).await.unwrap();
    world.core.prepare(&admin(), kept, tenant(), alice, rename("kept")).await.unwrap();
    world.intents.0.lock().unwrap().insert(kept);
    world.core.resolve().await.unwrap();
    assert_eq!(world.count("preparations WHERE outcome IS NULL").await, 2);
    world.clock.advance(Duration::from_mins(11));
    world.core.resolve().await.unwrap();
    assert_eq!(world.core.apply(tenant(), lost).await.unwrap_err().reason, "not_prepared");
    world.core.apply(tenant(), kept).await.unwrap();
    world.session("KEPT", OLD).await;
}

async fn a_user_who_is_just_being_created_is_busy_and_not_unknown(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let new = rekey_kernel::UserId::from_uuid(uuid::Uuid::from_u128(4));
    let trigger = Change { reset: Some(order(&[Method::Link])), ..nothing() };
    assert!(world.change(&admin(), new, trigger.clone()).await.unwrap_err().is(Kind::NotFound));
    let create = Change { create: true, login_name: Some("new".to_owned()), ..nothing() };
    world.core.prepare(&admin(), world.intent(), tenant(), new, create).await.unwrap();
    assert!(world.change(&admin(), new, trigger).await.unwrap_err().is(Kind::Unavailable));
    assert_eq!(world.state(alice).await, "UNLOCKED");
}

async fn a_purged_tenant_leaves_nothing_that_lets_anybody_in(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let session = world.session("alice", OLD).await;
    world.basic("alice", OLD).await.unwrap();
    let reset = world.reset(alice, &[Method::Otp]).await;
    world.core.purge(tenant()).await.unwrap();
    world.core.purge(tenant()).await.unwrap();
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
    assert!(is_login_failure(&world.basic("alice", OLD).await));
    assert!(world.core.reveal(tenant(), reset).await.unwrap_err().is(Kind::NotFound));
}

rekey_testing::on_both_databases![
    nothing_is_in_force_before_it_is_applied,
    applying_twice_is_applying_once,
    what_the_first_apply_tells_is_what_is_stored,
    a_change_that_is_prepared_again_is_held_once,
    a_preparation_holds_no_password,
    a_taken_name_is_a_conflict_and_a_held_one_is_busy,
    changes_of_one_user_that_keep_its_name_do_not_wait_for_each_other,
    a_change_that_was_carried_out_can_be_prepared_again,
    a_new_user_without_a_password_waits_for_its_name_like_any_other,
    making_an_account_that_is_there_is_changing_it,
    a_deleted_account_is_gone_and_its_name_free,
    nobody_touches_a_more_privileged_user,
    where_resets_are_mailed_is_changed_by_those_alone_who_may_change_the_user,
    a_help_desk_triggers_and_changes_nothing_else,
    roles_are_given_by_those_alone_who_hold_them,
    another_tenants_administrator_finds_nothing,
    a_password_is_held_to_the_policy_unless_a_service_sets_it,
    deactivating_and_locking_kill_sessions,
    preparations_that_nobody_came_back_for_are_asked_about,
    a_user_who_is_just_being_created_is_busy_and_not_unknown,
    a_purged_tenant_leaves_nothing_that_lets_anybody_in,
];
