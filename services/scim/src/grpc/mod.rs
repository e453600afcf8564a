//! The service's face to the others: translation only.

mod discovery;
mod intents;
mod tenants;
mod users;

use rekey_kernel::Failure;
use rekey_proto::scim::v1::{
    discovery_server::DiscoveryServer, intents_server::IntentsServer, tenant_users_server::TenantUsersServer, users_server::UsersServer,
};
use rekey_runtime::grpc::{Rule, Service, guard, to_status};
use std::{future::Future, sync::Arc};
use tonic::{Response, Status, service::Routes};
use tracing::Instrument;

use crate::app::Users;

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
    "Discovery": "Get" => GATEWAY;
    "Intents": "GetRecipient" => &[Service::Notification], "Resolve" => &[Service::Authentication];
    "TenantUsers": "Purge" => &[Service::TenantConfig];
}

/// Every handler behind the allow list.
pub fn routes(users: &Arc<Users>) -> Routes {
    let routes = Routes::new(UsersServer::new(users::Handler(Arc::clone(users))))
        .add_service(DiscoveryServer::new(discovery::Handler))
        .add_service(IntentsServer::new(intents::Handler(Arc::clone(users))))
        .add_service(TenantUsersServer::new(tenants::Handler(Arc::clone(users))));
    guard(routes, RULES)
}

/// Runs a change to its end even when its client hangs up in the middle of it.
async fn to_the_end<T: Send + 'static>(change: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Result<Response<T>, Status> {
    let done = tokio::spawn(change.in_current_span()).await.unwrap_or_else(|error| Err(Failure::internal("the change died on the way").because(error)));
    done.map(Response::new).map_err(to_status)
}
