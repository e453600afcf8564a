//! Ending a tenant.

use rekey_proto::authentication::v1 as proto;
use rekey_runtime::grpc::to_status;
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::convert::id;
use crate::app::Core;

pub(super) struct Handler(pub(super) Arc<Core>);

#[tonic::async_trait]
impl proto::tenant_accounts_server::TenantAccounts for Handler {
    async fn purge(&self, request: Request<proto::PurgeRequest>) -> Result<Response<proto::PurgeResponse>, Status> {
        self.0.purge(id(&request.into_inner().tenant_id)?).await.map_err(to_status)?;
        Ok(Response::new(proto::PurgeResponse {}))
    }
}
