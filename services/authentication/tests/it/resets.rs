//! What administrators do with resets.

use rekey_authentication::{
    app::List,
    domain::{Change, Outcome, StateName},
};
use rekey_kernel::{Clock, Kind, Method, Secret, Timestamp};
use rekey_testing::Backend;
use std::time::Duration;

use crate::world::{DAY, NEW, OLD, World, admin, caller, is_login_failure, nothing, order, tenant};

async fn a_second_trigger_kills_the_first_code_and_link(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let first = world.reset(alice, &[Method::Link, Method::Otp]).await;
    let (link, code) = (world.link(first).await, world.code(first).await);
    let session = world.reset_session("alice", &code).await;
    let second = world.reset(alice, &[Method::Link, Method::Otp]).await;
    assert_ne!(world.code(second).await, code);
    assert!(world.complete(&link, NEW).await.unwrap_err().is(Kind::Gone));
    assert!(is_login_failure(&world.complete(&session, NEW).await));
    assert!(is_login_failure(&world.login("alice", &code).await));
    assert_eq!(world.reset_state(first).await, "superseded");
    assert_eq!(world.count("resets WHERE state = 'pending'").await, 1);
    let revealed = world.core.reveal(tenant(), first).await.unwrap();
    assert!(revealed.token.is_none() && revealed.code.is_none());
    world.reset_session("alice", &world.code(second).await).await;
}

async fn cancelling_makes_the_old_password_good_and_leaves_sessions_dead(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let session = world.session("alice", OLD).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let link = world.link(reset).await;
    for _ in 0..12 {
        world.login("alice", OLD).await.unwrap_err();
    }
    let (cancelled, name) = world.core.cancel(&caller(&["helpdesk"]), tenant(), reset).await.unwrap();
    assert_eq!((cancelled.state.name(), name.as_str()), (StateName::Cancelled, "alice"));
    assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
    world.session("alice", OLD).await;
    assert!(world.complete(&link, NEW).await.unwrap_err().is(Kind::Gone));
    let again = world.core.cancel(&admin(), tenant(), reset).await.unwrap_err();
    assert_eq!((again.kind, again.reason.as_ref()), (Kind::Conflict, "reset_ended"));
    assert_eq!(world.events("password_reset_cancelled").await, 1);
}

async fn unlocking_cancels_whatever_is_in_the_way(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    world.change(&admin(), alice, Change { locked: Some(true), ..nothing() }).await.unwrap();
    let reset = world.reset(alice, &[Method::Link]).await;
    world.clock.advance(DAY);
    world.change(&admin(), alice, Change { locked: Some(false), ..nothing() }).await.unwrap();
    assert_eq!(world.reset_state(reset).await, "cancelled");
    assert_eq!(world.state(alice).await, "UNLOCKED");
    world.session("alice", OLD).await;
}

async fn an_administrator_who_sets_a_password_completes_the_reset(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    let dead = world.change(&admin(), alice, Change { password: Some(Secret::new(OLD)), ..nothing() }).await.unwrap_err();
    assert_eq!(dead.violations[0].reason, "reused");
    world.clock.advance(DAY);
    let state = world.change(&admin(), alice, Change { password: Some(Secret::new(NEW)), ..nothing() }).await.unwrap().account.unwrap();
    assert_eq!(state.account.status().account_state, "UNLOCKED");
    assert!(state.reset.is_none());
    assert_eq!(world.reset_state(reset).await, "completed");
    assert!(is_login_failure(&world.login("alice", &code).await));
    world.session("alice", NEW).await;
}

async fn extending_moves_the_expiry_of_a_pending_reset_alone(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let link = world.link(reset).await;
    let past = world.clock.now().before(Duration::from_secs(1));
    assert!(world.core.extend(&admin(), tenant(), reset, Some(past)).await.unwrap_err().is(Kind::Invalid));
    assert!(world.core.extend(&caller(&["helpdesk"]), tenant(), reset, None).await.unwrap_err().is(Kind::Forbidden));
    world.clock.advance(DAY.saturating_sub(Duration::from_secs(1)));
    let (extended, _) = world.core.extend(&admin(), tenant(), reset, None).await.unwrap();
    assert_eq!(extended.expires_at, world.clock.now().after(DAY));
    world.clock.advance(Duration::from_secs(2));
    world.core.validate(tenant(), &link).await.unwrap();
    world.clock.advance(DAY);
    assert_eq!(world.core.extend(&admin(), tenant(), reset, None).await.unwrap_err().reason, "reset_ended");
}

