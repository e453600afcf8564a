//! Serving HTTPS.

use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};
use rekey_kernel::Failure;
use rekey_runtime::lifecycle::Lifecycle;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{net::SocketAddr, net::TcpListener, sync::Arc, time::Duration};

/// How long requests under way may take once the process ends.
const DRAIN: Duration = Duration::from_secs(8);
/// How long a new connection may take for its first request, and an old one for its next.
const FIRST_REQUEST: Duration = Duration::from_secs(30);
const NEXT_REQUEST: Duration = Duration::from_mins(2);
/// As many bytes of headers as the longest URI that HTTP/1.1 takes needs: a filter that is too long is told so in HTTP/2 as well.
const MOST_HEADERS: u32 = 128 * 1024;

/// TLS with this certificate chain and private key, both PEM; HTTP/2 and HTTP/1.1.
///
/// # Errors
/// `Invalid` when they cannot be read or do not belong together.
pub fn tls_config(certificate: &[u8], private_key: &[u8]) -> Result<Arc<ServerConfig>, Failure> {
    let broken = |what: &str| Failure::invalid("tls", format!("the HTTPS {what} cannot be used: PEM is expected"));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(|error| broken("certificate").because(error))?;
    let key = PrivateKeyDer::from_pem_slice(private_key).map_err(|error| broken("private key").because(error))?;
    let built = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let mut config = built.map_err(|error| broken("certificate with this private key").because(error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Serves until the process drains; then the requests under way are finished.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(listener: TcpListener, tls: Arc<ServerConfig>, router: Router, lifecycle: &Lifecycle) -> Result<(), Failure> {
    let unusable = |error| Failure::unavailable("cannot listen for HTTPS (`gateway.listen`)").because(error);
    let handle: Handle<SocketAddr> = Handle::new();
    let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls)).map_err(unusable)?;
    let mut server = server.handle(handle.clone()).first_request_timeout(FIRST_REQUEST);
    server.http_builder().http1().header_read_timeout(Some(NEXT_REQUEST));
    server.http_builder().http2().max_header_list_size(MOST_HEADERS);
    let draining = lifecycle.draining().clone();
    tokio::spawn(async move {
        draining.cancelled().await;
        handle.graceful_shutdown(Some(DRAIN));
    });
    lifecycle.spawn("gateway", async move {
        if let Err(error) = server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await {
            tracing::error!(%error, "the HTTPS listener failed");
        }
    });
    Ok(())
}
