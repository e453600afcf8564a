//! What every outbox must do, on every database.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use rekey_kernel::{Clock, Failure, ManualClock, TenantId, Timestamp};
use rekey_messaging::{
    BusError, Event, EventBus, EventKind, Handler, Subscription,
    outbox::{Admission, Confirm, Gate, Migration, OpenGate, OutboxStore, Relay, SeaOutbox, Waiting, close, enqueue},
};
use rekey_testing::{Backend, TestDatabase};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Migration)]
    }
}

/// A bus that remembers what was published and can be told to fail.
#[derive(Default)]
struct Recorder {
    published: Mutex<Vec<Event>>,
    down: Mutex<bool>,
}

impl Recorder {
    fn message_ids(&self) -> Vec<String> {
        self.published.lock().unwrap().iter().map(Event::message_id).collect()
    }
}

#[async_trait]
impl EventBus for Recorder {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        if *self.down.lock().unwrap() {
            return Err(BusError::Unavailable("down".into()));
        }
        self.published.lock().unwrap().push(event.clone());
        Ok(())
    }

    async fn subscribe(&self, _: Subscription, _: Arc<dyn Handler>) -> Result<(), BusError> {
        Ok(())
    }
}

struct ClosedGate;

#[async_trait]
impl Gate for ClosedGate {
    async fn admit(&self, _: &Event) -> Result<Admission, Failure> {
        Ok(Admission::Close)
    }
}

struct House {
    database: DatabaseConnection,
    bus: Arc<Recorder>,
    clock: Arc<ManualClock>,
    relay: Relay,
    place: TestDatabase,
}

/// Another process on the same database.
async fn connected(place: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(place.url());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

impl House {
    async fn new(on: Backend) -> Self {
        Self::with(on, Arc::new(OpenGate)).await
    }

    async fn with(on: Backend, gate: Arc<dyn Gate>) -> Self {
        let place = TestDatabase::new(on).await;
        let database = connected(&place).await;
        Migrator::up(&database, None).await.unwrap();
        let bus = Arc::new(Recorder::default());
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000_000)));
        let outbox = Arc::new(SeaOutbox::new(database.clone()));
        let relay = Relay { service: "test", outbox, bus: bus.clone(), gate, clock: clock.clone() };
        Self { database, bus, clock, relay, place }
    }

    /// A relay in another process.
    async fn another_relay(&self, bus: Arc<dyn EventBus>) -> Relay {
        let outbox = Arc::new(SeaOutbox::new(connected(&self.place).await));
        Relay { service: "test", outbox, bus, gate: Arc::new(OpenGate), clock: self.clock.clone() }
    }

    async fn enqueue(&self, id: &str, confirm: Confirm) {
        let event = Event::new(id, EventKind::ForcePasswordReset, TenantId::DEFAULT, "user", self.clock.now(), vec![1, 2, 3]);
        enqueue(&self.database, &event, confirm).await.unwrap();
    }
}

async fn an_event_is_published_once_when_publishing_is_enough(on: Backend) {
    let house = House::new(on).await;
    house.enqueue("a", Confirm::OnPublish).await;
    house.relay.pass().await;
    house.clock.advance(Duration::from_hours(1));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn an_unconfirmed_event_is_published_again_under_a_new_message_id(on: Backend) {
    let house = House::new(on).await;
    house.enqueue("a", Confirm::EndToEnd).await;
    house.relay.pass().await;
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"], "not before its time");
    house.clock.advance(Duration::from_secs(11));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0", "a:1"]);
    close(&house.database, "a").await.unwrap();
    house.clock.advance(Duration::from_hours(1));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids().len(), 2, "confirmed: no more");
}

