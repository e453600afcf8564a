//! The life of a forced reset.
//!
//! ```text
//! pending ──► completed | cancelled | superseded | expired | exhausted
//! expired | exhausted ──► superseded | cancelled | completed (by an administrator)
//! ```

use rekey_kernel::{Method, Methods, ResetId, TenantId, Timestamp, UserId};

use super::Code;

/// Guesses that a reset's codes have.
pub const MAX_GUESSES: u32 = 5;

/// Who set the new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletedBy {
    /// The user, by link or code.
    User,
    /// An administrator, who set one.
    Administrator,
}

impl CompletedBy {
    /// `user` or `administrator`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Administrator => "administrator",
        }
    }
}

/// Where a reset stands, with what is known of that only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It lets its user in.
    Pending,
    /// A new password is set.
    Completed {
        /// When.
        at: Timestamp,
        /// By whom.
        by: CompletedBy,
    },
    /// An administrator took it back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// A newer one took its place.
    Superseded {
        /// When.
        at: Timestamp,
    },
    /// Its time ran out; the account stays locked.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// No way in is left; the account stays locked.
    Exhausted {
        /// When.
        at: Timestamp,
    },
}

/// A state's name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateName {
    /// See [`State::Pending`].
    Pending,
    /// See [`State::Completed`].
    Completed,
    /// See [`State::Cancelled`].
    Cancelled,
    /// See [`State::Superseded`].
    Superseded,
    /// See [`State::Expired`].
    Expired,
    /// See [`State::Exhausted`].
    Exhausted,
}

impl StateName {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Completed, Self::Cancelled, Self::Superseded, Self::Expired, Self::Exhausted];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl State {
    /// Its name alone.
    pub const fn name(self) -> StateName {
        match self {
            Self::Pending => StateName::Pending,
            Self::Completed { .. } => StateName::Completed,
            Self::Cancelled { .. } => StateName::Cancelled,
            Self::Superseded { .. } => StateName::Superseded,
            Self::Expired { .. } => StateName::Expired,
            Self::Exhausted { .. } => StateName::Exhausted,
        }
    }

    /// Is it in the way of the account's password: pending, or ended without a way in?
    pub const fn blocks(self) -> bool {
        matches!(self, Self::Pending | Self::Expired { .. } | Self::Exhausted { .. })
    }
}

/// A transition that the state does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reset is {}", .0.as_str())]
pub struct Ended(pub StateName);

/// One forced reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Its id, which is its intent's.
    pub id: ResetId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose.
    pub user: UserId,
    /// The ways back in.
    pub methods: Methods,
    /// Why, as the administrator gave it.
    pub reason: String,
    /// Who ordered it, by name.
    pub initiator: String,
    /// Its number among the user's resets; only grows.
    pub epoch: u64,
    /// Goes into its secrets.
    pub salt: Vec<u8>,
    /// The key that its secrets are derived with.
    pub kid: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When its mail was accepted.
    pub sent_at: Option<Timestamp>,
    /// When its time runs out.
    pub expires_at: Timestamp,
    /// Wrong codes so far, and right ones whose session is not open yet.
    pub guesses_used: u32,
    /// Where it stands.
    pub state: State,
}

