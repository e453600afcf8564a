//! Several notifications on one database, at the same time.

use futures::future::{join, try_join_all};
use rekey_kernel::{Method, ResetId};
use rekey_testing::Backend;
use std::{collections::BTreeSet, time::Duration};

use crate::{
    domain::job::{Finish, JobState, Order, Postponement},
    ports::{Accepted, Jobs},
    testing::{START, World, methods, order, send_due},
};

async fn with_mails(on: Backend, count: u128) -> World {
    let world = World::new(on).await;
    for number in 0..count {
        world.intake.accept(&numbered(number)).await.unwrap();
    }
    world
}

fn numbered(number: u128) -> Order {
    Order { reset: ResetId::from_uuid(uuid::Uuid::from_u128(number)), ..order(&[Method::Link]) }
}

async fn no_two_claim_the_same_mail_and_none_claims_more_than_there_is_room_for(on: Backend) {
    let world = with_mails(on, 60).await;
    let (second, third) = (world.another().await, world.another().await);
    let stores = [&world.store, &second.store, &third.store];
    let until = START.after(Duration::from_secs(15));
    let mut claimed = Vec::new();
    loop {
        let jobs = try_join_all(stores.map(|store| store.claim(START, until, 3))).await.unwrap();
        assert!(jobs.iter().all(|jobs| jobs.len() <= 3));
        if jobs.iter().all(Vec::is_empty) {
            break;
        }
        claimed.extend(jobs.into_iter().flatten().map(|job| job.order.reset));
    }
    assert_eq!((claimed.len(), claimed.into_iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

async fn two_that_send_at_once_send_each_mail_once(on: Backend) {
    let world = with_mails(on, 40).await;
    let other = world.another().await;
    while world.list().await.iter().any(|delivery| delivery.state == JobState::Queued) {
        join(send_due(&world.dispatcher), send_due(&other.dispatcher)).await;
    }
    assert_eq!((world.mailer.attempts(), world.published().await.len()), (40, 40));
}

async fn an_event_that_comes_to_two_at_once_makes_one_mail(on: Backend) {
    let world = World::new(on).await;
    let other = world.another().await;
    for number in 0..20 {
        let order = numbered(number);
        let (first, second) = join(world.store.accept(&order, "m", START), other.store.accept(&order, "m", START)).await;
        assert!(matches!((first.unwrap(), second.unwrap()), (Accepted::New, Accepted::Known) | (Accepted::Known, Accepted::New)));
    }
    assert_eq!(world.list().await.len(), 20);
}

async fn what_one_that_was_frozen_records_later_changes_nothing(on: Backend) {
    let world = with_mails(on, 1).await;
    let other = world.another().await;
    let frozen = world.store.claim(START, START.after(Duration::from_secs(15)), 1).await.unwrap().remove(0);
    world.clock.advance(Duration::from_secs(16));
    send_due(&other.dispatcher).await;
    let record = world.list().await;
    let events = world.published().await;
    assert_eq!((record[0].state, record[0].attempts, events.len()), (JobState::Sent, 2, 1));

    let late = START.after(Duration::from_mins(1));
    let sent = Finish { state: JobState::Sent, detail: "250 late".into(), channels: methods(&[Method::Link]) };
    let postponed = Postponement { at: late, detail: "late".into(), deferred: true, expires_at: late };
    assert!(!world.store.finish(&frozen, &sent, late).await.unwrap());
    assert!(!world.store.finish(&frozen, &Finish::without_mail(JobState::Undeliverable, "late"), late).await.unwrap());
    assert!(!world.store.postpone(&frozen, &postponed).await.unwrap());
    assert!(!world.store.renew(&frozen, late).await.unwrap());
    assert_eq!((world.list().await, world.published().await.len()), (record, 0));
}

async fn one_that_was_frozen_while_another_still_sends_takes_nothing_from_it(on: Backend) {
    let world = with_mails(on, 1).await;
    let other = world.another().await;
    let until = |seconds| START.after(Duration::from_secs(seconds));
    let frozen = world.store.claim(START, until(15), 1).await.unwrap().remove(0);
    let present = other.store.claim(until(16), until(31), 1).await.unwrap().remove(0);
    let finish = Finish::without_mail(JobState::Dropped, "late");
    assert!(!world.store.finish(&frozen, &finish, until(17)).await.unwrap());
    assert!(!world.store.renew(&frozen, until(60)).await.unwrap());
    assert!(other.store.claim(until(18), until(33), 1).await.unwrap().is_empty(), "still leased");
    let (one, two) = join(other.store.finish(&present, &finish, until(19)), other.store.renew(&present, until(40))).await;
    assert!(one.unwrap());
    drop(two);
    assert_eq!(world.list().await[0].state, JobState::Dropped);
}

rekey_testing::on_both_databases![
    no_two_claim_the_same_mail_and_none_claims_more_than_there_is_room_for,
    two_that_send_at_once_send_each_mail_once,
    an_event_that_comes_to_two_at_once_makes_one_mail,
    what_one_that_was_frozen_records_later_changes_nothing,
    one_that_was_frozen_while_another_still_sends_takes_nothing_from_it,
];
