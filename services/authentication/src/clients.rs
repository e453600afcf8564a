//! What this service asks of others.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, TenantId};
use rekey_proto::{
    scim::v1::{ResolveRequest, intents_client::IntentsClient},
    tenantconfig::v1::{GetPasswordPolicyRequest, GetResetSettingsRequest, governance_client::GovernanceClient},
};
use rekey_runtime::grpc::{Transport, from_status};
use std::time::Duration;

use crate::{
    domain::PasswordPolicy,
    ports::{Intents, Policies},
};

/// The policies that tenant-config keeps.
pub(crate) struct TenantPolicies(GovernanceClient<Transport>);

impl TenantPolicies {
    /// Over a transport to tenant-config.
    pub(crate) fn new(transport: Transport) -> Self {
        Self(GovernanceClient::new(transport))
    }
}

#[async_trait]
impl Policies for TenantPolicies {
    async fn password_policy(&self, tenant: TenantId) -> Result<PasswordPolicy, Failure> {
        let request = GetPasswordPolicyRequest { tenant_id: tenant.to_string() };
        let policy = self.0.clone().get_password_policy(request).await.map_err(from_status)?.into_inner();
        Ok(PasswordPolicy { min_length: policy.min_length, max_length: policy.max_length, history: policy.history, blocklist: policy.blocklist })
    }

    async fn reset_validity(&self, tenant: TenantId) -> Result<Duration, Failure> {
        let request = GetResetSettingsRequest { tenant_id: tenant.to_string() };
        let settings = self.0.clone().get_reset_settings(request).await.map_err(from_status)?.into_inner();
        Ok(Duration::from_secs(u64::try_from(settings.validity_seconds).unwrap_or(0)))
    }
}

/// The intents that scim commits.
pub(crate) struct ScimIntents(IntentsClient<Transport>);

impl ScimIntents {
    /// Over a transport to scim.
    pub(crate) fn new(transport: Transport) -> Self {
        Self(IntentsClient::new(transport))
    }
}

#[async_trait]
impl Intents for ScimIntents {
    async fn is_committed(&self, tenant: TenantId, intent: IntentId) -> Result<bool, Failure> {
        let request = ResolveRequest { tenant_id: tenant.to_string(), intent_id: intent.to_string() };
        Ok(self.0.clone().resolve(request).await.map_err(from_status)?.into_inner().committed)
    }
}
