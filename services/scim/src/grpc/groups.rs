//! `rekey.scim.v1.Groups`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::{
    message::{conditions, listed, listing, resource, view},
    to_the_end,
};
use crate::app::Groups;

pub(super) struct Handler(pub(super) Arc<Groups>);

#[async_trait]
impl proto::groups_server::Groups for Handler {
    async fn create(&self, request: Request<proto::CreateRequest>) -> Result<Response<proto::Resource>, Status> {
        let (groups, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { groups.create(&caller, &request.json, &view(request.view)).await.map(resource) }).await
    }

    async fn get(&self, request: Request<proto::GetRequest>) -> Result<Response<proto::Resource>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = self.0.get(&caller, &request.id, &view(request.view)).await;
        found.map(|found| Response::new(resource(found))).map_err(to_status)
    }

    async fn replace(&self, request: Request<proto::ReplaceRequest>) -> Result<Response<proto::Resource>, Status> {
        let (groups, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let on = conditions(&request.if_match, &request.if_none_match);
            groups.replace(&caller, &request.id, &request.json, on, &view(request.view)).await.map(resource)
        })
        .await
    }

    async fn patch(&self, request: Request<proto::PatchRequest>) -> Result<Response<proto::Resource>, Status> {
        let (groups, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let on = conditions(&request.if_match, &request.if_none_match);
            groups.patch(&caller, &request.id, &request.json, on, &view(request.view)).await.map(resource)
        })
        .await
    }

    async fn delete(&self, request: Request<proto::DeleteRequest>) -> Result<Response<proto::DeleteResponse>, Status> {
        let (groups, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let on = conditions(&request.if_match, &request.if_none_match);
            groups.delete(&caller, &request.id, on).await.map(|()| proto::DeleteResponse {})
        })
        .await
    }

    async fn list(&self, request: Request<proto::ListRequest>) -> Result<Response<proto::ListResponse>, Status> {
        let caller = caller(&request)?;
        let (asked, view) = listing(request.into_inner());
        self.0.list(&caller, &asked, &view).await.map(|found| Response::new(listed(&found))).map_err(to_status)
    }
}
