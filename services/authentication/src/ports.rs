//! What the core needs of the world.
//!
//! To add a database: implement [`Store`] and [`Tx`], and run `tests/` against it. Absence is `Ok(None)`, never a failure.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, ResetId, Secret, TenantId, Timestamp, UserId};
use std::time::Duration;

use crate::domain::{
    Account, Attempts, AuditEntry, Event, Outcome, PasswordHash, PasswordPolicy, Preparation, Reset, ResetSession, Session, StateName, TokenHash,
};

/// A place in the list of resets: behind this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When it began.
    pub created_at: Timestamp,
    /// Which of that moment.
    pub id: ResetId,
}

/// Which resets are wanted, newest first.
#[derive(Clone, Copy, Debug)]
pub struct ResetQuery {
    /// The tenant.
    pub tenant: TenantId,
    /// Of this user only.
    pub user: Option<UserId>,
    /// In this state only, by the clock.
    pub state: Option<StateName>,
    /// Behind this one.
    pub after: Option<Cursor>,
    /// So many at most.
    pub limit: u64,
    /// The present.
    pub now: Timestamp,
}

/// Reading. Every finder begins at the tenant. Resets come as they are stored: ask [`Reset::at`] how they stand by the clock.
#[async_trait]
pub trait Reads: Send + Sync {
    /// The account of a user.
    async fn account(&self, tenant: TenantId, user: UserId) -> Result<Option<Account>, Failure>;
    /// The account of a folded login name.
    async fn account_named(&self, tenant: TenantId, folded: &str) -> Result<Option<Account>, Failure>;
    /// The accounts of these users; unknown ones are left out.
    async fn accounts(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<Account>, Failure>;
    /// One reset.
    async fn reset(&self, tenant: TenantId, id: ResetId) -> Result<Option<Reset>, Failure>;
    /// These resets; unknown ones are left out.
    async fn resets(&self, tenant: TenantId, ids: &[ResetId]) -> Result<Vec<Reset>, Failure>;
    /// A page of resets with their users' login names (empty when the account is gone).
    async fn list_resets(&self, query: ResetQuery) -> Result<Vec<(Reset, String)>, Failure>;
    /// A session by its token.
    async fn session(&self, tenant: TenantId, hash: &TokenHash) -> Result<Option<Session>, Failure>;
    /// A reset session by its token.
    async fn reset_session(&self, tenant: TenantId, hash: &TokenHash) -> Result<Option<ResetSession>, Failure>;
    /// Does a session of this reset live?
    async fn has_reset_session(&self, reset: ResetId, now: Timestamp) -> Result<bool, Failure>;
    /// The failed logins under this key.
    async fn attempts(&self, key: &[u8]) -> Result<Option<Attempts>, Failure>;
    /// Former passwords, the latest first.
    async fn former_passwords(&self, tenant: TenantId, user: UserId, limit: usize) -> Result<Vec<PasswordHash>, Failure>;
    /// What is held under an intent.
    async fn preparation(&self, tenant: TenantId, intent: IntentId) -> Result<Option<Preparation>, Failure>;
    /// Does a change of this account wait that holds a login name?
    async fn is_being_renamed(&self, tenant: TenantId, user: UserId) -> Result<bool, Failure>;
    /// Does a change wait that would make this account?
    async fn is_being_created(&self, tenant: TenantId, user: UserId) -> Result<bool, Failure>;
}

/// Accounts in a transaction.
#[async_trait]
pub trait AccountWrites {
    /// The account of a user, which nobody else changes before the transaction ends.
    async fn lock_account(&self, tenant: TenantId, user: UserId) -> Result<Option<Account>, Failure>;
    /// A new account.
    async fn insert_account(&self, account: &Account) -> Result<(), Failure>;
    /// The account as it is now.
    async fn save_account(&self, account: &Account) -> Result<(), Failure>;
    /// The account is gone, with its former passwords.
    async fn delete_account(&self, tenant: TenantId, user: UserId) -> Result<(), Failure>;
    /// Another form of the same password.
    async fn replace_hash(&self, account: &Account, hash: &PasswordHash) -> Result<(), Failure>;
    /// This password was used.
    async fn remember_password(&self, account: &Account, hash: &PasswordHash, now: Timestamp) -> Result<(), Failure>;
    /// Every account, session, reset, preparation and counter of the tenant is gone.
    async fn purge(&self, tenant: TenantId) -> Result<(), Failure>;
}

/// Resets in a transaction.
#[async_trait]
pub trait ResetWrites {
    /// A new one.
    async fn insert_reset(&self, reset: &Reset) -> Result<(), Failure>;
    /// State, expiry and time of mailing as they are now, if it still is in the state `from`. False when it is not.
    async fn save_reset(&self, reset: &Reset, from: StateName) -> Result<bool, Failure>;
    /// Counts a guess, if the reset is pending by the clock and has one left: the guesses used, this one among them.
    async fn count_guess(&self, reset: ResetId, now: Timestamp) -> Result<Option<u32>, Failure>;
    /// The guess was right.
    async fn give_back_guess(&self, reset: ResetId) -> Result<(), Failure>;
}

/// Sessions and counters in a transaction.
#[async_trait]
pub trait SessionWrites {
    /// A new session.
    async fn insert_session(&self, session: &Session) -> Result<(), Failure>;
    /// A new reset session; older ones of the same reset are void.
    async fn replace_reset_session(&self, session: &ResetSession) -> Result<(), Failure>;
    /// All sessions of the user, of both kinds, are dead.
    async fn delete_sessions(&self, tenant: TenantId, user: UserId) -> Result<(), Failure>;
    /// The failed logins under this key, which nobody else counts before the transaction ends.
    async fn lock_attempts(&self, tenant: TenantId, key: &[u8], now: Timestamp) -> Result<Attempts, Failure>;
    /// The failed logins under this key, as they are now.
    async fn save_attempts(&self, tenant: TenantId, key: &[u8], attempts: &Attempts) -> Result<(), Failure>;
    /// No failed logins under this key.
    async fn clear_attempts(&self, key: &[u8]) -> Result<(), Failure>;
}

/// What became of holding a preparation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is held.
    Yes,
    /// Another preparation holds its login name, or its intent.
    NameHeld,
}

