//! What every outbox must do, on every database. A database is added by a line in `contract!`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use rekey_kernel::{Clock, Failure, ManualClock, TenantId, Timestamp};
use rekey_messaging::{
    BusError, Event, EventBus, EventKind, Handler, Subscription,
    outbox::{Admission, Confirm, Gate, Migration, OpenGate, OutboxStore, Relay, SeaOutbox, close, enqueue},
};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

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
    _folder: tempfile::TempDir,
}

async fn sqlite(gate: Arc<dyn Gate>) -> House {
    let folder = tempfile::tempdir().unwrap();
    let mut options = ConnectOptions::new(format!("sqlite://{}/outbox.db?mode=rwc", folder.path().display()));
    options.max_connections(1);
    let database = Database::connect(options).await.unwrap();
    Migrator::up(&database, None).await.unwrap();
    let bus = Arc::new(Recorder::default());
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000_000)));
    let outbox = Arc::new(SeaOutbox::new(database.clone()));
    let relay = Relay { service: "test", outbox, bus: bus.clone(), gate, clock: clock.clone() };
    House { database, bus, clock, relay, _folder: folder }
}

impl House {
    async fn enqueue(&self, id: &str, confirm: Confirm) {
        let event = Event::new(id, EventKind::ForcePasswordReset, TenantId::DEFAULT, "user", self.clock.now(), vec![1, 2, 3]);
        enqueue(&self.database, &event, confirm).await.unwrap();
    }
}

async fn an_event_is_published_once_when_publishing_is_enough(house: House) {
    house.enqueue("a", Confirm::OnPublish).await;
    house.relay.pass().await;
    house.clock.advance(Duration::from_hours(1));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn an_unconfirmed_event_is_published_again_under_a_new_message_id(house: House) {
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

async fn a_bus_that_is_down_loses_nothing(house: House) {
    house.enqueue("a", Confirm::OnPublish).await;
    *house.bus.down.lock().unwrap() = true;
    house.relay.pass().await;
    *house.bus.down.lock().unwrap() = false;
    house.clock.advance(Duration::from_secs(2));
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn a_claim_that_was_overtaken_changes_nothing(house: House) {
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

async fn leases_are_void_when_their_process_is_gone(house: House) {
    house.enqueue("a", Confirm::EndToEnd).await;
    let outbox = SeaOutbox::new(house.database.clone());
    let now = house.clock.now();
    outbox.claim(now, now.after(Duration::from_secs(15)), 10).await.unwrap();
    outbox.void_leases().await.unwrap();
    house.relay.pass().await;
    assert_eq!(house.bus.message_ids(), ["a:0"]);
}

async fn a_closed_gate_ends_the_event(house: House) {
    house.enqueue("a", Confirm::EndToEnd).await;
    house.relay.pass().await;
    house.clock.advance(Duration::from_hours(1));
    house.relay.pass().await;
    assert!(house.bus.message_ids().is_empty());
    let outbox = SeaOutbox::new(house.database.clone());
    let now = house.clock.now();
    assert!(outbox.claim(now, now, 10).await.unwrap().is_empty());
}

macro_rules! contract {
    ($($database:ident;)*) => {$(
        mod $database {
            use super::*;

            #[tokio::test]
            async fn an_event_is_published_once_when_publishing_is_enough() {
                super::an_event_is_published_once_when_publishing_is_enough(super::$database(Arc::new(OpenGate)).await).await;
            }

            #[tokio::test]
            async fn an_unconfirmed_event_is_published_again_under_a_new_message_id() {
                super::an_unconfirmed_event_is_published_again_under_a_new_message_id(super::$database(Arc::new(OpenGate)).await).await;
            }

            #[tokio::test]
            async fn a_bus_that_is_down_loses_nothing() {
                super::a_bus_that_is_down_loses_nothing(super::$database(Arc::new(OpenGate)).await).await;
            }

            #[tokio::test]
            async fn a_claim_that_was_overtaken_changes_nothing() {
                super::a_claim_that_was_overtaken_changes_nothing(super::$database(Arc::new(OpenGate)).await).await;
            }

            #[tokio::test]
            async fn leases_are_void_when_their_process_is_gone() {
                super::leases_are_void_when_their_process_is_gone(super::$database(Arc::new(OpenGate)).await).await;
            }

            #[tokio::test]
            async fn a_closed_gate_ends_the_event() {
                super::a_closed_gate_ends_the_event(super::$database(Arc::new(ClosedGate)).await).await;
            }
        }
    )*};
}

contract! {
    sqlite;
}
