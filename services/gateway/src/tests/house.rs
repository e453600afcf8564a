//! The services behind the gateway, as small as they can be: they know one administrator, one user and one reset, and remember
//! the names of the methods that were called.

use prost::bytes::Bytes;
use rekey_kernel::{Failure, Kind, Scopes, TenantId, Violation};
use rekey_proto::{
    authentication::v1::{self as auth, login_response::Result as LoggedIn},
    notification::v1 as notification,
    scim::v1 as scim,
    tenantconfig::v1 as config,
};
use rekey_runtime::grpc::{InProcess, Service, caller, to_status};
use std::sync::{Arc, Mutex};
use tonic::{Request, Response, Status, service::Routes};

use super::{ALICE, RESET};

pub(super) const ACME: &str = "01900000-0000-7000-8000-0000000000ac";

type Answer<T> = Result<Response<T>, Status>;

#[derive(Clone, Default)]
pub(super) struct House(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    /// What was called, in order, with a few words of what was asked.
    pub(super) calls: Vec<String>,
    /// Whoever signs in has no scopes.
    pub(super) powerless: bool,
    /// Tenant-config does not answer.
    pub(super) config_down: bool,
    /// The claim is supported by default.
    pub(super) code_shown: bool,
    /// The user has a reset in the way.
    pub(super) reset: Option<auth::ResetState>,
}

impl House {
    pub(super) fn serve(&self, hub: &InProcess) {
        let mut authentication = Routes::builder();
        authentication.add_service(auth::authentication_server::AuthenticationServer::new(self.clone()));
        authentication.add_service(auth::password_resets_server::PasswordResetsServer::new(self.clone()));
        hub.serve(Service::Authentication, authentication.routes());
        let mut scim = Routes::builder();
        scim.add_service(scim::users_server::UsersServer::new(self.clone()));
        scim.add_service(scim::discovery_server::DiscoveryServer::new(self.clone()));
        hub.serve(Service::Scim, scim.routes());
        let mut tenant_config = Routes::builder();
        tenant_config.add_service(config::tenants_server::TenantsServer::new(self.clone()));
        tenant_config.add_service(config::governance_server::GovernanceServer::new(self.clone()));
        tenant_config.add_service(config::claims_server::ClaimsServer::new(self.clone()));
        tenant_config.add_service(config::templates_server::TemplatesServer::new(self.clone()));
        hub.serve(Service::TenantConfig, tenant_config.routes());
        hub.serve(Service::Notification, Routes::new(notification::deliveries_server::DeliveriesServer::new(self.clone())));
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.clone()
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.calls().iter().filter(|it| it.starts_with(call)).count()
    }

    fn note(&self, call: impl Into<String>) {
        self.0.lock().unwrap().calls.push(call.into());
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.0.lock().unwrap())
    }

    fn identity(&self, user_name: &str, expires_at: i64) -> auth::Identity {
        let scopes = if self.read(|state| state.powerless) { Vec::new() } else { Scopes::all().iter().map(|it| it.to_string()).collect() };
        auth::Identity { user_id: ALICE.into(), user_name: user_name.into(), scopes, expires_at }
    }

    fn resource(&self, shown: &str) -> scim::UserResource {
        let state = self.read(|state| if state.reset.is_some() { "PENDING_FUPR" } else { "UNLOCKED" });
        let json = format!(
            r#"{{"id":"{ALICE}","userName":"alice","emails":[{{"value":"alice@example.com"}}],"urn:scim:wso2:schema":{{"accountState":"{state}"{shown}}}}}"#
        );
        scim::UserResource { id: ALICE.into(), version: "W/\"3\"".into(), location: format!("https://x/Users/{ALICE}"), json: Bytes::from(json) }
    }

    fn reset(state: auth::ResetState) -> auth::Reset {
        auth::Reset {
            id: RESET.into(),
            user_id: ALICE.into(),
            user_name: "alice".into(),
            state: state.into(),
            methods: vec![1, 3],
            epoch: 2,
            created_at: 1_795_000_000_000_000,
            expires_at: 1_795_086_400_000_000,
            guesses_left: 5,
            ..auth::Reset::default()
        }
    }
}

