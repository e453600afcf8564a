//! `rekey.scim.v1.Search`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::message::{listed, listing};
use crate::app::Search;

pub(super) struct Handler(pub(super) Arc<Search>);

#[async_trait]
impl proto::search_server::Search for Handler {
    async fn run(&self, request: Request<proto::ListRequest>) -> Result<Response<proto::ListResponse>, Status> {
        let caller = caller(&request)?;
        let (asked, view) = listing(request.into_inner());
        self.0.run(&caller, &asked, &view).await.map(|found| Response::new(listed(&found))).map_err(to_status)
    }
}
