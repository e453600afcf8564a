//! The vocabulary that every part of Rekey shares: typed ids, time, randomness, secrets, callers and failures.
//!
//! Nothing here does I/O. Time and randomness come in through [`Clock`] and [`Random`], so that every rule that depends on
//! them can be tested.

pub mod caller;
pub mod crash;
pub mod email;
pub mod failure;
pub mod id;
pub mod method;
pub mod random;
pub mod scope;
pub mod secret;
pub mod text;
pub mod time;
pub mod trace;

pub use caller::Caller;
pub use email::EmailAddress;
pub use failure::{Failure, Kind, Violation};
pub use id::{GroupId, IntentId, ResetId, TenantId, UserId};
pub use method::{LONGEST_RESET, LONGEST_RESET_MINUTES, Method, Methods};
pub use random::Random;
pub use scope::{Scope, Scopes};
pub use secret::Secret;
pub use time::{Clock, ManualClock, Timestamp};
pub use trace::TraceParent;
