//! `rekey.scim.v1.TenantUsers`.

use rekey_kernel::TenantId;
use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::to_status;
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::intents::id;
use crate::app::Users;

pub(super) struct Handler(pub(super) Arc<Users>);

#[async_trait]
impl proto::tenant_users_server::TenantUsers for Handler {
    async fn purge(&self, request: Request<proto::PurgeRequest>) -> Result<Response<proto::PurgeResponse>, Status> {
        let tenant = id::<TenantId>(&request.into_inner().tenant_id)?;
        self.0.purge(tenant).await.map_err(to_status)?;
        Ok(Response::new(proto::PurgeResponse {}))
    }
}
