//! Puts the gateway together.

use axum::{Router, extract::DefaultBodyLimit, middleware};
use rekey_kernel::{Clock, Failure, Random};
use rekey_runtime::grpc::Transport;
use rekey_scim_protocol::bulk::MAX_PAYLOAD_SIZE;
use std::{any::Any, sync::Arc};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Config,
    clients::{Clients, Transports},
    edge::{self, Directory},
    errors::Refusal,
    routes,
    state::{Gateway, Parts},
};

/// What the gateway needs from outside.
pub struct Deps {
    /// The way to authentication.
    pub authentication: Transport,
    /// The way to scim.
    pub scim: Transport,
    /// The way to tenant-config.
    pub tenant_config: Transport,
    /// The way to notification.
    pub notification: Transport,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Trace ids and CSRF tokens are made of it.
    pub random: Arc<dyn Random>,
    /// What it is told.
    pub config: Config,
}

/// Everything that the gateway serves, as one service of HTTP.
pub fn build(deps: Deps) -> Router {
    let transports = Transports { authentication: deps.authentication, scim: deps.scim, tenant_config: deps.tenant_config, notification: deps.notification };
    let clients = Clients::new(&transports);
    let tenants = Directory::new(clients.tenants(), deps.clock);
    let mut config = deps.config;
    config.base_path.truncate(config.base_path.trim_end_matches('/').len());
    let gateway = Gateway::from(Parts { clients, tenants, random: deps.random, config });
    behind_the_edge(gateway)
}

/// The edge stands before the routing: it rewrites the path (`/t/{tenant}`) and turns strangers away from paths that exist and
/// from those that do not.
fn behind_the_edge(gateway: Gateway) -> Router {
    let inner = routes::table(gateway.config.mailbox.is_some())
        .into_router()
        // What discovery says of /Bulk holds for every body.
        .layer(DefaultBodyLimit::max(MAX_PAYLOAD_SIZE))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(gateway.clone());
    Router::new().fallback_service(inner).layer(middleware::from_fn_with_state(gateway, edge::admit)).layer(middleware::from_fn(edge::observe))
}

// The panic's text may quote what was being worked on: it is not repeated.
fn panicked(_panic: Box<dyn Any + Send>) -> axum::response::Response {
    axum::response::IntoResponse::into_response(Refusal::from(Failure::internal("a handler died")))
}
