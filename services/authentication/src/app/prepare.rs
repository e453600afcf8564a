//! Preparing a change: everything that can speak against it is found out here, before anybody commits to it.

use rekey_kernel::{Caller, Failure, IntentId, Kind, Secret, TenantId, Timestamp, UserId, Violation};

use super::{
    Core,
    failures::{no_such_user, policy},
    privilege,
};
use crate::{
    domain::{Account, Actor, Change, PasswordHash, PasswordPolicy, Preparation, password},
    ports::{Held, Reads, Tx},
};

impl Core {
    /// Checks privilege, password policy and login name, hashes the password, and holds the change under the intent's id. Nothing is
    /// in force yet. Answers when the reset in the change would expire.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Unprocessable` (`password_policy`), `Conflict` (`uniqueness`), or `Unavailable` when only another
    /// preparation holds the login name.
    #[tracing::instrument(name = "authentication.change.prepare", skip_all, fields(tenant.id = %tenant, user.id = %user, intent.id = %intent))]
    pub async fn prepare(
        &self,
        caller: &Caller,
        intent: IntentId,
        tenant: TenantId,
        user: UserId,
        change: Change<Secret>,
    ) -> Result<Option<Timestamp>, Failure> {
        caller.within(tenant)?;
        let expiry = self.reset_expiry(&change)?;
        let held = self.check_and_hold(caller, intent, tenant, user, change).await;
        if held.as_ref().is_err_and(|failure| !failure.is(Kind::Unavailable)) && has_outcome(self.deps.store.as_ref(), tenant, intent).await? {
            // It was asked before, and carried out since: whatever speaks against it now comes too late.
            return Ok(expiry);
        }
        held.map(|()| expiry)
    }

    async fn check_and_hold(&self, caller: &Caller, intent: IntentId, tenant: TenantId, user: UserId, change: Change<Secret>) -> Result<(), Failure> {
        // Holding it finds out whether the account is there. Where there is a password to hash, that is looked for before.
        let is_new = change.create && change.password.is_none();
        let account = if is_new { None } else { self.target(tenant, user, &change).await? };
        privilege::change(caller, &change, account.as_ref())?;
        let hash = self.new_password(caller, &change, account.as_ref()).await?;
        let (actor, change) = (Actor::from(caller), Some(change.with_password(hash)));
        let preparation = Preparation { intent, tenant, user, actor, change, held_name: None, prepared_at: self.now(), outcome: None };
        if is_new { self.hold_new(caller, preparation).await } else { self.hold(preparation).await }
    }

