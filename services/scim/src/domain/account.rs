//! What scim knows of an account: a projection of what authentication owns.

use rekey_kernel::{Methods, ResetId, Timestamp, UserId};

use super::AccountChange;

/// `accountState` of an account that nothing keeps from logging in.
pub const UNLOCKED: &str = "UNLOCKED";
/// `accountState` of an account that an administrator locked.
pub const LOCKED: &str = "LOCKED";
/// `accountState` of an inactive account.
pub const DISABLED: &str = "DISABLED";
/// `accountState` while a reset is pending, expired or exhausted.
pub const PENDING_RESET: &str = "PENDING_FUPR";
/// `lockedReason` of an administrator's lock.
pub const BY_ADMINISTRATOR: &str = "ADMIN_INITIATED";
/// `lockedReason` of a reset.
pub const BY_RESET: &str = "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET";

/// The state of an account, as last heard from authentication or as a committed change will make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `accountLocked`.
    pub locked: bool,
    /// `lockedReason`; empty when it is not locked.
    pub locked_reason: String,
    /// `accountState`.
    pub state: String,
    /// Authentication's revision; a newer one wins.
    pub revision: u64,
}

impl Account {
    /// A new account.
    pub fn new(active: bool) -> Self {
        let state = if active { UNLOCKED } else { DISABLED };
        Self { locked: false, locked_reason: String::new(), state: state.to_owned(), revision: 0 }
    }

    /// Is a reset in the way?
    pub fn is_pending_reset(&self) -> bool {
        self.state == PENDING_RESET
    }

    /// Does it look like this to a client?
    pub fn looks_like(&self, other: &Self) -> bool {
        (self.locked, &self.locked_reason, &self.state) == (other.locked, &other.locked_reason, &other.state)
    }

    /// As a committed change will make it; authentication has the last word when it is applied.
    #[must_use]
    pub fn after(&self, change: &AccountChange) -> Self {
        let mut after = self.clone();
        match (change.reset.is_some(), change.locked) {
            (true, _) => after.put(true, BY_RESET, PENDING_RESET),
            (false, Some(true)) => after.put(true, BY_ADMINISTRATOR, LOCKED),
            (false, Some(false)) => after.put(false, "", UNLOCKED),
            (false, None) => {}
        }
        match (change.active, after.state.as_str()) {
            (Some(false), UNLOCKED) => DISABLED.clone_into(&mut after.state),
            (Some(true), DISABLED) => UNLOCKED.clone_into(&mut after.state),
            _ => {}
        }
        after
    }

    fn put(&mut self, locked: bool, reason: &str, state: &str) {
        self.locked = locked;
        reason.clone_into(&mut self.locked_reason);
        state.clone_into(&mut self.state);
    }
}

/// An account as authentication has it at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Whose it is.
    pub user: UserId,
    /// Its state.
    pub account: Account,
    /// The reset in the way.
    pub reset: Option<LiveReset>,
}

/// The reset in the way of an account: pending, expired or exhausted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveReset {
    /// Its id.
    pub id: ResetId,
    /// `pending`, `expired` or `exhausted`.
    pub state: String,
    /// The ways back in.
    pub methods: Methods,
    /// Why it was ordered.
    pub reason: String,
    /// When the ways back in end.
    pub expires_at: Timestamp,
    /// When its mail was accepted.
    pub sent_at: Option<Timestamp>,
    /// How many wrong codes are still forgiven.
    pub guesses_left: u32,
}

impl LiveReset {
    /// Is it pending?
    pub fn is_pending(&self) -> bool {
        self.state == "pending"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ResetOrder;

    #[test]
    fn the_trigger_wins_over_a_lock() {
        let change = AccountChange { locked: Some(false), reset: Some(ResetOrder::default()), ..AccountChange::default() };
        let after = Account::new(true).after(&change);
        assert_eq!((after.locked, after.locked_reason.as_str(), after.state.as_str()), (true, BY_RESET, PENDING_RESET));
    }

    #[test]
    fn an_inactive_account_is_disabled_unless_a_reset_is_in_the_way() {
        let off = AccountChange { active: Some(false), ..AccountChange::default() };
        assert_eq!(Account::new(true).after(&off).state, DISABLED);
        let reset = AccountChange { active: Some(false), reset: Some(ResetOrder::default()), ..AccountChange::default() };
        assert_eq!(Account::new(true).after(&reset).state, PENDING_RESET);
    }
}
