//! `rekey.scim.v1.Discovery`.

use rekey_kernel::Failure;
use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::to_status;
use rekey_scim_protocol::discovery::document;
use tonic::{Request, Response, Status, async_trait};

pub(super) struct Handler;

#[async_trait]
impl proto::discovery_server::Discovery for Handler {
    async fn get(&self, request: Request<proto::GetDiscoveryRequest>) -> Result<Response<proto::GetDiscoveryResponse>, Status> {
        let request = request.into_inner();
        let found = document(request.base.trim_end_matches('/'), &request.document);
        let found = found.ok_or_else(|| to_status(Failure::not_found("there is no such discovery document")))?;
        Ok(Response::new(proto::GetDiscoveryResponse { json: found.to_string().into_bytes().into() }))
    }
}
