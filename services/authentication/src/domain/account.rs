//! An account: who may log in, and whether it may just now.

use rekey_kernel::{ResetId, Scopes, TenantId, Timestamp, UserId, text::fold};

use super::{PasswordHash, Roles};

/// What a person logs in as.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its tenant.
    pub tenant: TenantId,
    /// The user, alike in SCIM.
    pub id: UserId,
    /// The login name as it was given.
    pub login_name: String,
    /// The hash of the present password; absent where none was ever set.
    pub password: Option<PasswordHash>,
    /// False: nobody logs in.
    pub active: bool,
    /// Locked by an administrator.
    pub admin_locked: bool,
    /// The reset in the way: pending, expired or exhausted. While there is one, no password and no session is good.
    pub blocking: Option<ResetId>,
    /// Grows with each password, so that whatever was verified against an older one is worthless.
    pub credential_version: u64,
    /// Grows with whatever a projection shows.
    pub revision: u64,
    /// Of the newest reset; only grows.
    pub epoch: u64,
    /// The built-in roles it has.
    pub roles: Roles,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How the account looks from outside, in the followed product's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// `accountLocked`.
    pub locked: bool,
    /// `lockedReason`; empty when it is not locked.
    pub locked_reason: &'static str,
    /// `accountState`.
    pub account_state: &'static str,
}

impl Account {
    /// An account as a new user gets it: active, without a password or roles.
    pub fn new(tenant: TenantId, id: UserId, login_name: String, now: Timestamp) -> Self {
        Self {
            tenant,
            id,
            login_name,
            password: None,
            active: true,
            admin_locked: false,
            blocking: None,
            credential_version: 0,
            revision: 0,
            epoch: 0,
            roles: Roles::default(),
            created_at: now,
        }
    }

    /// The login name as it is compared.
    pub fn folded_name(&self) -> String {
        fold(&self.login_name)
    }

    /// May its password or a session of it let anybody in now?
    pub const fn is_open(&self) -> bool {
        self.active && !self.admin_locked && self.blocking.is_none()
    }

    /// What its roles allow.
    pub fn scopes(&self) -> Scopes {
        self.roles.scopes(self.tenant)
    }

    /// How it looks from outside. A reset in the way is told before a lock, a lock before inactivity: what has to be dealt with first.
    pub const fn status(&self) -> Status {
        if self.blocking.is_some() {
            Status { locked: true, locked_reason: "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET", account_state: "PENDING_FUPR" }
        } else if self.admin_locked {
            Status { locked: true, locked_reason: "ADMIN_INITIATED", account_state: "LOCKED" }
        } else if !self.active {
            Status { locked: false, locked_reason: "", account_state: "DISABLED" }
        } else {
            Status { locked: false, locked_reason: "", account_state: "UNLOCKED" }
        }
    }

    /// With another password: whatever was verified against the old one is worthless from here on.
    #[must_use]
    pub fn with_password(self, password: PasswordHash) -> Self {
        Self { password: Some(password), credential_version: self.credential_version + 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::IntentId;

    fn alice() -> Account {
        let now = Timestamp::from_micros(1);
        Account::new(TenantId::DEFAULT, UserId::from_uuid(uuid::Uuid::from_u128(7)), "Alice".to_owned(), now)
    }

    #[test]
    fn a_reset_in_the_way_is_told_before_a_lock_and_leaves_it_in_place() {
        let reset = ResetId::from(IntentId::from_uuid(uuid::Uuid::from_u128(9)));
        let locked = Account { admin_locked: true, blocking: Some(reset), ..alice() };
        assert_eq!(locked.status().account_state, "PENDING_FUPR");
        let lifted = Account { blocking: None, ..locked };
        assert_eq!(lifted.status().locked_reason, "ADMIN_INITIATED");
        assert!(!lifted.is_open());
    }

    #[test]
    fn an_inactive_account_is_disabled_but_not_locked() {
        let inactive = Account { active: false, ..alice() };
        assert_eq!(inactive.status(), Status { locked: false, locked_reason: "", account_state: "DISABLED" });
        assert!(!inactive.is_open());
    }

    #[test]
    fn a_new_password_is_a_new_credential() {
        assert_eq!(alice().with_password(PasswordHash::new("x")).credential_version, 1);
    }
}