async fn a_bus_that_is_down_loses_nothing(on: Backend) {
    let house = House::new(on).await;
    house.enqueue("a", Confirm::OnPublish).await;
    *house.bus.down.lock().unwrap() = true;
    house.relay.pass().await;
    *house.bus.down.lock().unwrap() = false;
    house.clock.advance(Duration::from_secs(2));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn a_claim_that_was_overtaken_changes_nothing(on: Backend) {
    let house = House::new(on).await;
    house.enqueue("a", Confirm::EndToEnd).await;
    let outbox = SeaOutbox::new(house.database.clone());
    let now = house.clock.now();
    let frozen = outbox.claim(now, now.after(Duration::from_secs(15)), 10).await.unwrap().remove(0);
    assert!(outbox.claim(now, now.after(Duration::from_secs(15)), 10).await.unwrap().is_empty(), "leased");
    house.clock.advance(Duration::from_secs(16));
    house.relay.pass().await;
    outbox.later(&frozen, Timestamp::from_micros(0), true).await.unwrap();
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"], "the frozen holder did not make it due again");
}

async fn leases_are_void_when_their_process_is_gone(on: Backend) {
    let house = House::new(on).await;
    house.enqueue("a", Confirm::EndToEnd).await;
    let outbox = SeaOutbox::new(house.database.clone());
    let now = house.clock.now();
    outbox.claim(now, now.after(Duration::from_secs(15)), 10).await.unwrap();
    outbox.void_leases().await.unwrap();
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn a_closed_gate_ends_the_event(on: Backend) {
    let house = House::with(on, Arc::new(ClosedGate)).await;
    house.enqueue("a", Confirm::EndToEnd).await;
    house.relay.pass().await;
    house.clock.advance(Duration::from_hours(1));
    house.relay.pass().await;
    assert!(house.bus.message_ids().is_empty());
    let outbox = SeaOutbox::new(house.database.clone());
    let now = house.clock.now();
    assert!(outbox.claim(now, now, 10).await.unwrap().is_empty());
}

/// A bus that stands still when it is first used, until it is told to go on.
#[derive(Default)]
struct Freezing {
    recorder: Arc<Recorder>,
    frozen: Notify,
    thaw: Notify,
    has_been: Mutex<bool>,
}

#[async_trait]
impl EventBus for Freezing {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        if !std::mem::replace(&mut *self.has_been.lock().unwrap(), true) {
            self.frozen.notify_one();
            self.thaw.notified().await;
        }
        self.recorder.publish(event).await
    }

    async fn subscribe(&self, _: Subscription, _: Arc<dyn Handler>) -> Result<(), BusError> {
        Ok(())
    }
}

fn counted(ids: Vec<String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    counts
}

async fn four_relays_of_which_one_freezes_lose_nothing(on: Backend) {
    let house = House::new(on).await;
    for n in 0..100 {
        house.enqueue(&format!("{n}"), if n % 2 == 0 { Confirm::OnPublish } else { Confirm::EndToEnd }).await;
    }
    let freezing = Arc::new(Freezing::default());
    let sleeper = house.another_relay(freezing.clone()).await;
    let sleeper = tokio::spawn(async move { sleeper.pass().await });
    freezing.frozen.notified().await;

    let (second, third) = (house.another_relay(house.bus.clone()).await, house.another_relay(house.bus.clone()).await);
    let all_pass = async || tokio::join!(house.relay.pass(), second.pass(), third.pass());
    all_pass().await;
    let first_round = counted(house.bus.message_ids());
    assert!(!first_round.is_empty() && first_round.len() < 100, "the sleeper has leased the rest: {}", first_round.len());
    house.clock.advance(Duration::from_secs(16));
    all_pass().await;
    let counts = counted(house.bus.message_ids());
    let once: Vec<_> = (0..100).filter(|n| counts.get(&format!("{n}:0")) == Some(&1)).collect();
    // What waits for its confirmation was published in the first round and is due again.
    assert_eq!((once.len(), counts.keys().filter(|id| id.ends_with(":0")).count()), (100, 100), "each once, whoever did it");

    // The same id once more, as a service does that is asked again: the sleeper's late "done" means another row.
    let late = (0..100).step_by(2).find(|n| !first_round.contains_key(&format!("{n}:0"))).unwrap();
    house.enqueue(&format!("{late}"), Confirm::OnPublish).await;
    freezing.thaw.notify_one();
    sleeper.await.unwrap();
    let by_sleeper = freezing.recorder.message_ids();
    assert!(!by_sleeper.is_empty() && by_sleeper.iter().all(|id| id.ends_with(":0")), "at least once: what it held comes a second time");
    house.clock.advance(Duration::from_secs(11));
    all_pass().await;
    let counts = counted([house.bus.message_ids(), freezing.recorder.message_ids()].concat());
    assert_eq!(counts[&format!("{late}:0")], 3, "in its stead, late by the sleeper, and the new one, which the sleeper's end did not take away");
    assert!(counts.keys().any(|id| id.ends_with(":1")) && !counts.keys().any(|id| id.ends_with(":2")), "the sleeper counted no generation: {counts:?}");
}

async fn no_more_are_claimed_than_asked_for_and_none_twice(on: Backend) {
    let house = House::new(on).await;
    for n in 0..60 {
        house.enqueue(&format!("{n}"), Confirm::OnPublish).await;
    }
    let outboxes = futures::future::join_all((0..4).map(async |_| SeaOutbox::new(connected(&house.place).await))).await;
    let (now, until) = (house.clock.now(), house.clock.now().after(Duration::from_secs(15)));
    let mut ids = Vec::new();
    loop {
        let claims = futures::future::try_join_all(outboxes.iter().map(|outbox| outbox.claim(now, until, 3))).await.unwrap();
        assert!(claims.iter().all(|claims| claims.len() <= 3));
        if claims.iter().all(Vec::is_empty) {
            break;
        }
        ids.extend(claims.into_iter().flatten().map(|claim| claim.event.id));
    }
    ids.sort_unstable();
    let claimed = ids.len();
    ids.dedup();
    assert_eq!((ids.len(), claimed), (60, 60));
}

async fn what_was_never_published_is_counted_now_and_then(on: Backend) {
    let house = House::new(on).await;
    let outbox = SeaOutbox::new(house.database.clone());
    house.enqueue("a", Confirm::OnPublish).await;
    house.clock.advance(Duration::from_secs(5));
    house.enqueue("b", Confirm::EndToEnd).await;
    *house.bus.down.lock().unwrap() = true;
    house.relay.pass().await;
    let waiting = Waiting { events: 2, oldest: Duration::from_secs(5) };
    assert_eq!(outbox.waiting(house.clock.now()).await.unwrap(), Some(waiting));
    assert_eq!(outbox.waiting(house.clock.now()).await.unwrap(), None, "that was told just now");

    *house.bus.down.lock().unwrap() = false;
    house.clock.advance(Duration::from_secs(10));
    house.relay.pass().await;
    house.clock.advance(Duration::from_secs(10));
    assert_eq!(outbox.waiting(house.clock.now()).await.unwrap(), Some(Waiting::default()), "what waits for its confirmation is published");
}

rekey_testing::on_both_databases![
    what_was_never_published_is_counted_now_and_then,
    an_event_is_published_once_when_publishing_is_enough,
    an_unconfirmed_event_is_published_again_under_a_new_message_id,
    a_bus_that_is_down_loses_nothing,
    a_claim_that_was_overtaken_changes_nothing,
    leases_are_void_when_their_process_is_gone,
    a_closed_gate_ends_the_event,
    four_relays_of_which_one_freezes_lose_nothing,
    no_more_are_claimed_than_asked_for_and_none_twice,
];
