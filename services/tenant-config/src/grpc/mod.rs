//! The service's face to the others: translation only.

mod claims;
mod governance;
mod templates;
mod tenants;

use rekey_kernel::{Caller, Failure, TenantId};
use rekey_proto::tenantconfig::v1::{
    claims_server::ClaimsServer, governance_server::GovernanceServer, templates_server::TemplatesServer, tenants_server::TenantsServer,
};
use rekey_runtime::grpc::{Rule, Service, guard};
use std::sync::Arc;
use tonic::service::Routes;

use crate::app::{claims::ClaimDialects, governance::Governance, templates::MailTemplates, tenants::TenantDirectory};

const GATEWAY: &[Service] = &[Service::Gateway];
const EVERYONE: &[Service] = &[Service::Gateway, Service::Scim, Service::Authentication, Service::Notification];

macro_rules! rules {
    ($($service:literal: $($method:literal => $callers:expr),* $(,)?;)*) => {
        /// Who may call what.
        pub const RULES: &[Rule] = &[$($(Rule { method: concat!("/rekey.tenantconfig.v1.", $service, "/", $method), callers: $callers },)*)*];
    };
}

rules! {
    "Tenants": "Resolve" => EVERYONE, "ResolveById" => EVERYONE, "Create" => GATEWAY, "List" => GATEWAY, "Get" => GATEWAY, "Update" => GATEWAY, "Delete" => GATEWAY;
    "Governance": "ListCategories" => GATEWAY, "GetCategory" => GATEWAY, "GetConnector" => GATEWAY, "UpdateConnector" => GATEWAY,
        "GetResetSettings" => EVERYONE, "GetPasswordPolicy" => EVERYONE;
    "Claims": "ListDialects" => GATEWAY, "ListClaims" => GATEWAY, "GetClaim" => GATEWAY, "UpdateClaim" => GATEWAY;
    "Templates": "ListTypes" => GATEWAY, "GetType" => GATEWAY, "Put" => GATEWAY, "Find" => &[Service::Notification];
}

/// The use cases behind the handlers.
pub struct UseCases {
    /// Tenants.
    pub tenants: Arc<TenantDirectory>,
    /// Options.
    pub governance: Arc<Governance>,
    /// Claims.
    pub claims: Arc<ClaimDialects>,
    /// Templates.
    pub templates: Arc<MailTemplates>,
}

/// Every handler behind the allow list.
pub fn routes(use_cases: UseCases) -> Routes {
    let routes = Routes::new(TenantsServer::new(tenants::Handler(use_cases.tenants)))
        .add_service(GovernanceServer::new(governance::Handler(use_cases.governance)))
        .add_service(ClaimsServer::new(claims::Handler(use_cases.claims)))
        .add_service(TemplatesServer::new(templates::Handler(use_cases.templates)));
    guard(routes, RULES)
}

fn tenant_id(text: &str) -> Result<TenantId, Failure> {
    text.parse().map_err(|error| Failure::invalid("invalidValue", "a tenant id is expected").because(error))
}

/// The tenant that the request names; the caller's own when it names none.
fn tenant_or_own(text: &str, caller: &Caller) -> Result<TenantId, Failure> {
    if text.is_empty() { Ok(caller.tenant) } else { tenant_id(text) }
}
