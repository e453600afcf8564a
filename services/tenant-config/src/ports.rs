//! What the use cases need from outside. An adapter keeps no rule of its own: it stores, loads and calls.

use async_trait::async_trait;
use rekey_kernel::{Failure, Secret, TenantId, Timestamp};
use std::collections::HashMap;

use crate::domain::{
    claim::Change,
    governance::Overrides,
    template::{Template, TemplateType},
    tenant::{Tenant, TenantDomain, TenantName},
};

/// What became of the attempt to take a domain.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// The domain was free: this tenant is there now, in creation.
    New(Tenant),
    /// An earlier request died on the way, or is still at it: the domain is this request's now, under a higher attempt number and
    /// another id, so that nothing that the other one still does ends up in this tenant.
    TakenOver {
        /// This request's.
        tenant: Tenant,
        /// The id under which the earlier one began.
        former: TenantId,
    },
    /// Another tenant has it.
    Taken,
}

/// Tenants. Every change that others must hear of writes its `config_changed` event in the same transaction.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// The tenant of this domain in whatever state; `None` when there is none.
    async fn by_domain(&self, domain: &TenantDomain) -> Result<Option<Tenant>, Failure>;
    /// The tenant of this id in whatever state; `None` when there is none.
    async fn by_id(&self, id: TenantId) -> Result<Option<Tenant>, Failure>;
    /// All that are in use, by domain.
    async fn list(&self) -> Result<Vec<Tenant>, Failure>;
    /// Takes the draft's domain for it, or takes over a tenant of that domain that is still in creation.
    async fn claim(&self, draft: Tenant) -> Result<Claimed, Failure>;
    /// From creation into use; `false` when another request has taken it over since.
    async fn activate(&self, tenant: &Tenant, now: Timestamp) -> Result<bool, Failure>;
    /// Removes a tenant that this attempt was creating; `false` when another request has taken it over since.
    async fn abandon(&self, tenant: &Tenant) -> Result<bool, Failure>;
    /// Another name.
    async fn rename(&self, id: TenantId, name: &TenantName, now: Timestamp) -> Result<(), Failure>;
    /// Out of use, for good.
    async fn begin_deletion(&self, id: TenantId, now: Timestamp) -> Result<(), Failure>;
    /// The tenant, its options, claims and templates are gone.
    async fn remove(&self, id: TenantId) -> Result<(), Failure>;
}

/// Decides about a change while nobody else can make one.
pub type Decide = Box<dyn FnOnce(&Overrides) -> Result<Overrides, Failure> + Send>;

/// The tenants' own governance values.
#[async_trait]
pub trait Settings: Send + Sync {
    /// All of a tenant's own values.
    async fn load(&self, tenant: TenantId) -> Result<Overrides, Failure>;
    /// Replaces them by what `decide` makes of them, with a `config_changed` event, in one transaction.
    ///
    /// # Errors
    /// Whatever `decide` refuses, and nothing is changed.
    async fn change(&self, tenant: TenantId, now: Timestamp, decide: Decide) -> Result<Overrides, Failure>;
}

/// What tenants say otherwise about claims.
#[async_trait]
pub trait Claims: Send + Sync {
    /// By the name of the claim.
    async fn load(&self, tenant: TenantId) -> Result<HashMap<String, Change>, Failure>;
    /// Puts a change over what the tenant said before, with a `config_changed` event. Answers what holds now.
    async fn change(&self, tenant: TenantId, claim: &str, change: Change, now: Timestamp) -> Result<Change, Failure>;
}

/// The tenants' own templates.
#[async_trait]
pub trait Templates: Send + Sync {
    /// Those of one type.
    async fn of_type(&self, tenant: TenantId, kind: TemplateType) -> Result<Vec<Template>, Failure>;
    /// Puts it in the place of the one of the same type and locale, with a `config_changed` event.
    async fn put(&self, tenant: TenantId, template: &Template, now: Timestamp) -> Result<(), Failure>;
}

/// The first administrator of a tenant.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The login name.
    pub user_name: String,
    /// The password.
    pub password: Secret,
    /// Empty when there is none.
    pub email: String,
}

/// Where the users of tenants live.
#[async_trait]
pub trait Users: Send + Sync {
    /// Makes the first administrator of a tenant.
    async fn create_administrator(&self, tenant: TenantId, administrator: &Administrator) -> Result<(), Failure>;
    /// Every profile and every account of the tenant is gone. Repeating it is fine.
    async fn purge(&self, tenant: TenantId) -> Result<(), Failure>;
}
