//! The other services as servers: just enough of each for one mail.

use rekey_proto::{
    authentication::v1::{self as authentication, password_resets_server as resets},
    scim::v1::{self as scim, intents_server as intents},
    tenantconfig::v1::{self as tenantconfig, templates_server as templates, tenants_server as tenants},
};
use rekey_runtime::grpc::{InProcess, Service};
use std::{future::Future, pin::Pin};
use tonic::{Request, Response, Status, service::Routes};

use super::{START, order};

type Answer<T> = Result<Response<T>, Status>;

/// Methods that no mail needs. Written out, because `async_trait` does not see into a macro.
macro_rules! unused {
    ($($method:ident: $request:ty => $response:ty;)*) => {
        $(fn $method<'a, 'b>(&'a self, _request: Request<$request>) -> Pin<Box<dyn Future<Output = Answer<$response>> + Send + 'b>>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("not needed here")) })
        })*
    };
}

struct Scim;

#[tonic::async_trait]
impl intents::Intents for Scim {
    async fn get_recipient(&self, _request: Request<scim::GetRecipientRequest>) -> Answer<scim::GetRecipientResponse> {
        let (address, user_name) = ("alice@example.org".to_owned(), "alice".to_owned());
        Ok(Response::new(scim::GetRecipientResponse { address, user_name, ..Default::default() }))
    }

    unused! { resolve: scim::ResolveRequest => scim::ResolveResponse; }
}

struct Authentication;

#[tonic::async_trait]
impl resets::PasswordResets for Authentication {
    async fn reveal(&self, request: Request<authentication::RevealRequest>) -> Answer<authentication::RevealResponse> {
        let token = format!("{}.secret", request.into_inner().reset_id);
        let expires_at = order(&[]).expires_at.as_micros();
        let state = authentication::ResetState::Pending.into();
        Ok(Response::new(authentication::RevealResponse { state, token, expires_at, ..Default::default() }))
    }

    unused! {
        validate: authentication::ValidateRequest => authentication::ValidateResponse;
        complete: authentication::CompleteRequest => authentication::CompleteResponse;
        list: authentication::ListRequest => authentication::ListResponse;
        get: authentication::GetRequest => authentication::Reset;
        cancel: authentication::CancelRequest => authentication::Reset;
        extend: authentication::ExtendRequest => authentication::Reset;
        check_resend: authentication::CheckResendRequest => authentication::Reset;
    }
}

struct TenantConfig;

#[tonic::async_trait]
impl templates::Templates for TenantConfig {
    async fn find(&self, request: Request<tenantconfig::FindTemplateRequest>) -> Answer<tenantconfig::Template> {
        let text = "Hello {{user-name}} of {{organization-name}},\n\n{{password-reset-link}}\n".to_owned();
        let subject = request.into_inner().r#type;
        Ok(Response::new(tenantconfig::Template { subject, text, ..Default::default() }))
    }

    unused! {
        list_types: tenantconfig::ListTemplateTypesRequest => tenantconfig::ListTemplateTypesResponse;
        get_type: tenantconfig::GetTemplateTypeRequest => tenantconfig::TemplateType;
        put: tenantconfig::PutTemplateRequest => tenantconfig::Template;
    }
}

#[tonic::async_trait]
impl tenants::Tenants for TenantConfig {
    async fn resolve_by_id(&self, request: Request<tenantconfig::ResolveTenantByIdRequest>) -> Answer<tenantconfig::Tenant> {
        let (domain, name) = ("default".to_owned(), "Example".to_owned());
        Ok(Response::new(tenantconfig::Tenant { id: request.into_inner().id, domain, name, created_at: START.as_micros() }))
    }

    unused! {
        resolve: tenantconfig::ResolveTenantRequest => tenantconfig::Tenant;
        create: tenantconfig::CreateTenantRequest => tenantconfig::Tenant;
        list: tenantconfig::ListTenantsRequest => tenantconfig::ListTenantsResponse;
        get: tenantconfig::GetTenantRequest => tenantconfig::Tenant;
        update: tenantconfig::UpdateTenantRequest => tenantconfig::Tenant;
        delete: tenantconfig::DeleteTenantRequest => tenantconfig::DeleteTenantResponse;
    }
}

/// Puts them all into their places.
pub(crate) fn serve(hub: &InProcess) {
    hub.serve(Service::Scim, Routes::new(intents::IntentsServer::new(Scim)));
    hub.serve(Service::Authentication, Routes::new(resets::PasswordResetsServer::new(Authentication)));
    let tenant_config = Routes::new(templates::TemplatesServer::new(TenantConfig)).add_service(tenants::TenantsServer::new(TenantConfig));
    hub.serve(Service::TenantConfig, tenant_config);
}
