//! Tenant-config.

use rekey_kernel::Failure;
use rekey_proto::tenantconfig::v1 as config;
use tonic::{Request, Response};

use super::{ACME, Answer, House, fail};

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
