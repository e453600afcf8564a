//! Who a service is between processes: a certificate with a URI name, `spiffe://rekey/<service>`.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use rekey_kernel::Failure;
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};
use tonic::{
    Status,
    body::Body,
    transport::{
        Certificate, ClientTlsConfig, Identity as TlsIdentity, ServerTlsConfig,
        server::{TcpConnectInfo, TlsConnectInfo},
    },
};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

use super::{Peer, Service};
use crate::files;

/// The certificate of a service, its private key, and the authority that signed those of all services.
#[derive(Clone)]
pub struct Identity {
    own: TlsIdentity,
    authority: Certificate,
}

impl Identity {
    /// Reads `mtls.crt`, `mtls.key` and `ca.crt` of a service's own keys folder.
    ///
    /// # Errors
    /// `Invalid`, naming the file and the command that makes it.
    pub fn load(folder: &Path) -> Result<Self, Failure> {
        let read = |name: &str| fs::read(folder.join(name)).map_err(|error| missing(&folder.join(name), &error));
        let key = folder.join("mtls.key");
        let private_key = if key.exists() { files::read_private(&key)? } else { read("mtls.key")? };
        Ok(Self { own: TlsIdentity::from_pem(read("mtls.crt")?, private_key), authority: Certificate::from_pem(read("ca.crt")?) })
    }

    pub(super) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.own.clone()).client_ca_root(self.authority.clone())
    }

    /// Whatever address is dialled, the callee must be the service that is meant.
    pub(super) fn client(&self, to: Service) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(self.authority.clone()).identity(self.own.clone()).domain_name(dns_name(to))
    }
}

/// The DNS name in a service's certificate.
pub fn dns_name(service: Service) -> String {
    format!("{service}.rekey.internal")
}

/// The URI name in a service's certificate.
pub fn uri_name(service: Service) -> String {
    format!("spiffe://rekey/{service}")
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    let detail = format!("cannot read {}: {error}; make the keys with `rekey keys init --dir <keys.dir> --hostname <public host>`", path.display());
    Failure::invalid("keys", detail)
}

/// Whom the certificates of the last peers name: parsing one takes longer than many a call, and what it says never changes. That it is
/// valid was found when the connection was made.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<RwLock<HashMap<Vec<u8>, Service>>>);

/// More certificates than services and their replicas have, old ones and new ones.
const MOST_KNOWN: usize = 64;

impl Known {
    fn service_of(&self, certificate: &[u8]) -> Option<Service> {
        if let Some(service) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(certificate) {
            return Some(*service);
        }
        let service = service_of(certificate)?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(certificate.to_owned(), service);
        Some(service)
    }
}

/// Puts the peer that the client's certificate names into the request, and takes out whatever else claimed to be one.
pub(super) async fn identify(State(known): State<Known>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().remove::<Peer>();
    let certificates = request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>().and_then(TlsConnectInfo::peer_certs);
    let Some(peer) = certificates.and_then(|chain| chain.first().and_then(|leaf| known.service_of(leaf))) else {
        return Status::unauthenticated("a certificate that names a service is needed").into_http::<Body>().map(axum::body::Body::new);
    };
    request.extensions_mut().insert(Peer(peer));
    next.run(request).await
}

/// The service that a certificate names: exactly one URI name, and one of ours.
fn service_of(certificate: &[u8]) -> Option<Service> {
    let (_, parsed) = parse_x509_certificate(certificate).ok()?;
    let names = parsed.subject_alternative_name().ok()??;
    let mut uris = names.value.general_names.iter().filter_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None });
    let (uri, None) = (uris.next()?, uris.next()) else { return None };
    Service::ALL.into_iter().find(|service| uri_name(*service) == uri)
}
