//! Reading and editing claims.

use rekey_kernel::{Caller, Clock, Failure, Scope, TenantId};
use std::sync::Arc;

use crate::{
    domain::claim::{Change, Claim, Dialect},
    ports::Claims,
};

/// The use cases about claims.
pub struct ClaimDialects {
    /// What tenants say otherwise.
    pub claims: Arc<dyn Claims>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl ClaimDialects {
    /// Every dialect.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for another tenant.
    pub fn dialects(&self, caller: &Caller, tenant: TenantId) -> Result<&'static [Dialect], Failure> {
        may(caller, tenant, Scope::ClaimView)?;
        Ok(&Dialect::ALL)
    }

    /// The claims of a dialect.
    ///
    /// # Errors
    /// As [`ClaimDialects::dialects`]; `NotFound` for an unknown dialect.
    pub async fn list(&self, caller: &Caller, tenant: TenantId, dialect_id: &str) -> Result<Vec<Claim>, Failure> {
        may(caller, tenant, Scope::ClaimView)?;
        let dialect = Dialect::find(dialect_id)?;
        let mut changes = self.claims.load(tenant).await?;
        Ok(dialect.definitions().map(|definition| definition.with(dialect, changes.remove(definition.name).unwrap_or_default())).collect())
    }

    /// One claim.
    ///
    /// # Errors
    /// As [`ClaimDialects::list`]; `NotFound` for an unknown claim.
    pub async fn get(&self, caller: &Caller, tenant: TenantId, dialect_id: &str, claim_id: &str) -> Result<Claim, Failure> {
        may(caller, tenant, Scope::ClaimView)?;
        let dialect = Dialect::find(dialect_id)?;
        let definition = dialect.definition(claim_id)?;
        let change = self.claims.load(tenant).await?.remove(definition.name);
        Ok(definition.with(dialect, change.unwrap_or_default()))
    }

    /// Edits a local claim.
    ///
    /// # Errors
    /// As [`ClaimDialects::get`]; `Invalid` for a bad text or a claim of a SCIM dialect, which follows its local one.
    #[tracing::instrument(name = "tenantconfig.claim.update", skip_all, fields(tenant.id = %tenant))]
    pub async fn update(&self, caller: &Caller, tenant: TenantId, ids: (&str, &str), change: Change) -> Result<Claim, Failure> {
        may(caller, tenant, Scope::ClaimUpdate)?;
        let dialect = Dialect::find(ids.0)?;
        let definition = dialect.definition(ids.1)?;
        if dialect != Dialect::Local {
            return Err(Failure::invalid("invalidValue", "claims of SCIM dialects follow the local ones: edit the local claim"));
        }
        change.check()?;
        let held = self.claims.change(tenant, definition.name, change, self.clock.now()).await?;
        Ok(definition.with(dialect, held))
    }
}

fn may(caller: &Caller, tenant: TenantId, scope: Scope) -> Result<(), Failure> {
    caller.within(tenant)?;
    caller.require(scope)
}
