//! `rekey.scim.v1.Bulk`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use tonic::{Request, Response, Status, async_trait};

use super::message::base;
use crate::app::Bulk;

pub(super) struct Handler(pub(super) Bulk);

#[async_trait]
impl proto::bulk_server::Bulk for Handler {
    async fn run(&self, request: Request<proto::BulkRequest>) -> Result<Response<proto::BulkResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let answer = self.0.run(&caller, &request.json, &base(&request.base)).await.map_err(to_status)?;
        Ok(Response::new(proto::BulkResponse { json: answer.to_string().into_bytes().into() }))
    }
}
