//! The other services, as ports.

use async_trait::async_trait;
use rekey_kernel::{Failure, Kind, ResetId, Secret, TenantId, Timestamp};
use rekey_proto::{
    authentication::v1::{self as authentication, ResetState, password_resets_client::PasswordResetsClient},
    scim::v1::{self as scim, intents_client::IntentsClient},
    tenantconfig::v1::{self as tenantconfig, templates_client::TemplatesClient, tenants_client::TenantsClient},
};
use rekey_runtime::grpc::{Transport, from_status};

use crate::{
    domain::content::{Organization, Recipient, Template, WaysIn},
    ports::{Recipients, Revealed, Secrets, Templates},
};

/// scim over gRPC.
pub struct GrpcRecipients(pub Transport);

#[async_trait]
impl Recipients for GrpcRecipients {
    async fn find(&self, tenant: TenantId, reset: ResetId) -> Result<Option<Recipient>, Failure> {
        let request = scim::GetRecipientRequest { tenant_id: tenant.to_string(), reset_id: reset.to_string() };
        let found = present(IntentsClient::new(self.0.clone()).get_recipient(request).await)?;
        Ok(found.map(recipient))
    }
}

fn recipient(found: scim::GetRecipientResponse) -> Recipient {
    Recipient {
        claims: found.claims.into_iter().collect(),
        address: found.address,
        previous_address: found.previous_address,
        user_name: found.user_name,
        locale: found.locale,
    }
}

/// authentication over gRPC.
pub struct GrpcSecrets(pub Transport);

#[async_trait]
impl Secrets for GrpcSecrets {
    async fn reveal(&self, tenant: TenantId, reset: ResetId) -> Result<Revealed, Failure> {
        let request = authentication::RevealRequest { tenant_id: tenant.to_string(), reset_id: reset.to_string() };
        let Some(found) = present(PasswordResetsClient::new(self.0.clone()).reveal(request).await)? else { return Ok(Revealed::Ended) };
        let secret = |text: String| (!text.is_empty()).then(|| Secret::new(text));
        Ok(match found.state() {
            ResetState::Pending => {
                let expires_at = Timestamp::from_micros(found.expires_at);
                Revealed::Pending(WaysIn { token: secret(found.token), code: secret(found.code), expires_at })
            }
            ResetState::Expired => Revealed::Expired,
            _ => Revealed::Ended,
        })
    }
}

/// tenant-config over gRPC.
pub struct GrpcTemplates(pub Transport);

#[async_trait]
impl Templates for GrpcTemplates {
    async fn find(&self, tenant: TenantId, kind: &str, locale: &str) -> Result<Template, Failure> {
        let request = tenantconfig::FindTemplateRequest { tenant_id: tenant.to_string(), r#type: kind.to_owned(), locale: locale.to_owned() };
        let found = TemplatesClient::new(self.0.clone()).find(request).await.map_err(from_status)?.into_inner();
        Ok(Template { subject: found.subject, text: found.text, html: found.html })
    }

    async fn organization(&self, tenant: TenantId) -> Result<Option<Organization>, Failure> {
        let request = tenantconfig::ResolveTenantByIdRequest { id: tenant.to_string() };
        let found = present(TenantsClient::new(self.0.clone()).resolve_by_id(request).await)?;
        Ok(found.map(|tenant| Organization { domain: tenant.domain, name: tenant.name }))
    }
}

/// `None` for what is not there.
fn present<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Result<Option<T>, Failure> {
    match answer.map_err(from_status) {
        Ok(response) => Ok(Some(response.into_inner())),
        Err(failure) if failure.is(Kind::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}
