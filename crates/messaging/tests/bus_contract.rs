//! What every event bus must do, whatever it is made of. An adapter is added by a line in `contract!`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use bytes::Bytes;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventBus, EventKind, Handler, JetStreamBus, MemoryBus, Outcome, Subscription, jetstream};
use rekey_testing::{NatsServer, nats_program};
use std::{net::TcpListener, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);

/// Answers with the outcomes it was given, then with `Done`, and tells the test what it got.
struct Recorder {
    got: mpsc::UnboundedSender<Event>,
    outcomes: Mutex<Vec<Outcome>>,
}

impl Recorder {
    fn new(outcomes: Vec<Outcome>) -> (Arc<Self>, mpsc::UnboundedReceiver<Event>) {
        let (got, events) = mpsc::unbounded_channel();
        (Arc::new(Self { got, outcomes: Mutex::new(outcomes) }), events)
    }
}

#[async_trait]
impl Handler for Recorder {
    async fn handle(&self, event: &Event) -> Outcome {
        self.got.send(event.clone()).unwrap();
        self.outcomes.lock().await.pop().unwrap_or(Outcome::Done)
    }
}

fn event(id: &str, kind: EventKind) -> Event {
    Event::new(id, kind, TenantId::DEFAULT, "user", Timestamp::from_micros(1), Bytes::from_static(b"payload"))
}

fn wants(durable: &str, kinds: &[EventKind]) -> Subscription {
    Subscription { durable: durable.to_owned(), kinds: kinds.to_vec(), concurrency: 4 }
}

async fn next(events: &mut mpsc::UnboundedReceiver<Event>) -> Event {
    timeout(PATIENCE, events.recv()).await.expect("an event arrives").expect("the bus lives")
}

async fn every_durable_gets_every_event_of_its_kinds(bus: &dyn EventBus) {
    let (first, mut to_first) = Recorder::new(vec![]);
    let (second, mut to_second) = Recorder::new(vec![]);
    bus.subscribe(wants("first", &[EventKind::ForcePasswordReset]), first).await.unwrap();
    bus.subscribe(wants("second", &[EventKind::ForcePasswordReset, EventKind::ConfigChanged]), second).await.unwrap();
    let (reset, config) = (event("a", EventKind::ForcePasswordReset), event("b", EventKind::ConfigChanged));
    bus.publish(&config).await.unwrap();
    bus.publish(&reset).await.unwrap();
    assert_eq!(next(&mut to_first).await, reset, "and nothing of another kind came before");
    let mut both = [next(&mut to_second).await.id, next(&mut to_second).await.id];
    both.sort();
    assert_eq!(both, ["a", "b"]);
}

async fn replicas_of_a_durable_share_its_events(bus: &dyn EventBus) {
    let (one, mut events) = Recorder::new(vec![]);
    bus.subscribe(wants("shared", &[EventKind::SessionRevoked]), one.clone()).await.unwrap();
    bus.subscribe(wants("shared", &[EventKind::SessionRevoked]), one).await.unwrap();
    for n in 0..20 {
        bus.publish(&event(&n.to_string(), EventKind::SessionRevoked)).await.unwrap();
    }
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(next(&mut events).await.id.parse::<u32>().unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (0..20).collect::<Vec<_>>());
}

async fn what_is_to_be_retried_comes_again_and_what_is_discarded_does_not(bus: &dyn EventBus) {
    let outcomes = vec![Outcome::Discard("poison".into()), Outcome::Retry(Duration::from_millis(20))];
    let (recorder, mut events) = Recorder::new(outcomes);
    bus.subscribe(wants("retrying", &[EventKind::PasswordResetExpired]), recorder).await.unwrap();
    bus.publish(&event("again", EventKind::PasswordResetExpired)).await.unwrap();
    assert_eq!(next(&mut events).await, next(&mut events).await);
    bus.publish(&event("marker", EventKind::PasswordResetExpired)).await.unwrap();
    assert_eq!(next(&mut events).await.id, "marker", "the discarded one did not come a third time");
}

/// A nats-server of this test's own, and a connection to it.
struct Broker {
    server: NatsServer,
    bus: JetStreamBus,
    _folder: tempfile::TempDir,
}

impl Broker {
    /// `None`, saying so, where there is no nats-server.
    async fn start() -> Option<Self> {
        let program = nats_program()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let (config, store) = (folder.path().join("nats.conf"), folder.path().join("store"));
        let text = format!("listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n", store.display());
        std::fs::write(&config, text).unwrap();
        let server = NatsServer::prepare(&program, &config, &store, port);
        server.go_on();
        let bus = JetStreamBus::connect(as_test(port), CancellationToken::new()).await.unwrap();
        ready(&bus).await;
        Some(Self { server, bus, _folder: folder })
    }

    /// It dies as by `kill -9`, and comes back with its store or with an empty one.
    fn restart(&self, wiped: bool) {
        self.server.kill9();
        if wiped {
            self.server.wipe();
        }
        self.server.go_on();
    }
}

fn as_test(port: u16) -> jetstream::Config {
    jetstream::Config { url: format!("nats://127.0.0.1:{port}"), service: "test".to_owned(), nkey_seed: None, ca_file: None, owns_stream: true, replicas: 1 }
}

async fn ready(bus: &JetStreamBus) {
    let ready = async {
        while bus.ready().await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, ready).await.expect("the bus is ready in time");
}

/// Publishes as the outbox does: again until it is taken.
async fn publish(bus: &JetStreamBus, event: &Event) {
    while bus.publish(event).await.is_err() {
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn jetstream_survives_the_death_of_its_server() {
    let Some(broker) = Broker::start().await else { return };
    let bus = &broker.bus;
    let (recorder, mut events) = Recorder::new(vec![]);
    bus.subscribe(wants("lasting", &[EventKind::ConfigChanged]), recorder).await.unwrap();
    for (n, wiped) in [(0, false), (1, true), (2, false)] {
        publish(bus, &event(&format!("before {n}"), EventKind::ConfigChanged)).await;
        assert_eq!(next(&mut events).await.id, format!("before {n}"));
        broker.restart(wiped);
        publish(bus, &event(&format!("after {n}"), EventKind::ConfigChanged)).await;
        while next(&mut events).await.id != format!("after {n}") {}
    }
}

macro_rules! contract {
    ($($adapter:ident: $house:expr, $bus:expr;)*) => {$(
        mod $adapter {
            use super::*;

            #[tokio::test]
            async fn every_durable_gets_every_event_of_its_kinds() {
                let Some(house) = $house else { return };
                super::every_durable_gets_every_event_of_its_kinds($bus(&house)).await;
            }

            #[tokio::test]
            async fn replicas_of_a_durable_share_its_events() {
                let Some(house) = $house else { return };
                super::replicas_of_a_durable_share_its_events($bus(&house)).await;
            }

            #[tokio::test]
            async fn what_is_to_be_retried_comes_again_and_what_is_discarded_does_not() {
                let Some(house) = $house else { return };
                super::what_is_to_be_retried_comes_again_and_what_is_discarded_does_not($bus(&house)).await;
            }
        }
    )*};
}

fn memory_bus() -> MemoryBus {
    let bus = MemoryBus::new();
    bus.open();
    bus
}

fn itself(bus: &MemoryBus) -> &dyn EventBus {
    bus
}

fn its_bus(broker: &Broker) -> &dyn EventBus {
    &broker.bus
}

contract! {
    memory: Some(memory_bus()), itself;
    nats: Broker::start().await, its_bus;
}
