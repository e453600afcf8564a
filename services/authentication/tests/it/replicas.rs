//! Several authentications on one database, at the same time; and the database away for a while.

use futures::future::{join, join_all};
use rekey_authentication::{
    app::{LoggedIn, Proof},
    domain::Change,
};
use rekey_kernel::{Clock, Failure, Kind, Method, Secret, UserId};
use rekey_testing::{Backend, PostgresServer, TestDatabase};
use sea_orm::{ConnectionTrait, Statement};
use std::{future::Future, pin::Pin, time::Duration};

use crate::world::{DAY, NEW, OLD, World, admin, attempt, is_login_failure, nothing, order, tenant, wrong};

async fn failed_logins_are_counted_whoever_hears_them(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    let other = world.another().await;
    for name in ["alice", "nobody"] {
        let tries = (0..4).map(|_| attempt(name, "not the password")).collect::<Vec<_>>();
        let (one, two) = join(join_all(tries.iter().map(|it| world.core.login(it))), join_all(tries.iter().map(|it| other.login(it)))).await;
        assert!(one.iter().chain(&two).all(is_login_failure));
    }
    assert_eq!(world.count("login_attempts WHERE failures = 8").await, 2, "not one of them is lost");
}

async fn guesses_are_counted_whoever_hears_them(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let other = world.another().await;
    let reset = world.reset(alice, &[Method::Otp]).await;
    let code = world.code(reset).await;
    let guess = attempt("alice", &wrong(&code));
    let (one, two) = join(join_all((0..4).map(|_| world.core.login(&guess))), join_all((0..4).map(|_| other.login(&guess)))).await;
    assert!(one.iter().chain(&two).all(is_login_failure));
    assert_eq!(world.count("resets WHERE guesses_used = 5 AND state = 'exhausted'").await, 1);
    assert!(is_login_failure(&other.login(&attempt("alice", &code)).await), "the right one comes too late");
}

async fn of_many_redemptions_on_two_one_wins(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let other = world.another().await;
    let reset = world.reset(alice, &[Method::Link]).await;
    let link = world.link(reset).await;
    let new = |n: usize| Secret::new(format!("{NEW} {n}"));
    let here = join_all((0..4).map(async |n| world.core.complete(tenant(), &link, &new(n), "").await));
    let there = join_all((4..8).map(async |n| other.complete(tenant(), &link, &new(n), "").await));
    let (here, there) = join(here, there).await;
    let done: Vec<_> = here.iter().chain(&there).collect();
    let winners: Vec<_> = (0..8).filter(|n| done[*n].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{done:?}");
    assert!(done.iter().all(|it| it.as_ref().err().is_none_or(|failure| matches!(failure.kind, Kind::Gone | Kind::Unavailable))), "{done:?}");
    assert!(other.login(&attempt("alice", new(winners[0]).expose())).await.is_ok());
}

async fn a_change_that_two_apply_happens_once(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let other = world.another().await;
    for n in 1..=5 {
        let intent = world.intent();
        let change = Change { reset: Some(order(&[Method::Link])), ..nothing() };
        world.core.prepare(&admin(), intent, tenant(), alice, change).await.unwrap();
        let (one, two) = join(world.core.apply(tenant(), intent), other.apply(tenant(), intent)).await;
        assert_eq!(one.unwrap().reset, two.unwrap().reset);
        assert_eq!(world.audits("reset.begun").await, n);
    }
}

async fn a_hold_that_becomes_an_account_is_seen_by_whoever_waits_for_the_name(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    let (caller, create) = (admin(), Change { create: true, login_name: Some("bob".to_owned()), ..nothing() });
    let [first, second] = [1, 2].map(|number| UserId::from_uuid(uuid::Uuid::from_u128(number)));
    world.core.prepare(&caller, world.intent(), tenant(), first, create.clone()).await.unwrap();
    let applying = world.database.begin().await.unwrap();
    let account = "INSERT INTO accounts (id, tenant, login_name, folded, active, admin_locked, credential_version, revision, epoch, roles, created_at) \
                   SELECT $1, tenant, 'bob', 'bob', active, admin_locked, 0, 1, 0, roles, created_at FROM accounts";
    let account = Statement::from_sql_and_values(applying.get_database_backend(), account, [first.as_uuid().into()]);
    applying.execute_raw(account).await.unwrap();
    applying.execute_unprepared("UPDATE preparations SET outcome = 'applied', settled_at = 1, held_name = NULL").await.unwrap();
    let other = world.another().await;
    let late = other.prepare(&caller, world.intent(), tenant(), second, create);
    let commit = async {
        // Time enough to come to the name and wait for it; who comes later finds an account, as he must.
        tokio::time::sleep(Duration::from_millis(200)).await;
        applying.commit().await.unwrap();
    };
    let (late, ()) = join(late, commit).await;
    assert!(late.unwrap_err().is(Kind::Conflict));
    assert_eq!(world.count("preparations WHERE held_name IS NOT NULL").await, 0);
}

async fn no_session_survives_a_trigger_that_another_carries_out(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let other = world.another().await;
    for _ in 0..10 {
        let early = world.session("alice", OLD).await;
        let intent = world.intent();
        world.core.prepare(&admin(), intent, tenant(), alice, Change { reset: Some(order(&[Method::Link])), ..nothing() }).await.unwrap();
        let logins = attempt("alice", OLD);
        let (applied, login) = join(other.apply(tenant(), intent), world.core.login(&logins)).await;
        applied.unwrap();
        let opened = match login {
            Ok(LoggedIn::Authenticated(_, opened)) => vec![early, opened.token],
            _ => vec![early],
        };
        for session in opened {
            assert!(is_login_failure(&world.core.verify_session(tenant(), &session).await));
            assert!(is_login_failure(&other.verify_session(tenant(), &session).await));
        }
        world.change(&admin(), alice, Change { locked: Some(false), ..nothing() }).await.unwrap();
    }
}

async fn a_mail_that_is_reported_while_its_reset_is_extended_leaves_the_new_end(on: Backend) {
    let (world, alice) = World::with_alice(on).await;
    let other = world.another().await;
    for _ in 0..10 {
        let reset = world.reset(alice, &[Method::Link]).await;
        let (now, until) = (world.clock.now(), world.clock.now().after(DAY * 3));
        let caller = admin();
        let (extended, sent) = join(world.core.extend(&caller, tenant(), reset, Some(until)), other.mail_sent(tenant(), reset, now)).await;
        extended.unwrap();
        sent.unwrap();
        let (reset, _) = world.core.get(&admin(), tenant(), reset).await.unwrap();
        assert_eq!((reset.expires_at, reset.sent_at), (until, Some(now)));
    }
}

async fn a_name_that_no_database_can_store_is_as_unknown_as_any(on: Backend) {
    let (world, _) = World::with_alice(on).await;
    assert!(is_login_failure(&world.login("ali\0ce", OLD).await));
    assert!(is_login_failure(&world.basic("\0", OLD).await));
    assert_eq!(world.count("login_attempts").await, 2);
}

rekey_testing::on_both_databases![
    failed_logins_are_counted_whoever_hears_them,
    guesses_are_counted_whoever_hears_them,
    of_many_redemptions_on_two_one_wins,
    a_change_that_two_apply_happens_once,
    a_hold_that_becomes_an_account_is_seen_by_whoever_waits_for_the_name,
    no_session_survives_a_trigger_that_another_carries_out,
    a_mail_that_is_reported_while_its_reset_is_extended_leaves_the_new_end,
    a_name_that_no_database_can_store_is_as_unknown_as_any,
];

type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

fn asked<'a, T>(operation: impl Future<Output = Result<T, Failure>> + Send + 'a) -> Asked<'a> {
    Box::pin(async move { operation.await.map(drop) })
}

