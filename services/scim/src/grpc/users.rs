//! `rekey.scim.v1.Users`.

use rekey_proto::scim::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use rekey_scim_protocol::{Object, Projection};
use serde_json::Value;
use std::sync::Arc;
use tonic::{Request, Response, Status, async_trait};

use super::to_the_end;
use crate::app::{Resource, Users, View, Window};

pub(super) struct Handler(pub(super) Arc<Users>);

#[async_trait]
impl proto::users_server::Users for Handler {
    async fn create(&self, request: Request<proto::CreateUserRequest>) -> Result<Response<proto::UserResource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { users.create(&caller, &request.json, &view(request.view)).await.map(resource) }).await
    }

    async fn get(&self, request: Request<proto::GetUserRequest>) -> Result<Response<proto::UserResource>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let view = view(request.view);
        let read = if request.me { self.0.me(&caller, &view).await } else { self.0.get(&caller, &request.id, &view).await };
        read.map(|found| Response::new(resource(found))).map_err(to_status)
    }

    async fn replace(&self, request: Request<proto::ReplaceUserRequest>) -> Result<Response<proto::UserResource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { users.replace(&caller, &request.id, &request.json, &request.if_match, &view(request.view)).await.map(resource) }).await
    }

    async fn patch(&self, request: Request<proto::PatchUserRequest>) -> Result<Response<proto::UserResource>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { users.patch(&caller, &request.id, &request.json, &request.if_match, &view(request.view)).await.map(resource) }).await
    }

    async fn delete(&self, request: Request<proto::DeleteUserRequest>) -> Result<Response<proto::DeleteUserResponse>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        to_the_end(async move { users.delete(&caller, &request.id, &request.if_match).await.map(|()| proto::DeleteUserResponse {}) }).await
    }

    async fn list(&self, request: Request<proto::ListUsersRequest>) -> Result<Response<proto::ListUsersResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let window = Window { start_index: request.start_index, count: request.count };
        let list = self.0.list(&caller, &request.filter, window, &view(request.view)).await.map_err(to_status)?;
        Ok(Response::new(proto::ListUsersResponse { json: bytes(list) }))
    }

    async fn resend(&self, request: Request<proto::ResendRequest>) -> Result<Response<proto::ResendResponse>, Status> {
        let (users, caller, request) = (Arc::clone(&self.0), caller(&request)?, request.into_inner());
        let answer = |reset: rekey_kernel::ResetId| proto::ResendResponse { reset_id: reset.to_string() };
        to_the_end(async move { users.resend(&caller, &request.reset_id).await.map(answer) }).await
    }
}

fn view(view: Option<proto::View>) -> View {
    let view = view.unwrap_or_default();
    View { base: view.base.trim_end_matches('/').to_owned(), projection: Projection::new(&view.attributes, &view.excluded_attributes) }
}

fn resource(resource: Resource) -> proto::UserResource {
    proto::UserResource { id: resource.id.to_string(), version: resource.version, location: resource.location, json: bytes(resource.json) }
}

fn bytes<B: From<Vec<u8>>>(json: Object) -> B {
    Value::Object(json).to_string().into_bytes().into()
}
