//! `rekey.tenantconfig.v1.Claims`

use rekey_proto::tenantconfig::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::tenant_or_own;
use crate::{
    app::claims::ClaimDialects,
    domain::claim::{Change, Claim, Dialect},
};

pub(super) struct Handler(pub(super) Arc<ClaimDialects>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl proto::claims_server::Claims for Handler {
    async fn list_dialects(&self, request: Request<proto::ListDialectsRequest>) -> Answer<proto::ListDialectsResponse> {
        let caller = caller(&request)?;
        let tenant = tenant_or_own(&request.into_inner().tenant_id, &caller).map_err(to_status)?;
        let dialects = self.0.dialects(&caller, tenant).map_err(to_status)?;
        Ok(Response::new(proto::ListDialectsResponse { dialects: dialects.iter().copied().map(Into::into).collect() }))
    }

    async fn list_claims(&self, request: Request<proto::ListClaimsRequest>) -> Answer<proto::ListClaimsResponse> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let claims = self.0.list(&caller, tenant, &asked.dialect_id).await.map_err(to_status)?;
        Ok(Response::new(proto::ListClaimsResponse { claims: claims.into_iter().map(Into::into).collect() }))
    }

    async fn get_claim(&self, request: Request<proto::GetClaimRequest>) -> Answer<proto::Claim> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let claim = self.0.get(&caller, tenant, &asked.dialect_id, &asked.claim_id).await.map_err(to_status)?;
        Ok(Response::new(claim.into()))
    }

    async fn update_claim(&self, request: Request<proto::UpdateClaimRequest>) -> Answer<proto::Claim> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let tenant = tenant_or_own(&asked.tenant_id, &caller).map_err(to_status)?;
        let change = Change { display_name: asked.display_name, description: asked.description, supported_by_default: asked.supported_by_default };
        let claim = self.0.update(&caller, tenant, (&asked.dialect_id, &asked.claim_id), change).await.map_err(to_status)?;
        Ok(Response::new(claim.into()))
    }
}

impl From<Dialect> for proto::Dialect {
    fn from(dialect: Dialect) -> Self {
        Self { id: dialect.id(), uri: dialect.uri().to_owned() }
    }
}

impl From<Claim> for proto::Claim {
    fn from(claim: Claim) -> Self {
        Self {
            id: claim.id,
            uri: claim.uri,
            dialect_uri: claim.dialect_uri.to_owned(),
            display_name: claim.display_name,
            description: claim.description,
            attribute: claim.attribute.to_owned(),
            scim_attribute: claim.scim_attribute,
            supported_by_default: claim.supported_by_default,
            read_only: claim.read_only,
            required: claim.required,
        }
    }
}
