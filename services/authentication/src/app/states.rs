//! How accounts stand, for scim's projection, and the code that an administrator reads out.

use rekey_kernel::{Caller, Failure, Method, Scope, TenantId, UserId};
use std::collections::HashMap;

use super::{Core, failures::no_such_user, privilege};
use crate::domain::{Account, Action, Actor, AuditEntry, Reset};

/// An account with the reset in its way, as it stands by the clock.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The account.
    pub account: Account,
    /// The reset in the way.
    pub reset: Option<Reset>,
}

impl Core {
    /// The present state of accounts; unknown users are left out.
    ///
    /// # Errors
    /// The database's own.
    #[tracing::instrument(name = "authentication.account.states", skip_all, fields(tenant.id = %tenant, users = users.len()))]
    pub async fn states(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<Projection>, Failure> {
        let accounts = self.deps.store.accounts(tenant, users).await?;
        let ids: Vec<_> = accounts.iter().filter_map(|account| account.blocking).collect();
        let resets = self.deps.store.resets(tenant, &ids).await?;
        let now = self.now();
        let mut resets: HashMap<_, _> = resets.into_iter().map(|reset| (reset.id, reset.at(now))).collect();
        let project = |account: Account| {
            let reset = account.blocking.and_then(|id| resets.remove(&id));
            Projection { account, reset }
        };
        Ok(accounts.into_iter().map(project).collect())
    }

    /// The reset in the account's way, as it stands by the clock.
    pub(super) async fn blocking_reset(&self, account: &Account) -> Result<Option<Reset>, Failure> {
        let Some(id) = account.blocking else { return Ok(None) };
        Ok(self.deps.store.reset(account.tenant, id).await?.map(|reset| reset.at(self.now())))
    }

    /// The offline code of the user's live reset, in groups; empty when no live reset has one. Each reading is written down.
    ///
    /// # Errors
    /// `Forbidden` without the scope, or when the user may do more than the caller; `NotFound`.
    #[tracing::instrument(name = "authentication.offline_code.read", skip_all, fields(tenant.id = %tenant, user.id = %user))]
    pub async fn read_offline_code(&self, caller: &Caller, tenant: TenantId, user: UserId) -> Result<String, Failure> {
        caller.within(tenant)?;
        caller.require(Scope::OfflineCodeView)?;
        let account = self.deps.store.account(tenant, user).await?.ok_or_else(no_such_user)?;
        privilege::over(caller, &account)?;
        let reset = self.blocking_reset(&account).await?.filter(|reset| reset.takes_codes() && reset.methods.contains(Method::Offline));
        let Some(reset) = reset else { return Ok(String::new()) };
        let code = self.deps.keys.offline_code(&reset).ok_or_else(|| Failure::internal("the key of a reset is missing"))?;
        self.write_down_reading(caller, &reset).await?;
        Ok(code.grouped())
    }

    async fn write_down_reading(&self, caller: &Caller, reset: &Reset) -> Result<(), Failure> {
        let tx = self.deps.store.begin().await?;
        let (actor, action) = (Actor::from(caller), Action::OfflineCodeRead);
        let entry = AuditEntry { tenant: reset.tenant, actor, action, subject: reset.user, reset: Some(reset.id), at: self.now(), result: "done" };
        tx.audit(&entry).await?;
        tx.commit().await
    }
}
