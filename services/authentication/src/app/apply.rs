//! Making a prepared change true, once.

use rekey_kernel::{Failure, IntentId, ResetId, TenantId};

use super::{Core, Projection, editing::Editing};
use crate::{
    domain::{Account, Action, Change, CompletedBy, Outcome, Preparation, Reset, ResetOrder},
    ports::{Locked, Tx},
};

/// What became of a change, and how things stand now.
#[derive(Clone, Debug)]
pub struct Applied {
    /// What became of it: the same answer each time.
    pub outcome: Outcome,
    /// The account; absent when it is gone.
    pub account: Option<Projection>,
    /// The intent's own reset as it stands now.
    pub reset: Option<Reset>,
}

impl Core {
    /// Makes a prepared change true. Repeating it answers the first outcome again.
    ///
    /// # Errors
    /// `NotFound` (`not_prepared`) when nothing is held under that id.
    #[tracing::instrument(name = "authentication.change.apply", skip_all, fields(tenant.id = %tenant, intent.id = %intent))]
    pub async fn apply(&self, tenant: TenantId, intent: IntentId) -> Result<Applied, Failure> {
        let tx = self.deps.store.begin().await?;
        let locked = tx.lock_preparation(tenant, intent).await?;
        let locked = locked.ok_or_else(|| Failure::new(rekey_kernel::Kind::NotFound, "not_prepared", "nothing is prepared under this id"))?;
        let applied = match locked.preparation.outcome {
            Some(outcome) => self.describe(tx.as_ref(), &locked.preparation, outcome).await?,
            None => self.settle(tx.as_ref(), &locked).await?,
        };
        tx.commit().await?;
        Ok(applied)
    }

    async fn settle(&self, tx: &dyn Tx, locked: &Locked) -> Result<Applied, Failure> {
        let change = locked.preparation.change.as_ref().ok_or_else(|| Failure::internal("a preparation has lost its content"))?;
        let applied = self.make_true(tx, locked, change).await?;
        tx.settle(locked.preparation.intent, applied.outcome, self.now()).await?;
        Ok(applied)
    }

    async fn make_true(&self, tx: &dyn Tx, locked: &Locked, change: &Change) -> Result<Applied, Failure> {
        let held = &locked.preparation;
        let is_new = change.create && !locked.has_account;
        let account = if is_new { None } else { tx.lock_account(held.tenant, held.user).await? };
        let mut editing = match account {
            Some(account) => Editing::new(self, tx, &held.actor, account).await?,
            None if change.create => Editing::of_new(self, tx, &held.actor, self.new_account(held, change)?),
            None => return Ok(Applied { outcome: Outcome::AccountGone, account: None, reset: None }),
        };
        if change.delete {
            return delete(editing).await;
        }
        if has_ended(&editing, change.reset.as_ref()) {
            return Ok(Applied { outcome: Outcome::ResetEnded, account: Some(editing.unchanged()), reset: None });
        }
        if change.create {
            editing.record(Action::AccountCreated, None).await?;
        }
        let own = held.intent.into();
        alter(&mut editing, change).await?;
        unlock_or_reset(&mut editing, change, own).await?;
        let reset = editing.blocking_is(own).cloned();
        Ok(Applied { outcome: Outcome::Applied, account: Some(editing.save().await?), reset })
    }

    fn new_account(&self, held: &Preparation, change: &Change) -> Result<Account, Failure> {
        let name = change.login_name.clone().ok_or_else(|| Failure::invalid("invalidValue", "a new user needs a user name"))?;
        Ok(Account::new(held.tenant, held.user, name, self.now()))
    }

    /// What became of it before, and how things stand now.
    async fn describe(&self, tx: &dyn Tx, held: &Preparation, outcome: Outcome) -> Result<Applied, Failure> {
        let now = self.now();
        let own = tx.reset(held.tenant, held.intent.into()).await?.map(|reset| reset.at(now));
        let Some(account) = tx.account(held.tenant, held.user).await? else { return Ok(Applied { outcome, account: None, reset: own }) };
        let reset = match (account.blocking, &own) {
            (None, _) => None,
            (Some(id), Some(own)) if own.id == id => Some(own.clone()),
            (Some(id), _) => tx.reset(held.tenant, id).await?.map(|reset| reset.at(now)),
        };
        Ok(Applied { outcome, account: Some(Projection { account, reset }), reset: own })
    }
}

/// A resend whose old reset has ended begins nothing.
fn has_ended(editing: &Editing<'_>, order: Option<&ResetOrder>) -> bool {
    order.and_then(|order| order.resend_of).is_some_and(|old| editing.blocking_is(old).is_none())
}

async fn delete(mut editing: Editing<'_>) -> Result<Applied, Failure> {
    editing.cancel().await?;
    editing.revoke("deleted").await?;
    editing.forgive().await?;
    editing.record(Action::AccountDeleted, None).await?;
    editing.tx.delete_account(editing.account.tenant, editing.account.id).await?;
    Ok(Applied { outcome: Outcome::Applied, account: None, reset: None })
}

async fn alter(editing: &mut Editing<'_>, change: &Change) -> Result<(), Failure> {
    if let Some(name) = change.login_name.as_ref().filter(|name| **name != editing.account.login_name) {
        editing.account.login_name.clone_from(name);
        editing.record(Action::AccountRenamed, None).await?;
    }
    if let Some(roles) = change.roles.as_ref().filter(|roles| **roles != editing.account.roles) {
        editing.account.roles = roles.clone();
        editing.record(Action::RolesChanged, None).await?;
    }
    if change.contact {
        editing.record(Action::ContactChanged, None).await?;
    }
    if let Some(active) = change.active.filter(|active| *active != editing.account.active) {
        activate(editing, active).await?;
    }
    if let Some(hash) = &change.password {
        let is_first = editing.account.password.is_none() && editing.blocking().is_none();
        editing.set_password(hash.clone()).await?;
        if !is_first {
            end_for_new_password(editing).await?;
        }
    }
    Ok(())
}

/// An administrator who sets a password completes the reset in the way; whoever is logged in with the old one is not any more.
async fn end_for_new_password(editing: &mut Editing<'_>) -> Result<(), Failure> {
    editing.record(Action::PasswordSet, None).await?;
    editing.complete(CompletedBy::Administrator).await?;
    editing.forgive().await?;
    editing.revoke("password_set").await
}

async fn activate(editing: &mut Editing<'_>, active: bool) -> Result<(), Failure> {
    editing.account.active = active;
    if active {
        return editing.record(Action::AccountActivated, None).await;
    }
    editing.record(Action::AccountDeactivated, None).await?;
    editing.revoke("deactivated").await
}

/// With both in the same request, the reset wins.
async fn unlock_or_reset(editing: &mut Editing<'_>, change: &Change, id: ResetId) -> Result<(), Failure> {
    match (&change.reset, change.locked) {
        (Some(order), _) => editing.begin(id, order).await,
        (None, Some(true)) if !editing.account.admin_locked => lock(editing).await,
        (None, Some(false)) if editing.account.admin_locked || editing.blocking().is_some() => unlock(editing).await,
        _ => Ok(()),
    }
}

async fn lock(editing: &mut Editing<'_>) -> Result<(), Failure> {
    editing.account.admin_locked = true;
    editing.record(Action::AccountLocked, None).await?;
    editing.revoke("locked").await
}

async fn unlock(editing: &mut Editing<'_>) -> Result<(), Failure> {
    editing.account.admin_locked = false;
    editing.record(Action::AccountUnlocked, None).await?;
    editing.cancel().await?;
    editing.forgive().await
}
