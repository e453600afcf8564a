//! `rekey.tenantconfig.v1.Governance`

use rekey_proto::tenantconfig::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::{tenant_id, tenant_or_own};
use crate::{
    app::governance::{CategoryView, ConnectorView, Governance},
    domain::governance::{PasswordPolicy, ResetSettings},
};

pub(super) struct Handler(pub(super) Arc<Governance>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl proto::governance_server::Governance for Handler {
    async fn list_categories(&self, request: Request<proto::ListCategoriesRequest>) -> Answer<proto::ListCategoriesResponse> {
        let caller = caller(&request)?;
        let tenant = tenant_or_own(&request.into_inner().tenant_id, &caller).map_err(to_status)?;
        let categories = self.0.categories(&caller, tenant).await.map_err(to_status)?;
        Ok(Response::new(proto::ListCategoriesResponse { categories: categories.into_iter().map(Into::into).collect() }))
    }

    async fn get_category(&self, request: Request<proto::GetCategoryRequest>) -> Answer<proto::Category> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let category = self.0.category(&caller, tenant, &asked.category_id).await.map_err(to_status)?;
        Ok(Response::new(category.into()))
    }

    async fn get_connector(&self, request: Request<proto::GetConnectorRequest>) -> Answer<proto::Connector> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let connector = self.0.connector(&caller, tenant, &asked.category_id, &asked.connector_id).await.map_err(to_status)?;
        Ok(Response::new(connector.into()))
    }

    async fn update_connector(&self, request: Request<proto::UpdateConnectorRequest>) -> Answer<proto::Connector> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let values = asked.properties.into_iter().map(|property| (property.name, property.value)).collect();
        let connector = self.0.update(&caller, tenant, (&asked.category_id, &asked.connector_id), values).await.map_err(to_status)?;
        Ok(Response::new(connector.into()))
    }

    async fn get_reset_settings(&self, request: Request<proto::GetResetSettingsRequest>) -> Answer<proto::ResetSettings> {
        let tenant = tenant_id(&request.into_inner().tenant_id).map_err(to_status)?;
        Ok(Response::new(self.0.reset_settings(tenant).await.map_err(to_status)?.into()))
    }

    async fn get_password_policy(&self, request: Request<proto::GetPasswordPolicyRequest>) -> Answer<proto::PasswordPolicy> {
        let tenant = tenant_id(&request.into_inner().tenant_id).map_err(to_status)?;
        Ok(Response::new(self.0.password_policy(tenant).await.map_err(to_status)?.into()))
    }
}

impl From<CategoryView> for proto::Category {
    fn from(view: CategoryView) -> Self {
        Self { id: view.id, name: view.name.to_owned(), connectors: view.connectors.into_iter().map(Into::into).collect() }
    }
}

impl From<ConnectorView> for proto::Connector {
    fn from(view: ConnectorView) -> Self {
        let connector = view.connector;
        let property = |(property, value): (&crate::domain::connector::Property, String)| proto::Property {
            name: property.name.to_owned(),
            value,
            display_name: property.display_name.to_owned(),
            description: property.description.to_owned(),
            r#type: property.kind.type_name().to_owned(),
        };
        Self {
            id: connector.id(),
            name: connector.name.to_owned(),
            category: connector.category.to_owned(),
            friendly_name: connector.friendly_name.to_owned(),
            order: 0,
            sub_category: "DEFAULT".to_owned(),
            properties: connector.properties.iter().zip(view.values).map(property).collect(),
        }
    }
}

impl From<ResetSettings> for proto::ResetSettings {
    fn from(settings: ResetSettings) -> Self {
        Self { enabled: settings.enabled.numbers(), validity_seconds: i64::try_from(settings.validity.as_secs()).unwrap_or(i64::MAX) }
    }
}

impl From<PasswordPolicy> for proto::PasswordPolicy {
    fn from(policy: PasswordPolicy) -> Self {
        Self { min_length: policy.min_length, max_length: policy.max_length, history: policy.history, blocklist: policy.blocklist }
    }
}
