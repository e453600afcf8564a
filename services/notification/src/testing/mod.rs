//! What the tests share: a store in a real database of either kind, a clock that is moved by hand, services and mailers that answer as they are told.

mod fakes;
pub(crate) mod services;
pub(crate) mod smtp_server;

pub(crate) use fakes::{FakeHouse, FakeMailer};

use prost::Message;
use rekey_kernel::{Clock, ManualClock, Method, Methods, Random, Secret, Timestamp};
use rekey_messaging::{
    Event, EventKind,
    outbox::{OutboxStore, SeaOutbox},
};
use rekey_proto::events::v1::ForcePasswordReset;
use rekey_runtime::database::{Database, Pool};
use rekey_testing::{Backend, TestDatabase};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

use crate::{
    app::{accept::Intake, deliver::Deliverer, deliveries::Deliveries, dispatch::Dispatcher},
    domain::{
        breaker::Breaker,
        job::{Delivery, Order},
        mail::{Mail, Sender},
    },
    storage::{Migrator, SeaStore},
};

/// 2026-11-18T09:46:40Z
pub(crate) const START: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// No chance at all.
pub(crate) struct Zeros;

impl Random for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

pub(crate) struct World {
    place: TestDatabase,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) house: Arc<FakeHouse>,
    pub(crate) mailer: Arc<FakeMailer>,
    pub(crate) store: Arc<SeaStore>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) deliveries: Deliveries,
    pub(crate) database: Database,
    outbox: SeaOutbox<Pool>,
}

impl World {
    pub(crate) async fn new(on: Backend) -> Self {
        Self::at(TestDatabase::new(on).await).await
    }

    pub(crate) async fn at(place: TestDatabase) -> Self {
        let database = Database::open(place.url()).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let (house, mailer) = (Arc::new(FakeHouse::default()), Arc::new(FakeMailer::default()));
        let Replica { store, intake, dispatcher } = Replica::on(&database, &clock, &house, &mailer);
        let deliveries = Deliveries { jobs: Arc::clone(&store) as _ };
        let outbox = SeaOutbox::new(database.writer().clone());
        Self { place, clock, house, mailer, store, intake, dispatcher, deliveries, database, outbox }
    }

    /// Another notification on the same database, with connections of its own.
    pub(crate) async fn another(&self) -> Replica {
        let database = Database::open(self.place.url()).await.unwrap();
        Replica::on(&database, &self.clock, &self.house, &self.mailer)
    }

    /// Sends all that is due now.
    pub(crate) async fn send_due(&self) {
        send_due(&self.dispatcher).await;
    }

    /// The events that wait for the relay; they are published by being looked at.
    pub(crate) async fn published(&self) -> Vec<Event> {
        let now = self.clock.now();
        let claims = self.outbox.claim(now, now, 100).await.unwrap();
        for claim in &claims {
            self.outbox.done(claim).await.unwrap();
        }
        claims.into_iter().map(|claim| claim.event).collect()
    }

    pub(crate) async fn list(&self) -> Vec<Delivery> {
        use crate::ports::Jobs;
        self.store.list(order(&[]).tenant, None).await.unwrap()
    }
}

/// The use cases of one process.
pub(crate) struct Replica {
    pub(crate) store: Arc<SeaStore>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) dispatcher: Dispatcher,
}

impl Replica {
    fn on(database: &Database, clock: &Arc<ManualClock>, house: &Arc<FakeHouse>, mailer: &Arc<FakeMailer>) -> Self {
        let store = Arc::new(SeaStore::new(database.clone()));
        let (wake, wake_relay) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let intake = Intake {
            jobs: Arc::clone(&store) as _,
            dead_letters: Arc::clone(&store) as _,
            from: sender(),
            clock: Arc::clone(clock) as _,
            wake: Arc::clone(&wake),
            wake_relay: Arc::clone(&wake_relay),
        };
        let deliverer = Deliverer {
            jobs: Arc::clone(&store) as _,
            recipients: Arc::clone(house) as _,
            secrets: Arc::clone(house) as _,
            templates: Arc::clone(house) as _,
            mailer: Arc::clone(mailer) as _,
            breaker: Mutex::new(Breaker::default()),
            from: sender(),
            public_base: "https://localhost:9443".to_owned(),
            clock: Arc::clone(clock) as _,
            random: Arc::new(Zeros),
            wake_relay,
        };
        let dispatcher = Dispatcher {
            jobs: Arc::clone(&store) as _,
            deliverer: Arc::new(deliverer),
            permits: Arc::new(Semaphore::new(4)),
            tasks: TaskTracker::new(),
            clock: Arc::clone(clock) as _,
            wake,
        };
        Self { store, intake: Arc::new(intake), dispatcher }
    }
}

/// Sends all that is due now.
pub(crate) async fn send_due(dispatcher: &Dispatcher) {
    dispatcher.pass().await;
    dispatcher.drain().await;
    dispatcher.tasks.reopen();
}

pub(crate) fn sender() -> Sender {
    Sender { name: "Example".to_owned(), address: "noreply@example.com".parse().unwrap() }
}

/// An order whose reset lives for a day.
pub(crate) fn order(methods: &[Method]) -> Order {
    Order {
        reset: "01938e5a-0000-7000-8000-000000000001".parse().unwrap(),
        tenant: rekey_kernel::TenantId::DEFAULT,
        user: "01938e5a-0000-7000-8000-000000000002".parse().unwrap(),
        epoch: 3,
        methods: methods.iter().copied().collect(),
        expires_at: START.after(std::time::Duration::from_hours(24)),
    }
}

/// The event that the order comes in.
pub(crate) fn event(order: &Order) -> Event {
    let message = ForcePasswordReset {
        reset_id: order.reset.to_string(),
        tenant_id: order.tenant.to_string(),
        user_id: order.user.to_string(),
        epoch: order.epoch,
        methods: order.methods.numbers(),
        reason: "breach".to_owned(),
        initiator: "admin".to_owned(),
        occurred_at: START.as_micros(),
        expires_at: order.expires_at.as_micros(),
    };
    Event::new(order.reset.to_string(), EventKind::ForcePasswordReset, order.tenant, order.user.to_string(), START, message.encode_to_vec())
}

pub(crate) fn methods(methods: &[Method]) -> Methods {
    methods.iter().copied().collect()
}

/// A mail as the built-in templates make it.
pub(crate) fn mail() -> Mail {
    let link = format!("https://localhost:9443/t/default/reset#01938e5a-0000-7000-8000-000000000001.{}", "x".repeat(43));
    Mail {
        message_id: "reset-01938e5a-0000-7000-8000-000000000001@example.com".to_owned(),
        date: START,
        from: sender(),
        to: "alice@example.org".parse().unwrap(),
        subject: "Choose a new password".to_owned(),
        text: Secret::new(format!("Hello alice,\n\n{link}\n\nABCD1234\n\n.a dot\n")),
        html: Some(Secret::new(format!("<!DOCTYPE html>\n<p><a href=\"{link}\">Choose</a></p>\n"))),
    }
}
