//! What the endpoints with resources have in common, so that one handler serves them all.

use rekey_kernel::Failure;
use rekey_proto::scim::v1::{CreateRequest, DeleteRequest, DeleteResponse, GetRequest, ListRequest, ListResponse, PatchRequest, ReplaceRequest, Resource};
use std::future::Future;
use tonic::Request;

use crate::clients::{Answer, Clients};

/// What a query may be sent to (RFC 7644 §3.4.2). Its method fails as scim does.
pub(super) trait Searched: Send + Sync + 'static {
    fn list(clients: &Clients, request: Request<ListRequest>) -> impl Future<Output = Result<ListResponse, Failure>> + Send;
}

/// An endpoint whose resources are all of one type (RFC 7644 §3.2). Its methods fail as scim does.
pub(super) trait Resources: Searched {
    fn create(clients: &Clients, request: Request<CreateRequest>) -> impl Future<Output = Result<Resource, Failure>> + Send;
    fn get(clients: &Clients, request: Request<GetRequest>) -> impl Future<Output = Result<Resource, Failure>> + Send;
    fn replace(clients: &Clients, request: Request<ReplaceRequest>) -> impl Future<Output = Result<Resource, Failure>> + Send;
    fn patch(clients: &Clients, request: Request<PatchRequest>) -> impl Future<Output = Result<Resource, Failure>> + Send;
    fn delete(clients: &Clients, request: Request<DeleteRequest>) -> impl Future<Output = Result<DeleteResponse, Failure>> + Send;
}

/// `/Users`.
pub(super) struct Users;
/// `/Groups`.
pub(super) struct Groups;
/// The root: resources of all types at once.
pub(super) struct Everything;

macro_rules! methods {
    ($client:ident: $($method:ident($request:ident) -> $answer:ident;)*) => {
        $(async fn $method(clients: &Clients, request: Request<$request>) -> Result<$answer, Failure> {
            clients.$client().$method(request).await.answer()
        })*
    };
}

/// The generated clients of two services share no trait, though their methods are the same.
macro_rules! resources {
    ($($kind:ident over $client:ident;)*) => {
        $(impl Searched for $kind {
            methods! { $client: list(ListRequest) -> ListResponse; }
        }

        impl Resources for $kind {
            methods! {
                $client:
                create(CreateRequest) -> Resource;
                get(GetRequest) -> Resource;
                replace(ReplaceRequest) -> Resource;
                patch(PatchRequest) -> Resource;
                delete(DeleteRequest) -> DeleteResponse;
            }
        })*
    };
}

resources! {
    Users over users;
    Groups over groups;
}

impl Searched for Everything {
    async fn list(clients: &Clients, request: Request<ListRequest>) -> Result<ListResponse, Failure> {
        clients.search().run(request).await.answer()
    }
}
