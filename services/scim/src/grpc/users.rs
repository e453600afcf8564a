//! `rekey.scim.v1.Users`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::{
    message::{conditions, listed, listing, resource, view},
    to_the_end,
};
use crate::app::Users;

pub(super) struct Handler(pub(super) Arc<Users>);

#[async_trait]
impl proto::users_server::Users for Handler {
    async fn create(&self, request: Request<proto::CreateRequest>) -> Result<Response<proto::Resource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { users.create(&caller, &request.json, &view(request.view)).await.map(resource) }).await
    }

    async fn get(&self, request: Request<proto::GetRequest>) -> Result<Response<proto::Resource>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let view = view(request.view);
        let read = if request.me { self.0.me(&caller, &view).await } else { self.0.get(&caller, &request.id, &view).await };
        read.map(|found| Response::new(resource(found))).map_err(to_status)
    }

    async fn replace(&self, request: Request<proto::ReplaceRequest>) -> Result<Response<proto::Resource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let proto::ReplaceRequest { view: asked, id, json, if_match, me, if_none_match } = request;
            let (view, on) = (view(asked), conditions(&if_match, &if_none_match));
            let done = if me { users.replace_me(&caller, &json, on, &view).await } else { users.replace(&caller, &id, &json, on, &view).await };
            done.map(resource)
        })
        .await
    }

    async fn patch(&self, request: Request<proto::PatchRequest>) -> Result<Response<proto::Resource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let proto::PatchRequest { view: asked, id, json, if_match, me, if_none_match } = request;
            let (view, on) = (view(asked), conditions(&if_match, &if_none_match));
            let done = if me { users.patch_me(&caller, &json, on, &view).await } else { users.patch(&caller, &id, &json, on, &view).await };
            done.map(resource)
        })
        .await
    }

    async fn delete(&self, request: Request<proto::DeleteRequest>) -> Result<Response<proto::DeleteResponse>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move {
            let on = conditions(&request.if_match, &request.if_none_match);
            users.delete(&caller, &request.id, on).await.map(|()| proto::DeleteResponse {})
        })
        .await
    }

    async fn list(&self, request: Request<proto::ListRequest>) -> Result<Response<proto::ListResponse>, Status> {
        let caller = caller(&request)?;
        let (asked, view) = listing(request.into_inner());
        self.0.list(&caller, &asked, &view).await.map(|found| Response::new(listed(&found))).map_err(to_status)
    }

    async fn resend(&self, request: Request<proto::ResendRequest>) -> Result<Response<proto::ResendResponse>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        let answer = |reset: rekey_kernel::ResetId| proto::ResendResponse { reset_id: reset.to_string() };
        to_the_end(async move { users.resend(&caller, &request.reset_id).await.map(answer) }).await
    }
}