fn fail<T>(failure: Failure) -> Answer<T> {
    Err(to_status(failure))
}

fn is_default(tenant: &str) -> bool {
    tenant == TenantId::DEFAULT.to_string()
}

/// A path's id such as `fail-conflict` makes the service fail in this way.
fn asked_to_fail(id: &str) -> Option<Failure> {
    let name = id.strip_prefix("fail-")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name)?;
    Some(Failure::new(kind, "why", "the secret cause"))
}

#[tonic::async_trait]
impl auth::authentication_server::Authentication for House {
    async fn login(&self, request: Request<auth::LoginRequest>) -> Answer<auth::LoginResponse> {
        let asked = request.into_inner();
        self.note(format!("login {}", asked.tenant_id));
        let opened = |token: &str| auth::OpenedSession { token: token.into(), expires_at: 1 };
        let result = match (is_default(&asked.tenant_id), asked.password.as_str()) {
            (true, "admin") => LoggedIn::Authenticated(opened("good")),
            (true, "ABCD1234") => LoggedIn::PasswordResetRequired(opened("only-for-a-password")),
            (true, "busy") => return fail(Failure::unavailable("busy")),
            (true, _) => return fail(Failure::unauthenticated("login_failed", "no")),
            (false, _) => return fail(Failure::not_found("no such tenant")),
        };
        Ok(Response::new(auth::LoginResponse { result: Some(result), user_id: ALICE.into() }))
    }

    async fn verify_password(&self, request: Request<auth::VerifyPasswordRequest>) -> Answer<auth::Identity> {
        let asked = request.into_inner();
        self.note(format!("verify_password {}", asked.tenant_id));
        if asked.password != "admin" || asked.tenant_id.starts_with("ffff") {
            return fail(Failure::unauthenticated("login_failed", "no"));
        }
        Ok(Response::new(self.identity(&asked.user_name, 0)))
    }

    async fn verify_session(&self, request: Request<auth::VerifySessionRequest>) -> Answer<auth::Identity> {
        let asked = request.into_inner();
        self.note("verify_session");
        if asked.token != "good" || !is_default(&asked.tenant_id) {
            return fail(Failure::unauthenticated("login_failed", "no"));
        }
        Ok(Response::new(self.identity("admin", 1_795_000_000_000_000)))
    }

    async fn logout(&self, request: Request<auth::LogoutRequest>) -> Answer<auth::LogoutResponse> {
        self.note(format!("logout {}", request.into_inner().token));
        Ok(Response::new(auth::LogoutResponse {}))
    }
}

fn judge(token: &str) -> Result<(), Failure> {
    match token {
        "good" => Ok(()),
        "used" => Err(Failure::gone("used")),
        _ => Err(Failure::new(Kind::NotFound, "invalid_token", "no")),
    }
}

#[tonic::async_trait]
impl auth::password_resets_server::PasswordResets for House {
    async fn validate(&self, request: Request<auth::ValidateRequest>) -> Answer<auth::ValidateResponse> {
        self.note("validate");
        if let Some(auth::validate_request::Proof::Token(token)) = request.into_inner().proof {
            judge(&token).map_err(to_status)?;
        }
        let policy = Some(auth::PasswordPolicy { min_length: 15, max_length: 128, history: 5 });
        Ok(Response::new(auth::ValidateResponse { user_name: "alice".into(), expires_at: 1, policy }))
    }

    async fn complete(&self, request: Request<auth::CompleteRequest>) -> Answer<auth::CompleteResponse> {
        self.note("complete");
        let asked = request.into_inner();
        match asked.proof {
            Some(auth::complete_request::Proof::Token(token)) => judge(&token).map_err(to_status)?,
            Some(auth::complete_request::Proof::ResetSession(session)) if session == "only-for-a-password" => {}
            _ => return fail(Failure::unauthenticated("login_failed", "no")),
        }
        if asked.password.len() < 15 {
            let because = |reason: &str| Violation { reason: reason.into(), detail: format!("it is {reason}") };
            return fail(Failure::unprocessable("password_policy", "refused", vec![because("too_short"), because("well_known")]));
        }
        Ok(Response::new(auth::CompleteResponse { user_id: ALICE.into() }))
    }

