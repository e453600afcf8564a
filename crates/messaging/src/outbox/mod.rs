//! The transactional outbox: an event is a row written in the transaction that makes it true, and a relay publishes it.
//!
//! A row stays until its event is done: when it is published, or, for [`Confirm::EndToEnd`], when the last service in line has
//! confirmed it. Whatever stays is published again, so losing the whole bus costs time only.

mod relay;
mod sea;

pub use relay::{Admission, Gate, OpenGate, Relay};
pub use sea::{Migration, SeaOutbox, close, enqueue};

use async_trait::async_trait;
use rekey_kernel::{Failure, Timestamp};
use std::time::Duration;

use crate::Event;

/// When an event is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// As soon as the bus holds it.
    OnPublish,
    /// When [`close`] is called for it.
    EndToEnd,
}

/// An event claimed for publishing. The attempt number is the fence: whoever claims it later has a higher one.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The event, with its generation.
    pub event: Event,
    /// When it is done.
    pub confirm: Confirm,
    /// The fence.
    pub attempt: i64,
}

/// Events that have never been published so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub events: u64,
    /// How long the oldest has been waiting.
    pub oldest: Duration,
}

/// The rows as the relay sees them.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Claims up to `limit` rows that are due, until `lease_until`.
    async fn claim(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> Result<Vec<Claim>, Failure>;

    /// The event is done: its row goes. A claim that was overtaken changes nothing: whoever has it now publishes it once more.
    async fn done(&self, claim: &Claim) -> Result<(), Failure>;

    /// The event is to be looked at again at this time; `published` counts a generation. A claim that was overtaken changes
    /// nothing.
    async fn later(&self, claim: &Claim, at: Timestamp, published: bool) -> Result<(), Failure>;

    /// Nobody holds a lease any more: the one process that could is the one that asks.
    async fn void_leases(&self) -> Result<(), Failure>;

    /// What waits to be published for the first time. `None`: that was told a moment ago, or this store does not tell.
    async fn waiting(&self, _now: Timestamp) -> Result<Option<Waiting>, Failure> {
        Ok(None)
    }
}
