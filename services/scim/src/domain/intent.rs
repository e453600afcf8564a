//! Intents: changes of accounts that are committed here and made true in authentication.

use rekey_kernel::{EmailAddress, IntentId, Methods, ResetId, TenantId, Timestamp, UserId};

use super::Account;

/// What kind of request it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentKind {
    /// POST.
    Create,
    /// PUT.
    Replace,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
    /// A reset begun anew.
    Resend,
}

impl IntentKind {
    const ALL: [Self; 5] = [Self::Create, Self::Replace, Self::Patch, Self::Delete, Self::Resend];

    /// A stable name, for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Resend => "resend",
        }
    }

    /// The kind of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A committed change of an account. What it changes is held by authentication under the same id; here is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its id, and that of its reset.
    pub id: IntentId,
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The user's version that it made: intents of one user are applied in this order.
    pub version: u64,
    /// What kind of request it was.
    pub kind: IntentKind,
    /// Who made it.
    pub initiator: String,
    /// When.
    pub created: Timestamp,
    /// The reset in it.
    pub reset: Option<IntentReset>,
    /// How far it is.
    pub progress: Progress,
}

/// The reset in an intent, with the addresses as they stood then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentReset {
    /// The ways back in.
    pub methods: Methods,
    /// Why.
    pub reason: String,
    /// Where its mail goes; `None` when none of its methods is mailed.
    pub recipient: Option<EmailAddress>,
    /// The address that the same request took away: it gets a notice.
    pub previous: Option<EmailAddress>,
}

/// How far an intent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Committed here, not known to be applied.
    Unfinished,
    /// Applied.
    Finished {
        /// What came of it.
        outcome: Outcome,
        /// The reset's epoch; 0 without one.
        epoch: u64,
        /// The reset's end as it began; 0 without one.
        expires_at: Timestamp,
    },
}

/// What came of an applied intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is true now.
    Applied,
    /// The account was deleted in between: nothing happened.
    AccountGone,
    /// A resend whose old reset had already ended: nothing began.
    ResetEnded,
    /// Authentication knows nothing of it, as after the restoring of an old backup: nothing happened, and nothing will.
    Lost,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Applied, Self::AccountGone, Self::ResetEnded, Self::Lost];

    /// A stable name, for storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::AccountGone => "account_gone",
            Self::ResetEnded => "reset_ended",
            Self::Lost => "lost",
        }
    }

    /// The outcome of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What authentication says of an applied intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What came of it.
    pub outcome: Outcome,
    /// The account as it stands now, with the reset in its way; `None` when it is gone.
    pub live: Option<super::Live>,
    /// Is the intent's own reset pending?
    pub reset_pending: bool,
    /// The reset's epoch.
    pub epoch: u64,
    /// The reset's end.
    pub expires_at: Timestamp,
}

impl Applied {
    /// What became of an intent that authentication knows nothing of, and the account as it stands without it.
    pub const fn lost(live: Option<super::Live>) -> Self {
        Self { outcome: Outcome::Lost, live, reset_pending: false, epoch: 0, expires_at: Timestamp::from_micros(0) }
    }

    /// The account as it stands now.
    pub fn account(&self) -> Option<&Account> {
        self.live.as_ref().map(|live| &live.account)
    }

    /// Must the world hear of the intent's reset?
    pub fn announces_reset(&self) -> bool {
        self.outcome == Outcome::Applied && self.reset_pending
    }
}

impl Intent {
    /// The reset's id, when there is one.
    pub fn reset_id(&self) -> Option<ResetId> {
        self.reset.as_ref().map(|_| self.id.into())
    }

    /// Is it that of a user who never came to have an account? Then the profile is in the way of a new attempt.
    pub fn leaves_no_user(&self, applied: &Applied) -> bool {
        self.kind == IntentKind::Create && applied.outcome == Outcome::Lost && applied.live.is_none()
    }

    /// Is it a trigger with these methods that is still on its way?
    pub fn is_trigger_under_way(&self, methods: &Methods) -> bool {
        let same = self.reset.as_ref().is_some_and(|reset| &reset.methods == methods);
        same && self.progress == Progress::Unfinished && self.kind != IntentKind::Resend
    }
}
