//! What other services ask about intents, and what the relay does.

use rekey_kernel::{EmailAddress, Failure, IntentId, Methods, ResetId, TenantId, UserId};
use std::collections::BTreeMap;

use super::Users;
use crate::domain::{Intent, Outcome, Progress, profile};

/// Where the mail of a reset goes, and what its template may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Whom it is about.
    pub user: UserId,
    /// The address as it stood when the reset was ordered; `None`: no mail is due.
    pub address: Option<EmailAddress>,
    /// The address that the same request took away.
    pub previous: Option<EmailAddress>,
    /// The login name.
    pub user_name: String,
    /// The locale, as `en_US`; may be empty.
    pub locale: String,
    /// By local claim name.
    pub claims: BTreeMap<String, String>,
    /// The reset's ways back in.
    pub methods: Methods,
}

impl Users {
    /// Where the mail of a reset goes.
    ///
    /// # Errors
    /// 404 when there is no such reset, or the user is gone.
    #[tracing::instrument(name = "scim.reset.recipient", skip_all, fields(tenant.id = %tenant, reset.id = %reset))]
    pub async fn recipient(&self, tenant: TenantId, reset: ResetId) -> Result<Recipient, Failure> {
        let absent = || Failure::not_found("there is no such reset");
        let intent = self.store.intent(reset.into()).await?.filter(|intent| intent.tenant == tenant).ok_or_else(absent)?;
        let ordered = intent.reset.ok_or_else(absent)?;
        let profile = self.load(tenant, intent.user).await?.profile;
        Ok(Recipient {
            user: intent.user,
            address: ordered.recipient,
            previous: ordered.previous,
            user_name: profile::user_name(&profile).to_owned(),
            locale: profile::locale(&profile),
            claims: profile::claims(&profile),
            methods: ordered.methods,
        })
    }

    /// Is this intent committed? If not, it never will be.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(name = "scim.intent.resolve", skip_all, fields(tenant.id = %tenant, intent.id = %intent))]
    pub async fn resolve(&self, tenant: TenantId, intent: IntentId) -> Result<bool, Failure> {
        self.store.resolve(tenant, intent, self.clock.now()).await
    }

    /// Every user of a tenant is gone, with the tenant.
    ///
    /// # Errors
    /// The store's.
    pub async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        self.store.purge(tenant).await
    }

    /// May this reset be announced? Its intent is applied first if it is not yet. `republished`: it was announced before, so its
    /// reset may have ended since. `Ok(None)`: there is nothing to tell any more.
    ///
    /// # Errors
    /// When it cannot be told yet.
    pub async fn announceable(&self, reset: ResetId, republished: bool) -> Result<Option<Intent>, Failure> {
        let Some(intent) = self.applied_intent(reset).await? else { return Ok(None) };
        let Progress::Finished { outcome: Outcome::Applied, .. } = intent.progress else { return Ok(None) };
        if republished && !self.is_pending(&intent, reset).await? {
            return Ok(None);
        }
        Ok(Some(intent))
    }

    async fn applied_intent(&self, reset: ResetId) -> Result<Option<Intent>, Failure> {
        let Some(intent) = self.store.intent(reset.into()).await? else { return Ok(None) };
        if intent.progress != Progress::Unfinished {
            return Ok(Some(intent));
        }
        let announces = self.apply_up_to(&intent).await?.announces_reset();
        if announces { self.store.intent(reset.into()).await } else { Ok(None) }
    }

    async fn is_pending(&self, intent: &Intent, reset: ResetId) -> Result<bool, Failure> {
        let states = self.accounts.states(intent.tenant, &[intent.user]).await?;
        Ok(states.iter().filter_map(|live| live.reset.as_ref()).any(|live| live.id == reset && live.is_pending()))
    }

    /// The reset's announcement has reached its end: the user is told, or never will be.
    ///
    /// # Errors
    /// The store's.
    #[tracing::instrument(name = "scim.reset.confirm", skip_all, fields(reset.id = %reset))]
    pub async fn confirm(&self, reset: ResetId) -> Result<(), Failure> {
        self.store.confirm(reset).await
    }

    /// Brings the projections of these users up to date.
    ///
    /// # Errors
    /// When authentication or the store cannot be reached.
    #[tracing::instrument(name = "scim.user.refresh", skip_all, fields(tenant.id = %tenant, users = users.len()))]
    pub async fn refresh(&self, tenant: TenantId, users: &[UserId]) -> Result<(), Failure> {
        for live in self.accounts.states(tenant, users).await? {
            self.store.project(tenant, live.user, &live.account, self.clock.now()).await?;
        }
        Ok(())
    }
}
