//! What every event bus must do, whatever it is made of. An adapter is added by a line in `contract!`.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use bytes::Bytes;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventBus, EventKind, Handler, MemoryBus, Outcome, Subscription};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

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

macro_rules! contract {
    ($($adapter:ident: $bus:expr;)*) => {$(
        mod $adapter {
            use super::*;

            #[tokio::test]
            async fn every_durable_gets_every_event_of_its_kinds() {
                super::every_durable_gets_every_event_of_its_kinds(&$bus).await;
            }

            #[tokio::test]
            async fn replicas_of_a_durable_share_its_events() {
                super::replicas_of_a_durable_share_its_events(&$bus).await;
            }

            #[tokio::test]
            async fn what_is_to_be_retried_comes_again_and_what_is_discarded_does_not() {
                super::what_is_to_be_retried_comes_again_and_what_is_discarded_does_not(&$bus).await;
            }
        }
    )*};
}

contract! {
    memory: {
        let bus = MemoryBus::new();
        bus.open();
        bus
    };
}
