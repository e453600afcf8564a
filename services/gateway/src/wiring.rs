//! Puts the gateway together.

use axum::Router;
use rekey_kernel::{Clock, Random};
use rekey_runtime::grpc::Transport;
use std::sync::Arc;

use crate::{
    Config,
    clients::{Clients, Transports},
    edge::{Directory, Edge, Together},
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
    let gateway = Gateway::from(Parts { clients, tenants, together: Together::new(), random: deps.random, config });
    behind_the_edge(gateway)
}

fn behind_the_edge(gateway: Gateway) -> Router {
    let inner = routes::table(gateway.config.mailbox.is_some()).into_router().with_state(gateway.clone());
    Router::new().fallback_service(Edge { gateway, inner })
}
