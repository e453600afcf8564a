//! Preparing a change: everything that can speak against it is found out here, before anybody commits to it.

use rekey_kernel::{Caller, Failure, IntentId, Secret, TenantId, Timestamp, UserId, Violation};

use super::{
    Core,
    failures::{no_such_user, policy},
    privilege,
};
use crate::{
    domain::{Account, Actor, Change, PasswordHash, PasswordPolicy, Preparation, password},
    ports::{Held, Tx},
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
        let before = self.deps.store.preparation(tenant, intent).await?;
        if before.as_ref().is_some_and(|held| held.outcome.is_some()) {
            return Ok(expiry);
        }
        let account = self.target(tenant, user, &change).await?;
        privilege::change(caller, &change, account.as_ref())?;
        let hash = self.new_password(caller, &change, account.as_ref()).await?;
        let change = Some(change.with_password(hash));
        let actor = Actor::from(caller);
        let preparation = Preparation { intent, tenant, user, actor, change, held_name: None, prepared_at: self.now(), outcome: None };
        self.hold(preparation, before.is_some()).await?;
        Ok(expiry)
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

    async fn hold(&self, preparation: Preparation, is_held_already: bool) -> Result<(), Failure> {
        if !is_held_already && preparation.login_name().is_none() {
            // Nothing but the row itself has to be true at once.
            return held(self.deps.store.hold(&preparation).await?);
        }
        let tx = self.deps.store.begin().await?;
        if is_held_already {
            tx.release(preparation.tenant, preparation.intent).await?;
        }
        let preparation = Preparation { held_name: name_to_hold(tx.as_ref(), &preparation).await?, ..preparation };
        // The hold comes first: whoever turns a hold into an account in between is then seen.
        held(tx.hold(&preparation).await?)?;
        name_is_free(tx.as_ref(), &preparation).await?;
        tx.commit().await
    }
}

fn held(held: Held) -> Result<(), Failure> {
    let busy = || Failure::unavailable("this user name, or this very change, is just being taken or given back; ask again");
    if held == Held::Yes { Ok(()) } else { Err(busy()) }
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

async fn name_is_free(tx: &dyn Tx, preparation: &Preparation) -> Result<(), Failure> {
    let Some(folded) = preparation.login_name() else { return Ok(()) };
    if folded.trim().is_empty() {
        return Err(Failure::invalid("invalidValue", "a user name must not be empty"));
    }
    match tx.account_named(preparation.tenant, &folded).await? {
        Some(other) if other.id != preparation.user => Err(Failure::conflict("uniqueness", "this user name is taken")),
        _ => Ok(()),
    }
}
