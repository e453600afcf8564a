//! What other services are told.

use rekey_kernel::{TenantId, Timestamp, UserId};

use super::{CompletedBy, Reset};

/// An event of this service.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A new password is set.
    Completed(Reset, CompletedBy, Timestamp),
    /// An administrator took it back.
    Cancelled(Reset, Timestamp),
    /// Its time ran out; the account stays locked.
    Expired(Reset, Timestamp),
    /// No way in is left; the account stays locked.
    Exhausted(Reset, Timestamp),
    /// All sessions of the user are dead.
    SessionRevoked {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// Why, in a word.
        reason: &'static str,
        /// When.
        at: Timestamp,
    },
}
