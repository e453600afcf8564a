//! What the core needs from outside.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, IntentId, Methods, ResetId, Secret, TenantId, Timestamp, UserId};
use std::time::Duration;

use crate::domain::{Account, AccountChange, Applied, Intent, Live, Lookup, User};

/// What a commit does to the user's row.
#[derive(Clone, Debug)]
pub enum Write {
    /// A new user.
    Insert(User),
    /// The next version of a user, if its version is still the expected one.
    Update {
        /// The new version.
        user: User,
        /// The version that it replaces.
        expected: u64,
    },
    /// The end of a user, if its version is still the expected one.
    Delete {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// The version that ends.
        expected: u64,
    },
}

impl Write {
    /// Whose row it is.
    pub const fn user(&self) -> UserId {
        match self {
            Self::Insert(user) | Self::Update { user, .. } => user.id,
            Self::Delete { user, .. } => *user,
        }
    }

    /// The version that it makes.
    pub const fn version(&self) -> u64 {
        match self {
            Self::Insert(user) | Self::Update { user, .. } => user.version,
            Self::Delete { expected, .. } => *expected + 1,
        }
    }
}

/// Why a commit did not happen. All but `Unknown` are certain: nothing of it is stored.
#[derive(Clone, Debug)]
pub enum CommitError {
    /// The user has another version by now.
    Overtaken,
    /// Another user of the tenant has the `userName`.
    UserNameTaken,
    /// The intent was given up in between.
    Abandoned,
    /// The database failed: it may have happened or not.
    Unknown(Failure),
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The users on it.
    pub users: Vec<User>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Users and intents, durably. To add one: implement this and run the tests of `tests/` with it; every method is atomic.
#[async_trait]
pub trait Store: Send + Sync {
    /// A user; `Ok(None)` when the tenant has no such.
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure>;

    /// A page of users in a stable order.
    async fn page(&self, tenant: TenantId, lookup: &Lookup, offset: u64, limit: u64) -> Result<Page, Failure>;

    /// One transaction: the user's row, the intent, and the announcement of its reset.
    async fn commit(&self, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError>;

    /// An intent, finished or not; `Ok(None)` when there is none or it was abandoned.
    async fn intent(&self, intent: IntentId) -> Result<Option<Intent>, Failure>;

    /// The unfinished intents of a user, in version order.
    async fn unfinished(&self, tenant: TenantId, user: UserId) -> Result<Vec<Intent>, Failure>;

    /// Users with unfinished intents made before then, those that wait longest first.
    async fn waiting(&self, before: Timestamp, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure>;

    /// Is the intent committed? If not, it never will be: its id is recorded as abandoned.
    async fn resolve(&self, tenant: TenantId, intent: IntentId, now: Timestamp) -> Result<bool, Failure>;

    /// Records what came of an intent: the projection follows, and a reset that did not begin is not announced. Repeating it is
    /// fine; true for whoever records it first.
    async fn finish(&self, intent: &Intent, applied: &Applied, now: Timestamp) -> Result<bool, Failure>;

    /// Brings the projection up to date if this state is newer, and returns the user as it is then.
    async fn project(&self, tenant: TenantId, user: UserId, account: &Account, now: Timestamp) -> Result<Option<User>, Failure>;

    /// Users whose projection shows a reset in the way, in id order after this one.
    async fn pending(&self, after: Option<UserId>, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure>;

    /// The reset's announcement has reached its end.
    async fn confirm(&self, reset: ResetId) -> Result<(), Failure>;

    /// Every user and intent of the tenant is gone.
    async fn purge(&self, tenant: TenantId) -> Result<(), Failure>;
}

/// The reason of a failed `apply` whose preparation is lost.
pub const NOT_PREPARED: &str = "not_prepared";

/// Accounts, as authentication keeps them.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Checks a change and holds it under the intent's id; nothing is in force yet.
    ///
    /// # Errors
    /// `Forbidden` by the privilege rule, `Conflict` for a login name that is taken, `Unprocessable` by the password policy.
    async fn prepare(&self, caller: &Caller, intent: IntentId, user: UserId, change: &AccountChange) -> Result<(), Failure>;

    /// Makes a prepared change true, once.
    ///
    /// # Errors
    /// `NotFound` with the reason [`NOT_PREPARED`] when authentication knows nothing of it, and then never will.
    async fn apply(&self, tenant: TenantId, intent: IntentId) -> Result<Applied, Failure>;

    /// Drops a preparation that will never be committed.
    async fn release(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure>;

    /// The present state of accounts; unknown ones are left out.
    async fn states(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<Live>, Failure>;

    /// The offline code of the user's live reset; `Ok(None)` when there is none. Each reading is audited.
    async fn offline_code(&self, caller: &Caller, user: UserId) -> Result<Option<Secret>, Failure>;

    /// What the reset was that the caller wants to resend, if that may be.
    async fn check_resend(&self, caller: &Caller, reset: ResetId) -> Result<Resendable, Failure>;
}

/// A reset that may be begun anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resendable {
    /// Whose it is.
    pub user: UserId,
    /// Its ways back in.
    pub methods: Methods,
    /// Why it was ordered.
    pub reason: String,
}

/// What the tenant has configured for resets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetSettings {
    /// The methods enabled.
    pub enabled: Methods,
    /// How long a reset's ways back in last.
    pub validity: Duration,
}

/// The tenants' options, never from a cache.
#[async_trait]
pub trait Settings: Send + Sync {
    /// What holds for resets at this moment.
    async fn reset_settings(&self, caller: &Caller) -> Result<ResetSettings, Failure>;
}
