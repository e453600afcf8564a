//! What happens by itself: time runs out, mails arrive, tenants end.

use rekey_kernel::{Failure, IntentId, ResetId, TenantId, Timestamp, UserId};
use std::time::Duration;

use super::{Core, editing::Editing};
use crate::domain::{Actor, Reset};

const BATCH: u64 = 100;
/// After so long the service that commits is asked what became of a preparation.
const PATIENCE: Duration = Duration::from_mins(10);

impl Core {
    /// Writes down which resets ended by themselves, and drops what is dead. Run it every second.
    ///
    /// # Errors
    /// The database's own. What was not done is done the next time.
    pub async fn sweep(&self) -> Result<(), Failure> {
        self.deps.hasher.trim();
        let now = self.now();
        for reset in self.deps.store.due_resets(now, BATCH).await? {
            self.expire(&reset).await?;
        }
        for reset in self.deps.store.spent_resets(now, BATCH).await? {
            self.exhaust(reset.tenant, reset.user, reset.id).await?;
        }
        self.deps.store.sweep(now).await
    }

    #[tracing::instrument(name = "authentication.reset.expire", skip_all, fields(tenant.id = %reset.tenant, user.id = %reset.user, reset.id = %reset.id))]
    async fn expire(&self, reset: &Reset) -> Result<(), Failure> {
        let (tx, actor) = (self.deps.store.begin().await?, Actor::service());
        let Some(account) = tx.lock_account(reset.tenant, reset.user).await? else { return Ok(()) };
        let mut editing = Editing::new(self, tx.as_ref(), &actor, account).await?;
        if editing.blocking_is(reset.id).is_some() {
            editing.expire().await?;
            editing.save().await?;
        }
        tx.commit().await
    }

    /// The reset is exhausted if it has no way in left.
    #[tracing::instrument(name = "authentication.reset.exhaust", skip_all, fields(tenant.id = %tenant, user.id = %user, reset.id = %id))]
    pub(super) async fn exhaust(&self, tenant: TenantId, user: UserId, id: ResetId) -> Result<(), Failure> {
        let (tx, actor) = (self.deps.store.begin().await?, Actor::service());
        let Some(account) = tx.lock_account(tenant, user).await? else { return Ok(()) };
        let mut editing = Editing::new(self, tx.as_ref(), &actor, account).await?;
        let spent = match editing.blocking_is(id) {
            Some(reset) => reset.is_spent(tx.has_reset_session(id, self.now()).await?),
            None => false,
        };
        if spent {
            editing.exhaust().await?;
            editing.save().await?;
        }
        tx.commit().await
    }

    /// Asks what became of preparations that nobody came back for. Run it every minute.
    ///
    /// # Errors
    /// When the service that commits is down: the preparations stay.
    pub async fn resolve(&self) -> Result<(), Failure> {
        let stale = self.deps.store.stale_preparations(self.now().before(PATIENCE), BATCH).await?;
        for (tenant, intent) in stale {
            self.resolve_one(tenant, intent).await?;
        }
        Ok(())
    }

    #[tracing::instrument(name = "authentication.change.resolve", skip_all, fields(tenant.id = %tenant, intent.id = %intent))]
    async fn resolve_one(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure> {
        if self.deps.intents.is_committed(tenant, intent).await? {
            return self.deps.store.confirm_preparation(intent).await;
        }
        tracing::info!(%intent, "a preparation that was never committed is dropped");
        self.deps.store.drop_preparation(tenant, intent).await
    }

    /// The mail of a reset was accepted.
    ///
    /// # Errors
    /// The database's own.
    #[tracing::instrument(name = "authentication.reset.mail_sent", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn mail_sent(&self, tenant: TenantId, id: ResetId, at: Timestamp) -> Result<(), Failure> {
        let tx = self.deps.store.begin().await?;
        let Some(found) = tx.reset(tenant, id).await? else { return Ok(()) };
        let account = tx.lock_account(tenant, found.user).await?;
        // Read again under the lock: another replica may have moved its expiry in between.
        let Some(reset) = tx.reset(tenant, id).await?.filter(|reset| reset.sent_at.is_none()) else { return Ok(()) };
        let from = reset.state.name();
        if !tx.save_reset(&Reset { sent_at: Some(at), ..reset }, from).await? {
            return Err(Failure::unavailable("the password reset changed in between"));
        }
        if let Some(mut account) = account {
            account.revision += 1;
            tx.save_account(&account).await?;
        }
        tx.commit().await
    }

    /// Every account, session and reset of the tenant is gone. Repeating it is fine.
    ///
    /// # Errors
    /// The database's own.
    #[tracing::instrument(name = "authentication.tenant.purge", skip_all, fields(tenant.id = %tenant))]
    pub async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        let tx = self.deps.store.begin().await?;
        tx.purge(tenant).await?;
        tx.commit().await
    }
}
