//! A change of an account on its way: prepared, held, and made true once.

use rekey_kernel::{IntentId, Methods, ResetId, TenantId, Timestamp, UserId, text::fold};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::{Account, Actor, PasswordHash, Roles};

/// What one request changes of an account; absent fields stay as they are. `P` is the password: a secret while it is checked,
/// a hash while it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<P = PasswordHash> {
    /// Make the account.
    pub create: bool,
    /// Delete it.
    pub delete: bool,
    /// Its login name.
    pub login_name: Option<String>,
    /// Its password.
    pub password: Option<P>,
    /// May anybody log in?
    pub active: Option<bool>,
    /// True: lock; false: unlock, and cancel the reset in the way.
    pub locked: Option<bool>,
    /// All its roles.
    pub roles: Option<Roles>,
    /// Force a reset.
    pub reset: Option<ResetOrder>,
    /// Resets are mailed to another address. That is scim's to keep; here it counts as touching the account.
    #[serde(default)]
    pub contact: bool,
}

/// A reset that is to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetOrder {
    /// The ways back in.
    pub methods: Methods,
    /// Why.
    pub reason: String,
    /// When its time runs out; absent: `validity` after it begins.
    pub expires_at: Option<Timestamp>,
    /// See there.
    pub validity: Duration,
    /// The reset that it repeats.
    pub resend_of: Option<ResetId>,
}

impl ResetOrder {
    /// When its time runs out if it begins now.
    pub fn expiry(&self, now: Timestamp) -> Timestamp {
        self.expires_at.unwrap_or_else(|| now.after(self.validity))
    }
}

impl<P> Change<P> {
    /// The login name as it is compared.
    pub fn folded_name(&self) -> Option<String> {
        self.login_name.as_deref().map(fold)
    }

    /// Does it alter anything of that account besides beginning a reset? Values equal to the present ones alter nothing.
    pub fn alters(&self, account: &Account) -> bool {
        self.delete
            || self.contact
            || self.password.is_some()
            || self.login_name.as_ref().is_some_and(|name| *name != account.login_name)
            || self.active.is_some_and(|active| active != account.active)
            || self.locks(account)
            || self.roles.as_ref().is_some_and(|roles| *roles != account.roles)
    }

    /// Does it lock or unlock that account? With a reset in the same request, the reset wins.
    pub fn locks(&self, account: &Account) -> bool {
        self.reset.is_none() && self.locked.is_some_and(|locked| locked != account.admin_locked || (!locked && account.blocking.is_some()))
    }

    /// The same change with another form of its password.
    pub fn with_password<Q>(self, password: Option<Q>) -> Change<Q> {
        let Self { create, delete, login_name, active, locked, roles, reset, contact, .. } = self;
        Change { create, delete, login_name, password, active, locked, roles, reset, contact }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is true.
    Applied,
    /// The account was deleted in between: nothing happened.
    AccountGone,
    /// A resend whose old reset had already ended: nothing began.
    ResetEnded,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Applied, Self::AccountGone, Self::ResetEnded];

    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AccountGone => "account_gone",
            Self::ResetEnded => "reset_ended",
        }
    }

    /// The outcome of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// A change that is held under its intent's id; nothing of it is in force before it has an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// The intent.
    pub intent: IntentId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose account.
    pub user: UserId,
    /// On whose behalf.
    pub actor: Actor,
    /// What; nothing of it once there is an outcome.
    pub change: Option<Change>,
    /// The folded login name that nobody else may take meanwhile.
    pub held_name: Option<String>,
    /// When it was prepared.
    pub prepared_at: Timestamp,
    /// What became of it.
    pub outcome: Option<Outcome>,
}

impl Preparation {
    /// The login name that it gives, folded.
    pub fn login_name(&self) -> Option<String> {
        self.change.as_ref().and_then(Change::folded_name)
    }
}
