//! `rekey.tenantconfig.v1.Tenants`

use rekey_kernel::Secret;
use rekey_proto::tenantconfig::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::tenant_id;
use crate::{
    app::tenants::{NewTenant, TenantDirectory},
    domain::tenant::Tenant,
    ports::Administrator,
};

pub(super) struct Handler(pub(super) Arc<TenantDirectory>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl proto::tenants_server::Tenants for Handler {
    async fn resolve(&self, request: Request<proto::ResolveTenantRequest>) -> Answer<proto::Tenant> {
        let tenant = self.0.resolve(&request.into_inner().domain).await.map_err(to_status)?;
        Ok(Response::new(tenant.into()))
    }

    async fn resolve_by_id(&self, request: Request<proto::ResolveTenantByIdRequest>) -> Answer<proto::Tenant> {
        let id = tenant_id(&request.into_inner().id).map_err(to_status)?;
        let tenant = self.0.resolve_by_id(id).await.map_err(to_status)?;
        Ok(Response::new(tenant.into()))
    }

    async fn create(&self, request: Request<proto::CreateTenantRequest>) -> Answer<proto::Tenant> {
        let caller = caller(&request)?;
        let tenant = self.0.create(&caller, request.into_inner().into()).await.map_err(to_status)?;
        Ok(Response::new(tenant.into()))
    }

    async fn list(&self, request: Request<proto::ListTenantsRequest>) -> Answer<proto::ListTenantsResponse> {
        let tenants = self.0.list(&caller(&request)?).await.map_err(to_status)?;
        Ok(Response::new(proto::ListTenantsResponse { tenants: tenants.into_iter().map(Into::into).collect() }))
    }

    async fn get(&self, request: Request<proto::GetTenantRequest>) -> Answer<proto::Tenant> {
        let caller = caller(&request)?;
        let tenant = self.0.get(&caller, &request.into_inner().domain).await.map_err(to_status)?;
        Ok(Response::new(tenant.into()))
    }

    async fn update(&self, request: Request<proto::UpdateTenantRequest>) -> Answer<proto::Tenant> {
        let caller = caller(&request)?;
        let change = request.into_inner();
        let tenant = self.0.rename(&caller, &change.domain, &change.name).await.map_err(to_status)?;
        Ok(Response::new(tenant.into()))
    }

    async fn delete(&self, request: Request<proto::DeleteTenantRequest>) -> Answer<proto::DeleteTenantResponse> {
        let caller = caller(&request)?;
        self.0.delete(&caller, &request.into_inner().domain).await.map_err(to_status)?;
        Ok(Response::new(proto::DeleteTenantResponse {}))
    }
}

impl From<Tenant> for proto::Tenant {
    fn from(tenant: Tenant) -> Self {
        Self { id: tenant.id.to_string(), domain: tenant.domain.to_string(), name: tenant.name.as_str().to_owned(), created_at: tenant.created_at.as_micros() }
    }
}

impl From<proto::CreateTenantRequest> for NewTenant {
    fn from(request: proto::CreateTenantRequest) -> Self {
        let admin = request.admin.unwrap_or_default();
        let administrator = Administrator { user_name: admin.user_name, password: Secret::new(admin.password), email: admin.email };
        Self { domain: request.domain, name: request.name, administrator }
    }
}