    async fn list(&self, request: Request<auth::ListRequest>) -> Answer<auth::ListResponse> {
        caller(&request)?;
        let asked = request.into_inner();
        self.note(format!("resets.list state={} limit={}", asked.state, asked.limit));
        let fits = |state: &auth::ResetState| asked.state == 0 || asked.state == i32::from(*state);
        let resets = self.read(|state| state.reset).filter(fits).map(Self::reset).into_iter().collect();
        Ok(Response::new(auth::ListResponse { resets, next: String::new() }))
    }

    async fn get(&self, request: Request<auth::GetRequest>) -> Answer<auth::Reset> {
        caller(&request)?;
        self.note("resets.get");
        Ok(Response::new(Self::reset(auth::ResetState::Pending)))
    }

    async fn cancel(&self, _request: Request<auth::CancelRequest>) -> Answer<auth::Reset> {
        self.note("resets.cancel");
        fail(Failure::conflict("reset_ended", "the reset has ended"))
    }

    async fn extend(&self, request: Request<auth::ExtendRequest>) -> Answer<auth::Reset> {
        self.note(format!("resets.extend {}", request.into_inner().expires_at));
        Ok(Response::new(Self::reset(auth::ResetState::Pending)))
    }

    async fn check_resend(&self, _request: Request<auth::CheckResendRequest>) -> Answer<auth::Reset> {
        fail(Failure::forbidden("not for the gateway"))
    }

    async fn reveal(&self, _request: Request<auth::RevealRequest>) -> Answer<auth::RevealResponse> {
        fail(Failure::forbidden("not for the gateway"))
    }
}

#[tonic::async_trait]
impl scim::users_server::Users for House {
    async fn create(&self, request: Request<scim::CreateUserRequest>) -> Answer<scim::UserResource> {
        self.note(format!("users.create base={}", request.into_inner().view.unwrap_or_default().base));
        Ok(Response::new(self.resource("")))
    }

