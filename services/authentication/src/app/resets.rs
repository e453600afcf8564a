//! What administrators and services do with a reset that is under way.

use rekey_kernel::{Caller, Failure, Method, ResetId, Scope, Secret, TenantId, Timestamp};

use super::{
    Core,
    editing::Editing,
    failures::{no_such_reset, reset_ended},
    privilege,
};
use crate::{
    domain::{Account, Actor, Reset, reset::Ended},
    ports::Tx,
};

/// The secrets of one reset, for its mail.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// The reset as it stands by the clock.
    pub reset: Reset,
    /// Whose.
    pub user_name: String,
    /// `{reset id}.{secret}`, when it is pending and a link is among its methods.
    pub token: Option<Secret>,
    /// The mail's code, when it is pending and a mailed code is among its methods.
    pub code: Option<Secret>,
}

impl Core {
    /// Takes a reset back: the old password works again, sessions stay dead.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Conflict` (`reset_ended`).
    #[tracing::instrument(name = "authentication.reset.cancel", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn cancel(&self, caller: &Caller, tenant: TenantId, id: ResetId) -> Result<(Reset, String), Failure> {
        let (tx, actor) = (self.deps.store.begin().await?, Actor::from(caller));
        let mut editing = self.edit(tx.as_ref(), caller, &actor, Scope::ResetCancel, tenant, id).await?;
        editing.cancel().await?;
        editing.forgive().await?;
        let account = editing.save().await?.account;
        self.finish(tx, account, id).await
    }

    /// Moves the expiry of a pending reset; without a time, to the tenant's validity from now.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Invalid` for a time that has passed, `Conflict` (`reset_ended`) when it is not pending.
    #[tracing::instrument(name = "authentication.reset.extend", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn extend(&self, caller: &Caller, tenant: TenantId, id: ResetId, expires_at: Option<Timestamp>) -> Result<(Reset, String), Failure> {
        caller.within(tenant)?;
        caller.require(Scope::ResetExtend)?;
        let expires_at = match expires_at {
            Some(at) => at,
            None => self.now().after(self.deps.policies.reset_validity(tenant).await?),
        };
        if expires_at <= self.now() {
            return Err(Failure::invalid("invalidValue", "the expiry of a password reset must lie in the future"));
        }
        let (tx, actor) = (self.deps.store.begin().await?, Actor::from(caller));
        let mut editing = self.edit(tx.as_ref(), caller, &actor, Scope::ResetExtend, tenant, id).await?;
        editing.extend(expires_at).await?;
        let account = editing.save().await?.account;
        self.finish(tx, account, id).await
    }

    /// May the caller resend this reset, and what was it?
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Conflict` (`reset_ended`).
    #[tracing::instrument(name = "authentication.reset.check_resend", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn check_resend(&self, caller: &Caller, tenant: TenantId, id: ResetId) -> Result<(Reset, String), Failure> {
        caller.within(tenant)?;
        caller.require(Scope::ResetResend)?;
        let reset = self.deps.store.reset(tenant, id).await?.ok_or_else(no_such_reset)?.at(self.now());
        let account = self.deps.store.account(tenant, reset.user).await?.ok_or_else(|| reset_ended(Ended(reset.state.name())))?;
        privilege::over(caller, &account)?;
        if account.blocking == Some(id) { Ok((reset, account.login_name)) } else { Err(reset_ended(Ended(reset.state.name()))) }
    }

    /// The secrets of one reset, for its mail; none when it is not pending.
    ///
    /// # Errors
    /// `NotFound`.
    #[tracing::instrument(name = "authentication.reset.reveal", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn reveal(&self, tenant: TenantId, id: ResetId) -> Result<Revealed, Failure> {
        let reset = self.deps.store.reset(tenant, id).await?.ok_or_else(no_such_reset)?.at(self.now());
        let user_name = self.deps.store.account(tenant, reset.user).await?.map(|account| account.login_name).unwrap_or_default();
        let wanted = |method| reset.is_pending() && reset.methods.contains(method);
        let missing = || Failure::internal("the key of a reset is missing");
        let token = if wanted(Method::Link) { Some(self.deps.keys.link(&reset).ok_or_else(missing)?) } else { None };
        let code = if wanted(Method::Otp) { Some(self.deps.keys.mail_code(&reset).ok_or_else(missing)?) } else { None };
        let token = token.map(|secret| Secret::new(format!("{}.{}", reset.id, secret.expose())));
        Ok(Revealed { user_name, token, code: code.map(|code| Secret::new(code.expose())), reset })
    }

    /// The account of a reset that is in its way, for a caller who may touch it.
    async fn edit<'a>(
        &'a self,
        tx: &'a dyn Tx,
        caller: &Caller,
        actor: &'a Actor,
        scope: Scope,
        tenant: TenantId,
        id: ResetId,
    ) -> Result<Editing<'a>, Failure> {
        caller.within(tenant)?;
        caller.require(scope)?;
        let reset = tx.reset(tenant, id).await?.ok_or_else(no_such_reset)?.at(self.now());
        let ended = || reset_ended(Ended(reset.state.name()));
        let account = tx.lock_account(tenant, reset.user).await?.ok_or_else(ended)?;
        privilege::over(caller, &account)?;
        let editing = Editing::new(self, tx, actor, account).await?;
        if editing.blocking_is(id).is_some() { Ok(editing) } else { Err(ended()) }
    }

    async fn finish(&self, tx: Box<dyn Tx>, account: Account, id: ResetId) -> Result<(Reset, String), Failure> {
        let reset = tx.reset(account.tenant, id).await?.ok_or_else(no_such_reset)?.at(self.now());
        tx.commit().await?;
        Ok((reset, account.login_name))
    }
}