#[tokio::test]
async fn while_the_database_is_away_every_answer_is_503_and_then_all_goes_on() {
    let Some(server) = PostgresServer::start() else { return };
    let world = World::at(TestDatabase::on_server(&server.url()).await).await;
    let alice = world.user("alice", &[]).await;
    let bob = world.user("bob", &[]).await;
    let session = world.session("alice", OLD).await;
    let reset = world.reset(bob, &[Method::Link]).await;
    let link: Proof = world.link(reset).await;
    let (core, caller, login, new, intent) = (&world.core, admin(), attempt("alice", OLD), Secret::new(NEW), world.intent());
    let held = world.intent();
    core.prepare(&caller, held, tenant(), alice, Change { reset: Some(order(&[Method::Link])), ..nothing() }).await.unwrap();
    server.crash();
    let answers = join_all([
        asked(core.login(&login)),
        asked(core.verify_password(&login)),
        asked(core.verify_session(tenant(), &session)),
        asked(core.logout(tenant(), &session)),
        asked(core.validate(tenant(), &link)),
        asked(core.complete(tenant(), &link, &new, "")),
        asked(core.prepare(&caller, intent, tenant(), alice, Change { active: Some(false), ..nothing() })),
        asked(core.apply(tenant(), held)),
        asked(core.release(tenant(), intent)),
        asked(core.states(tenant(), std::slice::from_ref(&alice))),
        asked(core.get(&caller, tenant(), reset)),
        asked(core.cancel(&caller, tenant(), reset)),
        asked(core.extend(&caller, tenant(), reset, None)),
        asked(core.check_resend(&caller, tenant(), reset)),
        asked(core.reveal(tenant(), reset)),
        asked(core.read_offline_code(&caller, tenant(), alice)),
        asked(core.mail_sent(tenant(), reset, world.clock.now())),
        asked(core.sweep()),
        asked(core.resolve()),
        asked(core.purge(tenant())),
    ]);
    for (n, answer) in answers.await.into_iter().enumerate() {
        let failure = answer.unwrap_err();
        assert!(failure.is(Kind::Unavailable), "{n}: {failure:?}");
    }
    server.go_on();
    assert!(core.verify_session(tenant(), &session).await.is_ok());
    assert_eq!(core.apply(tenant(), held).await.unwrap().reset.unwrap().id, held.into());
    world.clock.advance(Duration::from_secs(1));
    assert!(is_login_failure(&core.login(&login).await));
}