    async fn get(&self, request: Request<scim::GetUserRequest>) -> Answer<scim::UserResource> {
        caller(&request)?;
        let asked = request.into_inner();
        if let Some(failure) = asked_to_fail(&asked.id) {
            return fail(failure);
        }
        let view = asked.view.unwrap_or_default();
        let code = view.attributes.iter().any(|it| it.ends_with("oneTimePassword"));
        self.note(if code { "users.get code" } else { "users.get" });
        Ok(Response::new(self.resource(if code { r#","oneTimePassword":"ABCD-EFGH-JKMNP""# } else { "" })))
    }

    async fn replace(&self, request: Request<scim::ReplaceUserRequest>) -> Answer<scim::UserResource> {
        self.note(format!("users.replace if_match={}", request.into_inner().if_match));
        Ok(Response::new(self.resource("")))
    }

    async fn patch(&self, request: Request<scim::PatchUserRequest>) -> Answer<scim::UserResource> {
        let asked = request.into_inner();
        let json = String::from_utf8(asked.json.to_vec()).unwrap();
        self.note(format!("users.patch {json}"));
        if json.contains("no way") {
            return fail(Failure::invalid("invalidValue", "no reset method is enabled"));
        }
        Ok(Response::new(self.resource("")))
    }

    async fn delete(&self, _request: Request<scim::DeleteUserRequest>) -> Answer<scim::DeleteUserResponse> {
        self.note("users.delete");
        Ok(Response::new(scim::DeleteUserResponse {}))
    }

    async fn list(&self, request: Request<scim::ListUsersRequest>) -> Answer<scim::ListUsersResponse> {
        let asked = request.into_inner();
        self.note(format!("users.list {} {:?} {:?}", asked.filter, asked.start_index, asked.count));
        let one = String::from_utf8(self.resource("").json.to_vec()).unwrap();
        Ok(Response::new(scim::ListUsersResponse { json: Bytes::from(format!(r#"{{"totalResults":1,"Resources":[{one}]}}"#)) }))
    }

    async fn resend(&self, _request: Request<scim::ResendRequest>) -> Answer<scim::ResendResponse> {
        self.note("users.resend");
        Ok(Response::new(scim::ResendResponse { reset_id: RESET.into() }))
    }
}

#[tonic::async_trait]
impl scim::discovery_server::Discovery for House {
    async fn get(&self, request: Request<scim::GetDiscoveryRequest>) -> Answer<scim::GetDiscoveryResponse> {
        let asked = request.into_inner();
        self.note(format!("discovery {} {}", asked.document, asked.base));
        Ok(Response::new(scim::GetDiscoveryResponse { json: Bytes::from_static(b"{}") }))
    }
}

#[tonic::async_trait]
impl config::tenants_server::Tenants for House {
    async fn resolve(&self, request: Request<config::ResolveTenantRequest>) -> Answer<config::Tenant> {
        self.note("tenants.resolve");
        if self.read(|state| state.config_down) {
            return fail(Failure::unavailable("down"));
        }
        let domain = request.into_inner().domain;
        if domain != "acme" {
            return fail(Failure::not_found("no such tenant"));
        }
        Ok(Response::new(config::Tenant { id: ACME.into(), domain, ..config::Tenant::default() }))
    }

    async fn resolve_by_id(&self, _request: Request<config::ResolveTenantByIdRequest>) -> Answer<config::Tenant> {
        fail(Failure::forbidden("not for the gateway"))
    }

    async fn create(&self, request: Request<config::CreateTenantRequest>) -> Answer<config::Tenant> {
        let asked = request.into_inner();
        self.note("tenants.create");
        Ok(Response::new(config::Tenant { id: ACME.into(), domain: asked.domain, name: asked.name, created_at: 0 }))
    }

    async fn list(&self, _request: Request<config::ListTenantsRequest>) -> Answer<config::ListTenantsResponse> {
        Ok(Response::new(config::ListTenantsResponse::default()))
    }

    async fn get(&self, _request: Request<config::GetTenantRequest>) -> Answer<config::Tenant> {
        Ok(Response::new(config::Tenant::default()))
    }

    async fn update(&self, _request: Request<config::UpdateTenantRequest>) -> Answer<config::Tenant> {
        Ok(Response::new(config::Tenant::default()))
    }

    async fn delete(&self, _request: Request<config::DeleteTenantRequest>) -> Answer<config::DeleteTenantResponse> {
        Ok(Response::new(config::DeleteTenantResponse {}))
    }
}

fn connector() -> config::Connector {
    let property = |name: &str, value: &str, kind: &str| config::Property {
        name: format!("Recovery.AdminPasswordReset.{name}"),
        value: value.into(),
        display_name: name.into(),
        description: format!("about {name}"),
        r#type: kind.into(),
    };
    config::Connector {
        id: "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0".into(),
        name: "admin-forced-password-reset".into(),
        category: "Account Management".into(),
        friendly_name: "Password Reset".into(),
        order: 0,
        sub_category: "DEFAULT".into(),
        properties: vec![
            property("RecoveryLink", "true", "boolean"),
            property("OTP", "false", "boolean"),
            property("SMSOTP", "false", "boolean"),
            property("Offline", "false", "boolean"),
            property("ExpiryTime", "1440", "integer"),
        ],
    }
}

fn category() -> config::Category {
    config::Category { id: "QWNjb3VudCBNYW5hZ2VtZW50".into(), name: "Account Management".into(), connectors: vec![connector()] }
}

#[tonic::async_trait]
impl config::governance_server::Governance for House {
    async fn list_categories(&self, _request: Request<config::ListCategoriesRequest>) -> Answer<config::ListCategoriesResponse> {
        Ok(Response::new(config::ListCategoriesResponse { categories: vec![category()] }))
    }

    async fn get_category(&self, _request: Request<config::GetCategoryRequest>) -> Answer<config::Category> {
        Ok(Response::new(category()))
    }

    async fn get_connector(&self, _request: Request<config::GetConnectorRequest>) -> Answer<config::Connector> {
        Ok(Response::new(connector()))
    }

    async fn update_connector(&self, request: Request<config::UpdateConnectorRequest>) -> Answer<config::Connector> {
        let given: Vec<_> = request.into_inner().properties.into_iter().map(|it| format!("{}={}", it.name, it.value)).collect();
        self.note(format!("governance.update {}", given.join(",")));
        if given.iter().any(|it| it.ends_with("SMSOTP=true")) {
            return fail(Failure::invalid("IDG-50013", "there is no text message sender"));
        }
        Ok(Response::new(connector()))
    }

    async fn get_reset_settings(&self, _request: Request<config::GetResetSettingsRequest>) -> Answer<config::ResetSettings> {
        fail(Failure::forbidden("not for the gateway"))
    }

    async fn get_password_policy(&self, _request: Request<config::GetPasswordPolicyRequest>) -> Answer<config::PasswordPolicy> {
        fail(Failure::forbidden("not for the gateway"))
    }
}

#[tonic::async_trait]
impl config::claims_server::Claims for House {
    async fn list_dialects(&self, _request: Request<config::ListDialectsRequest>) -> Answer<config::ListDialectsResponse> {
        let local = config::Dialect { id: "local".into(), uri: "http://wso2.org/claims".into() };
        Ok(Response::new(config::ListDialectsResponse { dialects: vec![local] }))
    }

    async fn list_claims(&self, _request: Request<config::ListClaimsRequest>) -> Answer<config::ListClaimsResponse> {
        Ok(Response::new(config::ListClaimsResponse { claims: vec![self.claim()] }))
    }

    async fn get_claim(&self, _request: Request<config::GetClaimRequest>) -> Answer<config::Claim> {
        Ok(Response::new(self.claim()))
    }

    async fn update_claim(&self, request: Request<config::UpdateClaimRequest>) -> Answer<config::Claim> {
        self.note(format!("claims.update {:?}", request.into_inner().supported_by_default));
        Ok(Response::new(self.claim()))
    }
}

impl House {
    fn claim(&self) -> config::Claim {
        config::Claim {
            id: "Y2xhaW0".into(),
            uri: "http://wso2.org/claims/oneTimePassword".into(),
            dialect_uri: "http://wso2.org/claims".into(),
            display_name: "One Time Password".into(),
            attribute: "oneTimePassword".into(),
            supported_by_default: self.read(|state| state.code_shown),
            ..config::Claim::default()
        }
    }
}

#[tonic::async_trait]
impl config::templates_server::Templates for House {
    async fn list_types(&self, _request: Request<config::ListTemplateTypesRequest>) -> Answer<config::ListTemplateTypesResponse> {
        Ok(Response::new(config::ListTemplateTypesResponse::default()))
    }

    async fn get_type(&self, _request: Request<config::GetTemplateTypeRequest>) -> Answer<config::TemplateType> {
        let english = config::Template { locale: "en_US".into(), subject: "Old".into(), text: "text".into(), html: "html".into(), ..Default::default() };
        Ok(Response::new(config::TemplateType { id: "x".into(), name: "AdminForcedPasswordReset".into(), templates: vec![english] }))
    }

    async fn put(&self, request: Request<config::PutTemplateRequest>) -> Answer<config::Template> {
        Ok(Response::new(request.into_inner().template.unwrap_or_default()))
    }

    async fn find(&self, _request: Request<config::FindTemplateRequest>) -> Answer<config::Template> {
        fail(Failure::forbidden("not for the gateway"))
    }
}

#[tonic::async_trait]
impl notification::deliveries_server::Deliveries for House {
    async fn list(&self, _request: Request<notification::ListDeliveriesRequest>) -> Answer<notification::ListDeliveriesResponse> {
        let sent = notification::Delivery { state: "sent".into(), ..notification::Delivery::default() };
        Ok(Response::new(notification::ListDeliveriesResponse { deliveries: vec![sent] }))
    }
}
