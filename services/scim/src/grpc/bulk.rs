//! `rekey.scim.v1.Bulk`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::caller;
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::{message::base, to_the_end};
use crate::app::Bulk;

pub(super) struct Handler(pub(super) Arc<Bulk>);

#[async_trait]
impl proto::bulk_server::Bulk for Handler {
    async fn run(&self, request: Request<proto::BulkRequest>) -> Result<Response<proto::BulkResponse>, Status> {
        let (bulk, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let answer = bulk.run(&caller, &request.json, &base(&request.base)).await?;
            Ok(proto::BulkResponse { json: answer.to_string().into_bytes().into() })
        })
        .await
    }
}
