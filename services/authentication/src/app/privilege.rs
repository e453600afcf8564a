//! Who may change whom.

use rekey_kernel::{Caller, Failure, Scope, TenantId};

use crate::domain::{Account, Change, Roles};

/// Nobody touches an account that may do more than he may.
pub(super) fn over(caller: &Caller, target: &Account) -> Result<(), Failure> {
    if target.scopes().is_subset(&caller.scopes) { Ok(()) } else { Err(Failure::forbidden("this user has rights that you do not have")) }
}

/// May the caller have this change? Values equal to the present ones need nothing.
pub(super) fn change<P>(caller: &Caller, change: &Change<P>, target: Option<&Account>) -> Result<(), Failure> {
    if let Some(order) = &change.reset {
        caller.require(if order.resend_of.is_some() { Scope::ResetResend } else { Scope::ResetForce })?;
    }
    match target {
        None => caller.require(Scope::UserCreate)?,
        Some(account) => alteration(caller, change, account)?,
    }
    let present = target.map(|account| account.roles.clone()).unwrap_or_default();
    change.roles.as_ref().map_or(Ok(()), |wanted| roles(caller, &wanted.difference(&present), target.map_or(caller.tenant, |account| account.tenant)))
}

fn alteration<P>(caller: &Caller, change: &Change<P>, account: &Account) -> Result<(), Failure> {
    if change.delete {
        caller.require(Scope::UserDelete)?;
    } else if change.alters(account) {
        caller.require(Scope::UserUpdate)?;
    }
    if change.reset.is_some() || change.alters(account) { over(caller, account) } else { Ok(()) }
}

/// Roles are given and taken by those alone who hold all that they allow.
fn roles(caller: &Caller, moved: &Roles, tenant: TenantId) -> Result<(), Failure> {
    if moved.is_empty() {
        return Ok(());
    }
    caller.require(Scope::RoleUpdate)?;
    let held = moved.scopes(tenant).is_subset(&caller.scopes);
    if held { Ok(()) } else { Err(Failure::forbidden("you can give and take only roles whose rights you have yourself")) }
}
