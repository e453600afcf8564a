//! What the core needs from outside.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, GroupId, IntentId, Methods, ResetId, Secret, TenantId, Timestamp, UserId};
use std::time::Duration;
use uuid::Uuid;

use crate::domain::{Account, AccountChange, Applied, Group, Intent, Live, Member, MemberChange, MemberId, Page, Query, User};

/// What a commit does to the user's row.
#[derive(Clone, Debug)]
pub enum Write {
    /// A new user.
    Insert(User),
    /// The next version of a user, if its version is still that of the one it replaces.
    Update {
        /// The new version.
        user: User,
        /// What it replaces, as it was read: only what differs is written.
        before: Box<User>,
    },
    /// The end of a user, if its version is still the expected one. It is a member of no group afterwards.
    Delete {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// The version that ends.
        expected: u64,
        /// When: groups that listed it change with it.
        now: Timestamp,
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

    /// The row that it leaves.
    pub const fn stored(&self) -> Option<&User> {
        match self {
            Self::Insert(user) | Self::Update { user, .. } => Some(user),
            Self::Delete { .. } => None,
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
    /// A group cannot have this member: the tenant has neither such a user nor such a group.
    NoSuchMember(String),
    /// The resource cannot be stored as it is: a 4xx that says why.
    Refused(Failure),
    /// The database failed: it may have happened or not.
    Unknown(Failure),
}

/// What became of the recording of an intent's outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Was it recorded by this call?
    pub first: bool,
    /// The user as it is now, if it was still as it was committed.
    pub user: Option<User>,
}

/// Users and intents, durably. To add one: implement this and run the tests of `tests/` with it; every method is atomic.
#[async_trait]
pub trait Store: Send + Sync {
    /// A user; `Ok(None)` when the tenant has no such.
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure>;

    /// A page of users. The order is total and stable: ties are broken by id.
    ///
    /// # Errors
    /// `Unavailable`. Every filter and order that the protocol's parser accepts can be carried out.
    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<User>, Failure>;

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
    /// fine. `committed`: the user as it was written with the intent, for whoever knows it: while nobody has changed it since it need
    /// not be read again.
    async fn finish(&self, intent: &Intent, committed: Option<&User>, applied: &Applied, now: Timestamp) -> Result<Finished, Failure>;

    /// Brings the projection up to date if this state is newer, and returns the user as it is then.
    async fn project(&self, tenant: TenantId, user: UserId, account: &Account, now: Timestamp) -> Result<Option<User>, Failure>;

    /// Users whose projection shows a reset in the way, in id order after this one.
    async fn pending(&self, after: Option<UserId>, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure>;

    /// The reset's announcement has reached its end.
    async fn confirm(&self, reset: ResetId) -> Result<(), Failure>;

    /// Every user and intent of the tenant is gone.
    async fn purge(&self, tenant: TenantId) -> Result<(), Failure>;
}

/// What a commit does to a group.
#[derive(Clone, Debug)]
pub enum GroupWrite {
    /// A new group with its members.
    Insert(Group, Vec<Member>),
    /// The next version of a group, if its version is still the expected one. A change of members alone need not be the next version
    /// of what the caller read: see `expected`.
    Update {
        /// The profile and `modified` to store. Its version is given by the store: one more than the row's.
        group: Group,
        /// The version that it replaces; `None`: whichever there is (only members are added or taken out, which commutes with other
        /// changes), and then the row keeps its own profile.
        expected: Option<u64>,
        /// What becomes of the members; `None`: they stay.
        members: Option<MemberChange>,
    },
    /// The end of a group, if its version is still the expected one. It is a member of no group afterwards.
    Delete {
        /// The tenant.
        tenant: TenantId,
        /// The group.
        group: GroupId,
        /// The version that ends; `None`: whichever there is.
        expected: Option<u64>,
        /// When: groups that listed it change with it.
        now: Timestamp,
    },
}

/// Groups, durably; every method is atomic. What a change of members does to others (`user.groups`) is seen at once.
#[async_trait]
pub trait Groups: Send + Sync {
    /// A group without its members; `Ok(None)` when the tenant has no such.
    async fn find(&self, tenant: TenantId, group: GroupId) -> Result<Option<Group>, Failure>;

    /// The members of these groups, each group's in the order in which they came in.
    async fn members(&self, tenant: TenantId, groups: &[GroupId]) -> Result<Vec<(GroupId, Member)>, Failure>;

    /// Has the group more members than so many?
    async fn has_more_members(&self, tenant: TenantId, group: GroupId, than: u64) -> Result<bool, Failure>;

    /// A page of groups, without members.
    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<Group>, Failure>;

    /// One transaction. The stored group, whose version has grown only if something really changed (an add of members that are there
    /// already changes nothing); `Ok(None)` after a delete.
    ///
    /// # Errors
    /// [`CommitError::Overtaken`] when the version is another one or the group is gone, and when it would have waited for another change in
    /// a circle; only then [`CommitError::NoSuchMember`] naming the first new member that the tenant does not have.
    async fn commit(&self, write: &GroupWrite) -> Result<Option<Group>, CommitError>;

    /// What these ids stand for in the tenant; unknown ones are left out.
    async fn known(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<MemberId>, Failure>;
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
