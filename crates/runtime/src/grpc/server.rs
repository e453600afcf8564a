//! Serving gRPC to other processes, by mutual TLS.

use axum::middleware;
use rekey_kernel::Failure;
use std::{net::SocketAddr, time::Duration};
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};

use super::{Identity, deadline, identity};
use crate::lifecycle::Lifecycle;

/// How often a silent connection is tried out, and how long it may take to answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5));

/// Serves until the process drains; calls under way are finished. Only services with a certificate of our authority get in, and
/// only to the methods that the allow list in `routes` opens to them.
///
/// # Errors
/// `Unavailable` when the address cannot be listened on; `Invalid` for a certificate that cannot be used.
pub fn serve(listen: SocketAddr, routes: Routes, identity: &Identity, lifecycle: &Lifecycle) -> Result<(), Failure> {
    let busy = |error| Failure::unavailable(format!("cannot listen on {listen} (`services.<service>.listen`)")).because(error);
    let incoming = TcpIncoming::bind(listen).map_err(busy)?.with_nodelay(Some(true));
    let unusable = |error| Failure::invalid("keys", "the service's certificate cannot be used").because(error);
    let mut server = Server::builder()
        .tls_config(identity.server())
        .map_err(unusable)?
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1));
    let guarded = routes
        .into_axum_router()
        .layer(middleware::from_fn(deadline::accept))
        .layer(middleware::from_fn_with_state(identity::Known::default(), identity::identify));
    let serving = server.add_routes(Routes::from(guarded));
    let draining = lifecycle.draining().clone();
    lifecycle.spawn("grpc", async move {
        if let Err(error) = serving.serve_with_incoming_shutdown(incoming, draining.cancelled_owned()).await {
            tracing::error!(%error, "the gRPC listener failed");
        }
    });
    Ok(())
}