/// A preparation that nobody else settles before the transaction ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// What is held.
    pub preparation: Preparation,
    /// Had its user an account when it was looked for? One that is made at this moment is not seen, and making it once more fails.
    pub has_account: bool,
}

/// Preparations in a transaction.
#[async_trait]
pub trait PreparationWrites {
    /// What is held under an intent, which nobody else settles before the transaction ends.
    async fn lock_preparation(&self, tenant: TenantId, intent: IntentId) -> Result<Option<Locked>, Failure>;
    /// Holds it, with its login name. Nothing may be held under the same intent.
    async fn hold(&self, preparation: &Preparation) -> Result<Held, Failure>;
    /// It has an outcome: its content and its hold on a login name go.
    async fn settle(&self, intent: IntentId, outcome: Outcome, now: Timestamp) -> Result<(), Failure>;
    /// Drops it, unless it has an outcome.
    async fn release(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure>;
}

/// What is told and written down, in the transaction that makes it true.
#[async_trait]
pub trait Journal {
    /// One more audit row.
    async fn audit(&self, entry: &AuditEntry) -> Result<(), Failure>;
    /// One more event in the outbox.
    async fn publish(&self, event: &Event) -> Result<(), Failure>;
}

/// A transaction: all of it or nothing. Dropping it rolls back.
#[async_trait]
pub trait Tx: Reads + AccountWrites + ResetWrites + SessionWrites + PreparationWrites + Journal {
    /// All of it is true from here on.
    async fn commit(self: Box<Self>) -> Result<(), Failure>;
}

/// The database.
#[async_trait]
pub trait Store: Reads {
    /// Begins a transaction. The store's own readers see nothing of it before it is committed.
    async fn begin(&self) -> Result<Box<dyn Tx>, Failure>;
    /// Holds a preparation that gives no login name, as a transaction of its own. Nothing may be held under the same intent.
    async fn hold(&self, preparation: &Preparation) -> Result<Held, Failure>;
    /// Holds a preparation that makes an account, with its login name, as a transaction of its own. False, and nothing is held, when the
    /// account is there, when its name is taken or held, or when something is held under the same intent.
    async fn hold_new(&self, preparation: &Preparation) -> Result<bool, Failure>;
    /// Ends one session.
    async fn delete_session(&self, tenant: TenantId, hash: &TokenHash) -> Result<(), Failure>;
    /// Pending resets whose time has come.
    async fn due_resets(&self, now: Timestamp, limit: u64) -> Result<Vec<Reset>, Failure>;
    /// Pending resets that have no guess, no link and no living session left.
    async fn spent_resets(&self, now: Timestamp, limit: u64) -> Result<Vec<Reset>, Failure>;
    /// Preparations without an outcome that were made before this, and about which nobody was asked since.
    async fn stale_preparations(&self, before: Timestamp, limit: u64) -> Result<Vec<(TenantId, IntentId)>, Failure>;
    /// The intent of a preparation is committed: nobody need ask again.
    async fn confirm_preparation(&self, intent: IntentId) -> Result<(), Failure>;
    /// Drops a preparation, unless it has an outcome.
    async fn drop_preparation(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure>;
    /// Drops sessions that ended, counters that nobody touched, and settled preparations, each from before its time.
    async fn sweep(&self, now: Timestamp) -> Result<(), Failure>;
}

/// How a password compares with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It is the password.
    pub fits: bool,
    /// The hash was made with other parameters than are in use now.
    pub outdated: bool,
}

/// Hashes passwords, a bounded number at once.
#[async_trait]
pub trait Hasher: Send + Sync {
    /// # Errors
    /// `Unavailable` when too many wait.
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, Failure>;

    /// Without a hash the same work is done for nothing, so that nobody can tell.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verdict, Failure>;

    /// Gives back memory that nobody has used since the last time.
    fn trim(&self);
}

/// What the tenant has decided; never cached.
#[async_trait]
pub trait Policies: Send + Sync {
    /// What it demands of passwords.
    ///
    /// # Errors
    /// `Unavailable` when the service that knows is down.
    async fn password_policy(&self, tenant: TenantId) -> Result<PasswordPolicy, Failure>;

    /// How long a new reset is good.
    ///
    /// # Errors
    /// `Unavailable` when the service that knows is down.
    async fn reset_validity(&self, tenant: TenantId) -> Result<Duration, Failure>;
}

/// The service that commits intents.
#[async_trait]
pub trait Intents: Send + Sync {
    /// Is this intent committed? If not, it never will be from here on.
    ///
    /// # Errors
    /// `Unavailable` when the service that knows is down.
    async fn is_committed(&self, tenant: TenantId, intent: IntentId) -> Result<bool, Failure>;
}