    /// Drops a preparation whose commit failed for good. Unknown ids are fine; an applied one is left alone.
    ///
    /// # Errors
    /// The database's own.
    #[tracing::instrument(name = "authentication.change.release", skip_all, fields(tenant.id = %tenant, intent.id = %intent))]
    pub async fn release(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure> {
        let tx = self.deps.store.begin().await?;
        tx.release(tenant, intent).await?;
        tx.commit().await
    }

    fn reset_expiry(&self, change: &Change<Secret>) -> Result<Option<Timestamp>, Failure> {
        let Some(order) = &change.reset else { return Ok(None) };
        if order.methods.is_empty() {
            return Err(Failure::invalid("invalidValue", "a password reset needs at least one method"));
        }
        let expiry = order.expiry(self.now());
        if expiry <= self.now() {
            return Err(Failure::invalid("invalidValue", "the expiry of a password reset must lie in the future"));
        }
        Ok(Some(expiry))
    }

    async fn target(&self, tenant: TenantId, user: UserId, change: &Change<Secret>) -> Result<Option<Account>, Failure> {
        let account = self.deps.store.account(tenant, user).await?;
        if account.is_some() || change.create {
            return Ok(account);
        }
        if self.deps.store.is_being_created(tenant, user).await? {
            return Err(Failure::unavailable("this user is just being created; ask again"));
        }
        Err(no_such_user())
    }

    /// The hash of the password in the change, once nothing speaks against it. For a service of ours nothing does.
    async fn new_password(&self, caller: &Caller, change: &Change<Secret>, account: Option<&Account>) -> Result<Option<PasswordHash>, Failure> {
        let Some(wanted) = &change.password else { return Ok(None) };
        if !caller.is_system() {
            let demanded = self.deps.policies.password_policy(caller.tenant).await?;
            let name = change.login_name.as_deref().or(account.map(|account| account.login_name.as_str())).unwrap_or_default();
            let mut violations = demanded.violations(wanted, name);
            violations.extend(self.reuse_by_administrator(&demanded, wanted, account).await?);
            policy(violations)?;
        }
        self.deps.hasher.hash(&password::normalise(wanted)).await.map(Some)
    }

    /// An administrator may send the present password again, as provisioning systems do, unless it is dead or a history is kept.
    async fn reuse_by_administrator(&self, demanded: &PasswordPolicy, wanted: &Secret, account: Option<&Account>) -> Result<Option<Violation>, Failure> {
        match account {
            Some(account) if account.blocking.is_some() || demanded.former() > 0 => self.reuse(demanded, wanted, account).await,
            _ => Ok(None),
        }
    }

    /// Was it used before? The present password always counts as used.
    pub(super) async fn reuse(&self, demanded: &PasswordPolicy, wanted: &Secret, account: &Account) -> Result<Option<Violation>, Failure> {
        let wanted = password::normalise(wanted);
        let mut used = self.deps.store.former_passwords(account.tenant, account.id, demanded.former()).await?;
        used.extend(account.password.clone());
        for hash in &used {
            if self.deps.hasher.verify(&wanted, Some(hash)).await?.fits {
                return Ok(Some(password::reused()));
            }
        }
        Ok(None)
    }

    /// One statement holds it, unless something is in its way: then that is looked at.
    async fn hold_new(&self, caller: &Caller, preparation: Preparation) -> Result<(), Failure> {
        let held_name = preparation.login_name();
        held_name.as_deref().map_or(Ok(()), name_is_not_empty)?;
        let preparation = Preparation { held_name, ..preparation };
        if preparation.held_name.is_some() && self.deps.store.hold_new(&preparation).await? {
            return Ok(());
        }
        let account = self.deps.store.account(preparation.tenant, preparation.user).await?;
        preparation.change.as_ref().map_or(Ok(()), |change| privilege::change(caller, change, account.as_ref()))?;
        self.hold(preparation).await
    }

    async fn hold(&self, preparation: Preparation) -> Result<(), Failure> {
        if preparation.login_name().is_none() && self.deps.store.hold(&preparation).await? == Held::Yes {
            // Nothing but the row itself has to be true at once.
            return Ok(());
        }
        let tx = self.deps.store.begin().await?;
        // What the same intent held before.
        tx.release(preparation.tenant, preparation.intent).await?;
        let preparation = Preparation { held_name: name_to_hold(tx.as_ref(), &preparation).await?, ..preparation };
        // The hold comes first: whoever turns a hold into an account in between is then seen.
        if tx.hold(&preparation).await? == Held::NameHeld {
            return done_or_busy(tx.as_ref(), &preparation).await;
        }
        name_is_free(tx.as_ref(), &preparation).await?;
        tx.commit().await
    }
}

async fn has_outcome<R: Reads + ?Sized>(reads: &R, tenant: TenantId, intent: IntentId) -> Result<bool, Failure> {
    Ok(reads.preparation(tenant, intent).await?.is_some_and(|before| before.outcome.is_some()))
}

/// For a change that was carried out since it was first asked there is nothing to hold.
async fn done_or_busy(tx: &dyn Tx, preparation: &Preparation) -> Result<(), Failure> {
    if has_outcome(tx, preparation.tenant, preparation.intent).await? {
        return Ok(());
    }
    Err(Failure::unavailable("this user name, or this very change, is just being taken or given back; ask again"))
}

/// The name that the account has already need not be held, unless a change that waits takes it away before.
async fn name_to_hold(tx: &dyn Tx, preparation: &Preparation) -> Result<Option<String>, Failure> {
    let Some(folded) = preparation.login_name() else { return Ok(None) };
    if preparation.change.as_ref().is_some_and(|change| change.create) {
        return Ok(Some(folded));
    }
    let account = tx.account(preparation.tenant, preparation.user).await?;
    let is_own = account.is_some_and(|account| account.folded_name() == folded);
    if is_own && !tx.is_being_renamed(preparation.tenant, preparation.user).await? { Ok(None) } else { Ok(Some(folded)) }
}

fn name_is_not_empty(folded: &str) -> Result<(), Failure> {
    if folded.trim().is_empty() { Err(Failure::invalid("invalidValue", "a user name must not be empty")) } else { Ok(()) }
}

async fn name_is_free(tx: &dyn Tx, preparation: &Preparation) -> Result<(), Failure> {
    let Some(folded) = preparation.login_name() else { return Ok(()) };
    name_is_not_empty(&folded)?;
    match tx.account_named(preparation.tenant, &folded).await? {
        Some(other) if other.id != preparation.user => Err(Failure::conflict("uniqueness", "this user name is taken")),
        _ => Ok(()),
    }
}
