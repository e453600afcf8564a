//! What is written down about who did what.

use rekey_kernel::{Caller, ResetId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account; absent for a service of ours.
    pub user: Option<UserId>,
    /// Its login name, or the service's.
    pub name: String,
    /// The network address; empty when there is none.
    pub source: String,
}

impl Actor {
    /// This service itself: the clock, not a person.
    pub fn service() -> Self {
        Self { user: None, name: "authentication".to_owned(), source: String::new() }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self { user: caller.user, name: caller.name.clone(), source: caller.source.clone() }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// The word in the row.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

actions! {
    /// An account was made.
    AccountCreated = "account.created",
    /// An account was deleted.
    AccountDeleted = "account.deleted",
    /// A login name was changed.
    AccountRenamed = "account.renamed",
    /// An account was made active.
    AccountActivated = "account.activated",
    /// An account was made inactive.
    AccountDeactivated = "account.deactivated",
    /// An administrator locked an account.
    AccountLocked = "account.locked",
    /// An administrator unlocked an account.
    AccountUnlocked = "account.unlocked",
    /// Resets are mailed to another address.
    ContactChanged = "account.contact_changed",
    /// Roles were given or taken.
    RolesChanged = "account.roles_changed",
    /// An administrator set a password.
    PasswordSet = "account.password_set",
    /// A user logged in.
    LoggedIn = "session.opened",
    /// A reset began.
    ResetBegun = "reset.begun",
    /// A newer reset took its place.
    ResetSuperseded = "reset.superseded",
    /// A new password was set.
    ResetCompleted = "reset.completed",
    /// An administrator took it back.
    ResetCancelled = "reset.cancelled",
    /// Its time ran out.
    ResetExpired = "reset.expired",
    /// Its guesses ran out.
    ResetExhausted = "reset.exhausted",
    /// Its expiry was moved.
    ResetExtended = "reset.extended",
    /// A right code opened a reset session.
    CodeAccepted = "reset.code_accepted",
    /// An administrator read the offline code.
    OfflineCodeRead = "reset.offline_code_read",
}

/// One row; never changed, never deleted, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Where.
    pub tenant: TenantId,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// Whom.
    pub subject: UserId,
    /// Of which reset.
    pub reset: Option<ResetId>,
    /// When.
    pub at: Timestamp,
    /// `done`, or why not.
    pub result: &'static str,
}
