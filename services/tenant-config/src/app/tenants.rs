//! Creating, reading, renaming and deleting tenants.

use rekey_kernel::{Caller, Clock, Failure, Kind, Random, Scope, TenantId};
use std::sync::Arc;

use super::governance::Governance;
use crate::{
    domain::tenant::{Tenant, TenantDomain, TenantName, TenantState},
    ports::{Administrator, Claimed, Tenants, Users},
};

/// The use cases about tenants.
pub struct TenantDirectory {
    /// Where tenants are kept.
    pub tenants: Arc<dyn Tenants>,
    /// Where their users live.
    pub users: Arc<dyn Users>,
    /// The password policy of a new tenant.
    pub governance: Arc<Governance>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Arc<dyn Random>,
}

/// A tenant that is wanted.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// In paths.
    pub domain: String,
    /// For people.
    pub name: String,
    /// Its first administrator.
    pub administrator: Administrator,
}

impl TenantDirectory {
    /// The tenant behind a path.
    ///
    /// # Errors
    /// `NotFound` unless it is in use.
    pub async fn resolve(&self, domain: &str) -> Result<Tenant, Failure> {
        let Ok(domain) = domain.parse() else { return Err(absent()) };
        in_use(self.tenants.by_domain(&domain).await?)
    }

    /// The tenant of an id.
    ///
    /// # Errors
    /// `NotFound` unless it is in use.
    pub async fn resolve_by_id(&self, id: TenantId) -> Result<Tenant, Failure> {
        in_use(self.tenants.by_id(id).await?)
    }

    /// Makes a tenant with its first administrator. A request that died on the way is taken over by the next one for the same domain.
    ///
    /// # Errors
    /// `Forbidden` for whoever is no administrator of `default`; `Invalid` for a bad domain, name or administrator; `Conflict` for a
    /// domain that is taken.
    #[tracing::instrument(name = "tenantconfig.tenant.create", skip_all)]
    pub async fn create(&self, caller: &Caller, wanted: NewTenant) -> Result<Tenant, Failure> {
        require_manager(caller)?;
        let draft = self.draft(&wanted)?;
        self.governance.check_first_password(&wanted.administrator.password)?;
        let tenant = match self.tenants.claim(draft).await? {
            Claimed::New(tenant) => tenant,
            Claimed::TakenOver { tenant, former } => {
                self.clear_away(former).await;
                tenant
            }
            Claimed::Taken => return Err(Failure::conflict("tenant_exists", "there is a tenant with this domain already")),
        };
        self.furnish(tenant, &wanted.administrator).await
    }

    fn draft(&self, wanted: &NewTenant) -> Result<Tenant, Failure> {
        let administrator = &wanted.administrator;
        if administrator.user_name.trim().is_empty() || administrator.password.expose().is_empty() {
            return Err(Failure::invalid("invalid_admin", "a tenant needs an administrator with a user name and a password"));
        }
        let now = self.clock.now();
        Ok(Tenant {
            id: TenantId::new(now, self.random.as_ref()),
            domain: wanted.domain.parse()?,
            name: wanted.name.parse()?,
            state: TenantState::Creating,
            created_at: now,
            attempt: 1,
        })
    }

    async fn furnish(&self, tenant: Tenant, administrator: &Administrator) -> Result<Tenant, Failure> {
        if let Err(failure) = self.users.create_administrator(tenant.id, administrator).await {
            self.give_up(&tenant, &failure).await;
            return Err(failure);
        }
        if self.tenants.activate(&tenant, self.clock.now()).await? {
            return Ok(Tenant { state: TenantState::Active, ..tenant });
        }
        self.clear_away(tenant.id).await;
        Err(Failure::conflict("tenant_exists", "another request for the same domain was faster"))
    }

    /// A refusal is final: the domain is free again. Whatever may pass leaves the tenant in creation, for the request to be repeated.
    async fn give_up(&self, tenant: &Tenant, failure: &Failure) {
        if matches!(failure.kind, Kind::Unavailable | Kind::Internal) {
            return;
        }
        match self.tenants.abandon(tenant).await {
            Ok(_gone_or_taken_over) => self.clear_away(tenant.id).await,
            Err(failure) => tracing::warn!(tenant.id = %tenant.id, %failure, "a refused tenant could not be cleared away"),
        }
    }

    /// Removes the users of a tenant that never came to be. Nobody can reach them: what stays does no harm.
    async fn clear_away(&self, never_was: TenantId) {
        if let Err(failure) = self.users.purge(never_was).await {
            tracing::warn!(tenant.id = %never_was, %failure, "the users of a tenant that never came to be could not be removed");
        }
    }

    /// All tenants for an administrator of `default`, their own for an administrator of another.
    ///
    /// # Errors
    /// `Forbidden` without the scope.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Tenant>, Failure> {
        if caller.tenant == TenantId::DEFAULT {
            caller.require(Scope::TenantManage)?;
            return self.tenants.list().await;
        }
        caller.require(Scope::IdpView)?;
        Ok(vec![self.resolve_by_id(caller.tenant).await?])
    }

    /// One tenant, for whoever [`TenantDirectory::list`] shows it to.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn get(&self, caller: &Caller, domain: &str) -> Result<Tenant, Failure> {
        caller.require(if caller.tenant == TenantId::DEFAULT { Scope::TenantManage } else { Scope::IdpView })?;
        let tenant = self.resolve(domain).await?;
        let visible = caller.tenant == TenantId::DEFAULT || caller.tenant == tenant.id;
        if visible { Ok(tenant) } else { Err(absent()) }
    }

    /// Another name.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Invalid`.
    #[tracing::instrument(name = "tenantconfig.tenant.rename", skip_all)]
    pub async fn rename(&self, caller: &Caller, domain: &str, name: &str) -> Result<Tenant, Failure> {
        require_manager(caller)?;
        let tenant = self.resolve(domain).await?;
        let name: TenantName = name.parse()?;
        self.tenants.rename(tenant.id, &name, self.clock.now()).await?;
        Ok(Tenant { name, ..tenant })
    }

    /// The tenant and everything in it is gone. A deletion that died on the way is finished by the next one.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Invalid` for `default`.
    #[tracing::instrument(name = "tenantconfig.tenant.delete", skip_all)]
    pub async fn delete(&self, caller: &Caller, domain: &str) -> Result<(), Failure> {
        require_manager(caller)?;
        let domain: TenantDomain = domain.parse().map_err(|_| absent())?;
        if domain.is_default() {
            return Err(Failure::invalid("default_tenant", "the tenant `default` cannot be deleted"));
        }
        let tenant = self.tenants.by_domain(&domain).await?.filter(|tenant| tenant.state != TenantState::Creating).ok_or_else(absent)?;
        self.tenants.begin_deletion(tenant.id, self.clock.now()).await?;
        self.users.purge(tenant.id).await?;
        self.tenants.remove(tenant.id).await
    }
}

fn require_manager(caller: &Caller) -> Result<(), Failure> {
    if caller.tenant != TenantId::DEFAULT {
        return Err(Failure::forbidden("tenants are managed by administrators of the tenant `default`"));
    }
    caller.require(Scope::TenantManage)
}

fn in_use(tenant: Option<Tenant>) -> Result<Tenant, Failure> {
    tenant.filter(|tenant| tenant.state == TenantState::Active).ok_or_else(absent)
}

fn absent() -> Failure {
    Failure::not_found("there is no such tenant")
}