impl Reset {
    /// As it stands now: one whose time has run out counts as expired, whether or not anybody has written that down yet.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        match self.state {
            State::Pending if self.expires_at <= now => Self { state: State::Expired { at: self.expires_at }, ..self },
            _ => self,
        }
    }

    /// Does it let its user in?
    pub const fn is_pending(&self) -> bool {
        matches!(self.state, State::Pending)
    }

    /// Guesses that its codes have left.
    pub const fn guesses_left(&self) -> u32 {
        MAX_GUESSES.saturating_sub(self.guesses_used)
    }

    /// May a code let its user in?
    pub fn takes_codes(&self) -> bool {
        self.is_pending() && self.methods.any_code() && self.guesses_left() > 0
    }

    /// May this be a guess: does it look like a code of this reset's methods, and may a code let its user in?
    pub fn takes(&self, code: &Code) -> bool {
        let method = if code.is_mail_shaped() { Method::Otp } else { Method::Offline };
        self.takes_codes() && self.methods.contains(method)
    }

    /// Is nothing left that could let its user in? A reset session that is still good is one more way in, which the caller knows of.
    pub fn is_spent(&self, has_reset_session: bool) -> bool {
        self.is_pending() && self.guesses_left() == 0 && !self.methods.contains(Method::Link) && !has_reset_session
    }

    /// A new password is set.
    ///
    /// # Errors
    /// When it does not let anybody in; an administrator may still complete one that expired or was exhausted.
    pub fn complete(self, by: CompletedBy, at: Timestamp) -> Result<Self, Ended> {
        let possible = if by == CompletedBy::Administrator { self.state.blocks() } else { self.is_pending() };
        self.to(possible, State::Completed { at, by })
    }

    /// An administrator takes it back.
    ///
    /// # Errors
    /// When it is no longer in the way.
    pub fn cancel(self, at: Timestamp) -> Result<Self, Ended> {
        let possible = self.state.blocks();
        self.to(possible, State::Cancelled { at })
    }

    /// A newer one takes its place.
    ///
    /// # Errors
    /// When it is no longer in the way.
    pub fn supersede(self, at: Timestamp) -> Result<Self, Ended> {
        let possible = self.state.blocks();
        self.to(possible, State::Superseded { at })
    }

    /// Its time has run out.
    ///
    /// # Errors
    /// When it is not pending, or its time has not come.
    pub fn expire(self, now: Timestamp) -> Result<Self, Ended> {
        let (possible, at) = (self.is_pending() && self.expires_at <= now, self.expires_at);
        self.to(possible, State::Expired { at })
    }

    /// No way in is left.
    ///
    /// # Errors
    /// When there is one.
    pub fn exhaust(self, has_reset_session: bool, at: Timestamp) -> Result<Self, Ended> {
        let possible = self.is_spent(has_reset_session);
        self.to(possible, State::Exhausted { at })
    }

    /// With another expiry.
    ///
    /// # Errors
    /// When it is not pending.
    pub fn extend(self, expires_at: Timestamp) -> Result<Self, Ended> {
        if self.is_pending() { Ok(Self { expires_at, ..self }) } else { Err(Ended(self.state.name())) }
    }

    fn to(self, possible: bool, state: State) -> Result<Self, Ended> {
        if possible { Ok(Self { state, ..self }) } else { Err(Ended(self.state.name())) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use rekey_kernel::IntentId;
    use std::time::Duration;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    pub(crate) fn pending() -> Reset {
        Reset {
            id: IntentId::from_uuid(Uuid::from_u128(1)).into(),
            tenant: TenantId::DEFAULT,
            user: UserId::from_uuid(Uuid::from_u128(2)),
            methods: [Method::Otp].into_iter().collect(),
            reason: String::new(),
            initiator: "admin".to_owned(),
            epoch: 1,
            salt: vec![0; 16],
            kid: "9".to_owned(),
            created_at: at(0),
            sent_at: None,
            expires_at: at(100),
            guesses_used: 0,
            state: State::Pending,
        }
    }

    #[test]
    fn it_is_expired_at_the_very_moment_whether_written_down_or_not() {
        assert!(pending().at(at(100).before(Duration::from_micros(1))).is_pending());
        assert_eq!(pending().at(at(100)).state, State::Expired { at: at(100) });
        assert!(pending().expire(at(99)).is_err());
    }

    #[test]
    fn guesses_kill_the_codes_and_not_the_link() {
        let used_up = Reset { guesses_used: MAX_GUESSES, ..pending() };
        assert!(!used_up.takes_codes());
        assert!(used_up.is_spent(false) && !used_up.is_spent(true));
        let with_link = Reset { methods: Method::ALL.into_iter().collect(), ..used_up };
        assert!(!with_link.is_spent(false));
        assert!(with_link.complete(CompletedBy::User, at(5)).is_ok());
    }

    #[test]
    fn an_expired_reset_is_completed_by_an_administrator_alone() {
        let expired = pending().at(at(200));
        assert_eq!(expired.clone().complete(CompletedBy::User, at(201)), Err(Ended(StateName::Expired)));
        assert!(expired.complete(CompletedBy::Administrator, at(201)).is_ok());
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Complete(bool),
        Cancel,
        Supersede,
        Expire,
        Exhaust(bool),
        Guess,
        Extend,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            any::<bool>().prop_map(Step::Complete),
            Just(Step::Cancel),
            Just(Step::Supersede),
            Just(Step::Expire),
            any::<bool>().prop_map(Step::Exhaust),
            Just(Step::Guess),
            Just(Step::Extend),
        ]
    }

    fn take(reset: Reset, step: Step, now: Timestamp) -> Result<Reset, Ended> {
        match step {
            Step::Complete(user) => reset.complete(if user { CompletedBy::User } else { CompletedBy::Administrator }, now),
            Step::Cancel => reset.cancel(now),
            Step::Supersede => reset.supersede(now),
            Step::Expire => reset.expire(now),
            Step::Exhaust(session) => reset.exhaust(session, now),
            Step::Guess => Ok(Reset { guesses_used: (reset.guesses_used + 1).min(MAX_GUESSES), ..reset }),
            Step::Extend => reset.extend(now.after(Duration::from_secs(50))),
        }
    }

    proptest! {
        #[test]
        fn what_has_ended_never_lives_again(steps in prop::collection::vec((step(), 0_i64..40), 1..40)) {
            let (mut reset, mut now) = (pending(), at(0));
            for (step, wait) in steps {
                now = now.after(Duration::from_secs(wait.unsigned_abs()));
                reset = reset.at(now);
                let before = reset.state;
                reset = take(reset.clone(), step, now).unwrap_or(reset);
                let after = reset.state;
                prop_assert!(before.blocks() || after == before, "{before:?} became {after:?}");
                prop_assert!(after != State::Pending || before == State::Pending, "{before:?} became {after:?}");
                let by_user = matches!(after, State::Completed { by: CompletedBy::User, .. });
                prop_assert!(!by_user || after == before || before == State::Pending, "{before:?} became {after:?}");
            }
        }
    }
}
