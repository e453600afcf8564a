//! From the orders in a body to a change of the account: locks, passwords, and the trigger, which must be ready to be carried out.

use rekey_kernel::{Caller, EmailAddress, Failure, Scope, Secret};
use rekey_scim_protocol::{Object, Orders};

use super::Users;
use crate::domain::{Account, AccountChange, Manner, ResetOrder, change::lock, profile, readiness};

impl Users {
    /// Adds to a change what the body orders beside the profile, which is the one that stands after the same request.
    pub(super) async fn with_orders(&self, caller: &Caller, change: AccountChange, orders: &Orders, profile: &Object) -> Result<AccountChange, Failure> {
        let password = orders.password.as_ref().map(|password| Secret::new(password.expose()));
        let reset = if orders.force { Some(self.reset_order(caller, orders, profile).await?) } else { None };
        Ok(AccountChange { password, reset, ..change })
    }

    /// Asks the tenant's options each time: a trigger right after they were changed sees the change.
    async fn reset_order(&self, caller: &Caller, orders: &Orders, profile: &Object) -> Result<ResetOrder, Failure> {
        let wanted = orders.methods.as_deref().map(readiness::methods).transpose()?;
        let expires_at = orders.expires_at.as_deref().map(|text| readiness::expiry(text, self.clock.now())).transpose()?;
        let reason = readiness::reason(orders.reason.as_deref())?;
        let settings = self.settings.reset_settings(caller).await?;
        let methods = readiness::choose(&settings.enabled, wanted.as_ref(), profile::reachable(profile).as_ref().map_err(|why| *why))?;
        Ok(ResetOrder { methods, reason, expires_at, validity: settings.validity, resend_of: None })
    }
}

/// What a written `accountLocked` changes; unlocking an account with a reset in its way cancels that.
pub(super) fn lock_order(caller: &Caller, orders: &Orders, present: &Account, manner: Manner) -> Result<Option<bool>, Failure> {
    let locked = if orders.force { None } else { lock(orders.account_locked, present, manner) };
    if locked == Some(false) && present.is_pending_reset() {
        caller.require(Scope::ResetCancel)?;
    }
    Ok(locked)
}

/// Giving and taking roles that give scopes needs a scope of its own.
pub(super) fn check_roles(caller: &Caller, before: &Object, after: &Object) -> Result<(), Failure> {
    if profile::have_same_scopes(before, after) { Ok(()) } else { caller.require(Scope::RoleUpdate) }
}

/// The address that a change takes away.
pub(super) fn taken_away(before: &Object, after: &Object) -> Option<EmailAddress> {
    let old = profile::address(before)?;
    (profile::address(after).as_ref() != Some(&old)).then_some(old)
}
