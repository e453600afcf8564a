//! From a domain to a tenant.

use rekey_kernel::{Clock, Failure, Kind, TenantId, Timestamp};
use rekey_proto::tenantconfig::v1::{ResolveTenantRequest, tenants_client::TenantsClient};
use rekey_runtime::grpc::Transport;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::Site;
use crate::clients::Answer;

/// The domain that needs no asking.
const DEFAULT: &str = "default";
/// How long an answer is believed. "No such tenant" never is: one that was just made must work at once.
const BELIEVED: Duration = Duration::from_mins(1);
/// More domains are not kept.
const MOST: usize = 10_000;

/// Knows the tenants by their domains.
pub(crate) struct Directory {
    client: TenantsClient<Transport>,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, (TenantId, Timestamp)>>,
}

impl Directory {
    /// One that asks tenant-config.
    pub(crate) fn new(client: TenantsClient<Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, known: Mutex::default() }
    }

    /// The site of a domain; of `default` when the path named none.
    ///
    /// # Errors
    /// `Unavailable` when tenant-config cannot be asked.
    pub(crate) async fn site(&self, domain: Option<&str>) -> Result<Site, Failure> {
        let Some(written) = domain else {
            return Ok(Site { tenant: Some(TenantId::DEFAULT), domain: DEFAULT.into(), prefix: String::new() });
        };
        let domain = written.to_ascii_lowercase();
        let tenant = if domain == DEFAULT { Some(TenantId::DEFAULT) } else { self.resolve(&domain).await? };
        let prefix = if is_domain(&domain) { format!("/t/{domain}") } else { String::new() };
        Ok(Site { tenant, domain: domain.into(), prefix })
    }

    /// Forgets a domain: its tenant was changed or deleted.
    pub(crate) fn forget(&self, domain: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&domain.to_ascii_lowercase());
    }

    async fn resolve(&self, domain: &str) -> Result<Option<TenantId>, Failure> {
        if !is_domain(domain) {
            return Ok(None);
        }
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(domain).copied();
        let now = self.clock.now();
        match kept {
            Some((tenant, asked)) if now.since(asked) < BELIEVED => Ok(Some(tenant)),
            _ => match self.ask(domain).await {
                // An old answer is better than none: logging in needs authentication alone.
                Err(failure) if failure.is(Kind::Unavailable) => kept.map(|(tenant, _)| Some(tenant)).ok_or(failure),
                other => other,
            },
        }
    }

    async fn ask(&self, domain: &str) -> Result<Option<TenantId>, Failure> {
        let request = ResolveTenantRequest { domain: domain.to_owned() };
        let tenant = match self.client.clone().resolve(request).await.answer() {
            Ok(tenant) => tenant.id.parse().map_err(|error| Failure::internal("tenant-config names a tenant by no id").because(error))?,
            Err(failure) if matches!(failure.kind, Kind::NotFound | Kind::Invalid) => {
                self.forget(domain);
                return Ok(None);
            }
            Err(failure) => return Err(failure),
        };
        self.keep(domain, tenant);
        Ok(Some(tenant))
    }

    fn keep(&self, domain: &str, tenant: TenantId) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(domain.to_owned(), (tenant, self.clock.now()));
    }
}

/// Can it be a tenant's domain at all?
fn is_domain(text: &str) -> bool {
    (1..=253).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}
