//! The bare server once more, with each of its services a process of its own: the edge's two calls go over mutual TLS, with the
//! product's certificates, and by channels and servers that are set up as the product's are (`crates/runtime/src/grpc`, `remote.rs` and
//! `server.rs`). A service asks for a certificate of the authority, and not whose it is.

use anyhow::{Context, Result};
use axum::{Router, extract::Request};
use std::{convert::Infallible, fs, net::SocketAddr, path::Path, path::PathBuf, time::Duration};
use tonic::{
    service::Routes,
    transport::{Certificate, ClientTlsConfig, Endpoint, Identity, Server, ServerTlsConfig, server::TcpIncoming},
};
use tower::util::BoxCloneSyncService;

use crate::{
    echo::Door,
    hops::{ASK, Handler, Hop, Hops, READ, Transport},
};

const CONNECT: Duration = Duration::from_secs(2);
/// How often each end tries a connection out, and how long it waits for an answer.
const CLIENTS_KEEPALIVE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3));
const SERVERS_KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(5));

#[derive(Debug, clap::Args)]
pub(crate) struct EdgeOptions {
    #[command(flatten)]
    door: Door,
    /// Where the services listen.
    #[arg(long)]
    scim: SocketAddr,
    #[arg(long)]
    authentication: SocketAddr,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServiceOptions {
    service: Service,
    #[arg(long)]
    listen: SocketAddr,
    /// The service's folder of keys.
    #[arg(long)]
    keys: PathBuf,
    /// What scim says when it is not to ask the database.
    #[arg(long)]
    body: PathBuf,
    /// The service's database.
    #[arg(long)]
    database: String,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Service {
    Authentication,
    Scim,
}

#[tokio::main]
pub(crate) async fn edge(options: &EdgeOptions) -> Result<()> {
    let channel = |service, address| channel(service, address, &options.door.keys);
    let (authentication, scim) = (channel("authentication", options.authentication)?, channel("scim", options.scim)?);
    let hop = |to: &Transport, method| Hop { to: to.clone(), method };
    let hops = Hops { echo: hop(&authentication, ASK), canned: hop(&scim, ASK), account: hop(&authentication, READ), user: hop(&scim, READ) };
    options.door.serve(hops).await
}

/// One connection, which all calls to the service share.
fn channel(service: &str, address: SocketAddr, keys: &Path) -> Result<Transport> {
    let (own, authority) = identity(keys)?;
    let tls = ClientTlsConfig::new().ca_certificate(authority).identity(own).domain_name(format!("{service}.rekey.internal"));
    let endpoint = Endpoint::from_shared(format!("https://{address}"))?.tls_config(tls)?.connect_timeout(CONNECT);
    let endpoint = endpoint.http2_keep_alive_interval(CLIENTS_KEEPALIVE.0).keep_alive_timeout(CLIENTS_KEEPALIVE.1).keep_alive_while_idle(true);
    Ok(BoxCloneSyncService::new(endpoint.connect_lazy()))
}

#[tokio::main]
pub(crate) async fn service(options: &ServiceOptions) -> Result<()> {
    let (ask, read) = match options.service {
        Service::Authentication => (Handler::Echo, Handler::account(&options.database).await?),
        Service::Scim => (Handler::Canned(fs::read(&options.body)?.into()), Handler::user(&options.database).await?),
    };
    let (own, authority) = identity(&options.keys)?;
    let incoming = TcpIncoming::bind(options.listen)?.with_nodelay(Some(true));
    let server = Server::builder().tls_config(ServerTlsConfig::new().identity(own).client_ca_root(authority))?;
    let mut server = server.http2_keepalive_interval(Some(SERVERS_KEEPALIVE.0)).http2_keepalive_timeout(Some(SERVERS_KEEPALIVE.1));
    Ok(server.add_routes(routes(ask, read)).serve_with_incoming(incoming).await?)
}

fn routes(ask: Handler, read: Handler) -> Routes {
    let method = |handler: Handler| {
        tower::service_fn(move |request: Request| {
            let handler = handler.clone();
            async move { Ok::<_, Infallible>(handler.serve(request).await) }
        })
    };
    Routes::from(Router::new().route_service(ASK, method(ask)).route_service(READ, method(read)))
}

/// The certificate of a service with its key, and the authority's.
fn identity(keys: &Path) -> Result<(Identity, Certificate)> {
    let read = |name: &str| fs::read(keys.join(name)).with_context(|| format!("{}/{name}", keys.display()));
    Ok((Identity::from_pem(read("mtls.crt")?, read("mtls.key")?), Certificate::from_pem(read("ca.crt")?)))
}
