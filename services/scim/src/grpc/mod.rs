//! The service's face to the others: translation only.

mod bulk;
mod discovery;
mod groups;
mod intents;
mod message;
mod search;
mod tenants;
mod users;

use rekey_kernel::Failure;
use rekey_proto::scim::v1::{
    bulk_server::BulkServer, discovery_server::DiscoveryServer, groups_server::GroupsServer, intents_server::IntentsServer, search_server::SearchServer,
    tenant_users_server::TenantUsersServer, users_server::UsersServer,
};
use rekey_runtime::grpc::{Rule, Service, guard, to_status};
use std::{future::Future, sync::Arc};
use tonic::{Response, Status, service::Routes};

use crate::app::{self, Bulk, Groups, Search, Users};

const GATEWAY: &[Service] = &[Service::Gateway];
const CREATORS: &[Service] = &[Service::Gateway, Service::TenantConfig];

macro_rules! rules {
    ($($service:literal: $($method:literal => $callers:expr),* $(,)?;)*) => {
        /// Who may call what.
        pub const RULES: &[Rule] = &[$($(Rule { method: concat!("/rekey.scim.v1.", $service, "/", $method), callers: $callers },)*)*];
    };
}

rules! {
    "Users": "Create" => CREATORS, "Get" => GATEWAY, "Replace" => GATEWAY, "Patch" => GATEWAY, "Delete" => GATEWAY, "List" => GATEWAY, "Resend" => GATEWAY;
    "Groups": "Create" => GATEWAY, "Get" => GATEWAY, "Replace" => GATEWAY, "Patch" => GATEWAY, "Delete" => GATEWAY, "List" => GATEWAY;
    "Search": "Run" => GATEWAY;
    "Bulk": "Run" => GATEWAY;
    "Discovery": "Get" => GATEWAY;
    "Intents": "GetRecipient" => &[Service::Notification], "Resolve" => &[Service::Authentication];
    "TenantUsers": "Purge" => &[Service::TenantConfig];
}

/// Every handler behind the allow list.
pub fn routes(users: &Arc<Users>, groups: &Arc<Groups>) -> Routes {
    let search = Search { users: Arc::clone(users), groups: Arc::clone(groups) };
    let bulk = Bulk::new(Arc::clone(users), Arc::clone(groups));
    let routes = Routes::new(UsersServer::new(users::Handler(Arc::clone(users))))
        .add_service(GroupsServer::new(groups::Handler(Arc::clone(groups))))
        .add_service(SearchServer::new(search::Handler(Arc::new(search))))
        .add_service(BulkServer::new(bulk::Handler(bulk)))
        .add_service(DiscoveryServer::new(discovery::Handler))
        .add_service(IntentsServer::new(intents::Handler(Arc::clone(users))))
        .add_service(TenantUsersServer::new(tenants::Handler(Arc::clone(users))));
    guard(routes, RULES)
}

/// Answers with what became of a change, which is carried out to its end.
async fn to_the_end<T: Send + 'static>(change: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Result<Response<T>, Status> {
    app::to_the_end(change).await.map(Response::new).map_err(to_status)
}
