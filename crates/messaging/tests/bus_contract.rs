//! What every event bus must do, whatever it is made of. An adapter is added by a line in `contract!`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use bytes::Bytes;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventBus, EventKind, Handler, MemoryBus, Outcome, Subscription};
use rekey_messaging::{JetStreamBus, jetstream};
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
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

/// A real nats-server of our own, gone with the test.
struct NatsServer {
    child: Child,
    store: tempfile::TempDir,
    port: u16,
}

impl NatsServer {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let store = tempfile::tempdir().unwrap();
        Self { child: Self::spawn(&store, port), store, port }
    }

    fn spawn(store: &tempfile::TempDir, port: u16) -> Child {
        let config = store.path().join("nats.conf");
        let text = format!("listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n", store.path().display());
        std::fs::write(&config, text).unwrap();
        let program = std::env::var("NATS_SERVER").unwrap_or_else(|_| "nats-server".to_owned());
        let quiet = Command::new(&program).arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        quiet.expect("nats-server runs: `cargo xtask test` installs it and sets $NATS_SERVER")
    }

    async fn bus(&self) -> JetStreamBus {
        let config = jetstream::Config {
            url: format!("nats://127.0.0.1:{}", self.port),
            service: "test".to_owned(),
            nkey_seed: None,
            ca_file: None,
            owns_stream: true,
            replicas: 1,
        };
        let bus = JetStreamBus::connect(config, CancellationToken::new()).await.unwrap();
        ready(&bus).await;
        bus
    }

    /// Dies as by `kill -9`, and comes back with its store or with an empty one.
    fn restart(&mut self, wiped: bool) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        if wiped {
            self.store = tempfile::tempdir().unwrap();
        }
        self.child = Self::spawn(&self.store, self.port);
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
    let mut server = NatsServer::start();
    let bus = server.bus().await;
    let (recorder, mut events) = Recorder::new(vec![]);
    bus.subscribe(wants("lasting", &[EventKind::ConfigChanged]), recorder).await.unwrap();
    for (n, wiped) in [(0, false), (1, true), (2, false)] {
        publish(&bus, &event(&format!("before {n}"), EventKind::ConfigChanged)).await;
        assert_eq!(next(&mut events).await.id, format!("before {n}"));
        server.restart(wiped);
        publish(&bus, &event(&format!("after {n}"), EventKind::ConfigChanged)).await;
        while next(&mut events).await.id != format!("after {n}") {}
    }
}

macro_rules! contract {
    ($($adapter:ident: $bus:expr;)*) => {$(
        mod $adapter {
            use super::*;

            #[tokio::test]
            async fn every_durable_gets_every_event_of_its_kinds() {
                super::every_durable_gets_every_event_of_its_kinds(&$bus.1).await;
            }

            #[tokio::test]
            async fn replicas_of_a_durable_share_its_events() {
                super::replicas_of_a_durable_share_its_events(&$bus.1).await;
            }

            #[tokio::test]
            async fn what_is_to_be_retried_comes_again_and_what_is_discarded_does_not() {
                super::what_is_to_be_retried_comes_again_and_what_is_discarded_does_not(&$bus.1).await;
            }
        }
    )*};
}

contract! {
    memory: {
        let bus = MemoryBus::new();
        bus.open();
        ((), bus)
    };
    nats: {
        let server = NatsServer::start();
        let bus = server.bus().await;
        (server, bus)
    };
}
