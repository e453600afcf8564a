//! Types and rules: users, changes of accounts, readiness for a reset, intents. No I/O, no async.

pub mod account;
pub mod change;
pub mod etag;
pub mod intent;
pub mod lookup;
pub mod profile;
pub mod readiness;
pub mod render;
pub mod user;

pub use account::{Account, Live, LiveReset};
pub use change::{AccountChange, Manner, ResetOrder};
pub use intent::{Applied, Intent, IntentKind, IntentReset, Outcome, Progress};
pub use lookup::Lookup;
pub use user::User;

use rekey_kernel::Failure;
use rekey_scim_protocol::ScimError;

/// A SCIM error of the protocol's own code, as a failure with its `scimType` for a reason.
pub fn refused(error: ScimError) -> Failure {
    Failure::invalid(error.scim_type.unwrap_or_else(|| "invalidSyntax".to_owned()), error.detail)
}
