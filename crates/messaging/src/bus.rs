//! The port to a message bus.

use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

use crate::{Event, EventKind};

/// A message bus that delivers every event at least once to each durable subscription.
///
/// To add one: implement this, and run it through the contract suite in `tests/bus_contract.rs`, which every adapter passes.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Publishes an event. When it returns, the bus holds the event for every subscription; when it fails, the bus may hold it
    /// all the same: publish it again.
    ///
    /// # Errors
    /// When the bus did not take it, or did not say so in time.
    async fn publish(&self, event: &Event) -> Result<(), BusError>;

    /// Hands the events of these kinds to a handler, from now on until the bus is dropped. Subscribers of the same durable name
    /// share its events; each event goes to one of them. Order is not kept, and an event may come twice.
    ///
    /// # Errors
    /// When the bus cannot be reached.
    async fn subscribe(&self, subscription: Subscription, handler: Arc<dyn Handler>) -> Result<(), BusError>;

    /// What kind of bus it is, for traces.
    fn system(&self) -> &'static str {
        "memory"
    }
}

/// What a subscriber wants to hear.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The durable name, which replicas of one service share.
    pub durable: String,
    /// The kinds of events.
    pub kinds: Vec<EventKind>,
    /// How many are handled at once.
    pub concurrency: usize,
}

/// Takes events.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Handles one event. It may have been handled before.
    async fn handle(&self, event: &Event) -> Outcome;
}

/// What became of an event; the adapter turns it into its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handled, durably.
    Done,
    /// Deliver it again after this time.
    Retry(Duration),
    /// It can never be handled; why. The handler has recorded it.
    Discard(String),
}

/// The bus failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BusError {
    /// It cannot be reached, or did not answer in time.
    #[error("the message bus is not available: {0}")]
    Unavailable(String),
}
