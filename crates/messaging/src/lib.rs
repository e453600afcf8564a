//! Events between the services: the envelope, the [`EventBus`] port with its adapters, and the outbox that makes publishing
//! part of a transaction.

pub mod bus;
pub mod event;
pub mod jetstream;
pub mod memory;
mod observe;
pub mod outbox;

pub use bus::{BusError, EventBus, Handler, Outcome, Subscription};
pub use event::{Event, EventKind};
pub use jetstream::JetStreamBus;
pub use memory::MemoryBus;