async fn a_resend_begins_anew_unless_the_old_reset_has_ended(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let first = world.reset(alice, &[Method::Otp]).await;
    world.clock.advance(DAY);
    let (old, _) = world.core.check_resend(&caller(&["helpdesk"]), tenant(), first).await.unwrap();
    assert_eq!((old.state.name(), old.reason.as_str()), (StateName::Expired, "leaked"));
    let resend = |of| Change { reset: Some(rekey_authentication::domain::ResetOrder { resend_of: Some(of), ..order(&[Method::Otp]) }), ..nothing() };
    let helpdesk = caller(&["helpdesk"]);
    let second = world.change(&helpdesk, alice, resend(first)).await.unwrap();
    assert_eq!(second.outcome, Outcome::Applied);
    let late = world.change(&helpdesk, alice, resend(first)).await.unwrap();
    assert_eq!(late.outcome, Outcome::ResetEnded);
    assert_eq!(late.account.unwrap().reset, second.reset);
    assert_eq!(world.core.check_resend(&admin(), tenant(), first).await.unwrap_err().reason, "reset_ended");
}

async fn the_list_shows_newest_first_by_user_and_state_a_page_at_a_time(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let bob = world.user("bob", &[]).await;
    let mut ids = Vec::new();
    for user in [alice, bob, alice, bob, alice] {
        world.clock.advance(Duration::from_secs(1));
        ids.push(world.reset(user, &[Method::Link]).await);
    }
    ids.reverse();
    let list = List { tenant: tenant(), user: None, state: None, limit: 2, cursor: String::new() };
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.core.list(&caller(&["helpdesk"]), &List { cursor, ..list.clone() }).await.unwrap();
        seen.extend(page.resets.iter().map(|(reset, _)| reset.id));
        cursor = page.next;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let of = |user, state| List { user, state, limit: 0, ..list.clone() };
    assert_eq!(world.core.list(&admin(), &of(Some(bob), None)).await.unwrap().resets.len(), 2);
    assert_eq!(world.core.list(&admin(), &of(None, Some(StateName::Pending))).await.unwrap().resets.len(), 2);
    world.clock.advance(DAY);
    assert_eq!(world.core.list(&admin(), &of(None, Some(StateName::Pending))).await.unwrap().resets.len(), 0);
    assert_eq!(world.core.list(&admin(), &of(None, Some(StateName::Expired))).await.unwrap().resets.len(), 2);
    let bad = List { cursor: "nonsense!".to_owned(), ..list };
    assert!(world.core.list(&admin(), &bad).await.unwrap_err().is(Kind::Invalid));
    assert!(world.core.list(&caller(&[]), &of(None, None)).await.unwrap_err().is(Kind::Forbidden));
}

async fn the_time_of_mailing_is_noted_once_and_moves_the_revision(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let revision = |states: Vec<rekey_authentication::app::Projection>| states[0].account.revision;
    let before = revision(world.core.states(tenant(), &[alice]).await.unwrap());
    world.core.mail_sent(tenant(), reset, Timestamp::from_micros(7)).await.unwrap();
    world.core.mail_sent(tenant(), reset, Timestamp::from_micros(8)).await.unwrap();
    let states = world.core.states(tenant(), &[alice]).await.unwrap();
    assert_eq!(states[0].reset.as_ref().unwrap().sent_at, Some(Timestamp::from_micros(7)));
    assert_eq!(revision(states), before + 1);
}

async fn a_reset_lasts_as_long_as_was_ordered(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let until = world.clock.now().after(Duration::from_secs(90));
    let ordered = rekey_authentication::domain::ResetOrder { expires_at: Some(until), ..order(&[Method::Link]) };
    let applied = world.change(&admin(), alice, Change { reset: Some(ordered.clone()), ..nothing() }).await.unwrap();
    assert_eq!(applied.reset.unwrap().expires_at, until);
    world.clock.advance(Duration::from_secs(91));
    assert!(world.change(&admin(), alice, Change { reset: Some(ordered), ..nothing() }).await.unwrap_err().is(Kind::Invalid));
}

rekey_testing::on_both_databases![
    a_second_trigger_kills_the_first_code_and_link,
    cancelling_makes_the_old_password_good_and_leaves_sessions_dead,
    unlocking_cancels_whatever_is_in_the_way,
    an_administrator_who_sets_a_password_completes_the_reset,
    extending_moves_the_expiry_of_a_pending_reset_alone,
    a_resend_begins_anew_unless_the_old_reset_has_ended,
    the_list_shows_newest_first_by_user_and_state_a_page_at_a_time,
    the_time_of_mailing_is_noted_once_and_moves_the_revision,
    a_reset_lasts_as_long_as_was_ordered,
];
