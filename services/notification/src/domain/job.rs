//! Mail jobs: one for each mail, kept as the record of its delivery.

use rekey_kernel::{Methods, ResetId, TenantId, Timestamp, UserId};

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// The user's way back in.
    Reset,
    /// To the address before the one that the same request put in its place: neither link nor code.
    AddressChangeNotice,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Reset, Self::AddressChangeNotice];

    /// A stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::AddressChangeNotice => "address_change_notice",
        }
    }

    /// How its Message-ID begins.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::AddressChangeNotice => "notice",
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// To be sent, at once or later.
    Queued,
    /// Accepted by the mail server.
    Sent,
    /// Refused for good, or until the reset expired.
    Undeliverable,
    /// The reset ended before the mail went out.
    Dropped,
    /// No mail is due: the code is passed on by an administrator.
    NotDue,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::Undeliverable, Self::Dropped, Self::NotDue];

    /// A stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Undeliverable => "undeliverable",
            Self::Dropped => "dropped",
            Self::NotDue => "not_due",
        }
    }
}

/// A reset that has begun, as its event tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which reset.
    pub reset: ResetId,
    /// In which tenant.
    pub tenant: TenantId,
    /// Of which user.
    pub user: UserId,
    /// Grows with each reset of the user.
    pub epoch: u64,
    /// The ways back in.
    pub methods: Methods,
    /// Until when they work, as far as was known then.
    pub expires_at: Timestamp,
}

/// One mail that is to be sent, under a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The reset it belongs to.
    pub order: Order,
    /// What it is for.
    pub kind: MailKind,
    /// The same on every attempt, without angle brackets.
    pub message_id: String,
    /// The mail's date, the same on every attempt.
    pub created_at: Timestamp,
    /// The fence: whoever claims the job later has a higher number.
    pub attempt: i64,
    /// How often the recipient's server put it off.
    pub deferrals: u32,
    /// What the last failed attempt said; empty before.
    pub detail: String,
    /// The trace of the work that it is part of.
    pub traceparent: Option<String>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Never [`JobState::Queued`].
    pub state: JobState,
    /// The server's answer, or why not.
    pub detail: String,
    /// The methods that the mail carried.
    pub channels: Methods,
}

impl Finish {
    /// An end without a mail.
    pub fn without_mail(state: JobState, detail: impl Into<String>) -> Self {
        Self { state, detail: detail.into(), channels: Methods::default() }
    }
}

/// When a job is to be tried again, and what is remembered until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postponement {
    /// Not before.
    pub at: Timestamp,
    /// Why.
    pub detail: String,
    /// Did the recipient's server put it off?
    pub deferred: bool,
    /// Until when the reset lives, as far as is known now.
    pub expires_at: Timestamp,
}

/// The record of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Of this mail alone.
    pub id: String,
    /// The reset it belongs to.
    pub reset: ResetId,
    /// What it is for.
    pub kind: MailKind,
    /// Where it stands.
    pub state: JobState,
    /// The server's answer, or why not.
    pub detail: String,
    /// Without angle brackets.
    pub message_id: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
}
