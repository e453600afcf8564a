//! Calls to a service in other processes: several replicas, any of which may die.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use rekey_kernel::Failure;
use std::{
    collections::BTreeMap,
    error::Error,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tonic::{
    ConnectError, Status,
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::ServiceExt;

use super::{Identity, Service, Transport, TransportError, deadline, observe};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How often a connection is tried out, and how long it may take to answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3));
/// How long an address that refused is passed over while there are others.
const PASS_OVER: Duration = Duration::from_secs(2);
/// How long the addresses of a name are taken for granted.
const RESOLVE: Duration = Duration::from_secs(5);

/// A transport to a service at these endpoints (`https://host:port`, several with commas; each stands for all addresses of its
/// name). Calls go to the addresses in turn; one that cannot be connected to is passed over, so that the loss of a replica costs
/// the calls that it was working on and no others.
///
/// # Errors
/// `Invalid`, naming the endpoint, when it is no such URL.
pub fn remote(endpoints: &str, to: Service, identity: &Identity) -> Result<Transport, Failure> {
    let targets: Result<Vec<_>, Failure> = endpoints.split(',').map(str::trim).map(|text| target(text, to)).collect();
    let pool =
        Arc::new(Pool { to, identity: identity.clone(), targets: targets?, replicas: Mutex::default(), resolved: Mutex::default(), next: AtomicUsize::new(0) });
    Ok(Transport::new(tower::service_fn(move |request| {
        let pool = Arc::clone(&pool);
        observe::call(to, request, move |request| pool.call(request))
    })))
}

/// Does any replica of these endpoints take connections?
///
/// # Errors
/// `Unavailable` when none does.
pub async fn reachable(endpoints: String) -> Result<(), Failure> {
    for endpoint in endpoints.split(',') {
        let authority = endpoint.trim().trim_start_matches("https://").trim_end_matches('/');
        if let Ok(Ok(_stream)) = timeout(CONNECT, TcpStream::connect(authority)).await {
            return Ok(());
        }
    }
    Err(Failure::unavailable(format!("nothing can be reached at {endpoints}")))
}

fn target(text: &str, to: Service) -> Result<String, Failure> {
    let authority = text.strip_prefix("https://").map(|rest| rest.trim_end_matches('/')).filter(|rest| {
        let port = rest.rsplit_once(':').map(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        port == Some(true)
    });
    let wrong = || Failure::invalid("configuration", format!("`services.{to}.endpoint` is `{text}`, but is to be like \"https://{to}:9500\""));
    authority.map(str::to_owned).ok_or_else(wrong)
}

struct Pool {
    to: Service,
    identity: Identity,
    targets: Vec<String>,
    replicas: Mutex<BTreeMap<SocketAddr, Replica>>,
    resolved: Mutex<Option<Instant>>,
    next: AtomicUsize,
}

struct Replica {
    channel: Channel,
    passed_over_until: Option<Instant>,
}

impl Pool {
    async fn call(self: Arc<Self>, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (mut parts, body) = request.into_parts();
        let time = deadline::announce(&mut parts.headers);
        let body = body.collect().await.map_err(|error| TransportError(error.into()))?.to_bytes();
        match timeout(time, self.try_each(&parts, &body)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Ok(Status::deadline_exceeded("the call took too long").into_http()),
        }
    }

    /// Tries one address after another, as long as the request cannot have arrived anywhere.
    async fn try_each(&self, parts: &http::request::Parts, body: &Bytes) -> Result<Response<Body>, TransportError> {
        self.resolve().await;
        let mut last = None;
        for (address, channel) in self.candidates() {
            let request = Request::from_parts(parts.clone(), Body::new(Full::new(body.clone())));
            match channel.oneshot(request).await {
                Ok(response) => return Ok(response),
                Err(error) if never_arrived(&error) => {
                    self.pass_over(address);
                    last = Some(error);
                }
                Err(error) => return Err(TransportError(error.into())),
            }
        }
        tracing::debug!(service = %self.to, error = ?last, "no replica can be reached");
        Ok(Status::unavailable(format!("no replica of {} can be reached", self.to)).into_http())
    }

    /// All addresses, each call beginning at another, those that refused lately last.
    fn candidates(&self) -> Vec<(SocketAddr, Channel)> {
        let replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let mut all: Vec<_> =
            replicas.iter().map(|(address, replica)| (replica.passed_over_until.is_some_and(|until| until > now), *address, replica.channel.clone())).collect();
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % all.len().max(1);
        all.rotate_left(turn);
        all.sort_by_key(|(passed_over, ..)| *passed_over);
        all.into_iter().map(|(_, address, channel)| (address, channel)).collect()
    }

    fn pass_over(&self, address: SocketAddr) {
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replica) = replicas.get_mut(&address) {
            replica.passed_over_until = Some(Instant::now() + PASS_OVER);
        }
    }

    /// Learns the addresses anew now and then. While a name cannot be resolved, the known ones stay.
    async fn resolve(&self) {
        if !self.is_due() {
            return;
        }
        let mut found = Vec::new();
        for target in &self.targets {
            match lookup_host(target.as_str()).await {
                Ok(addresses) => found.extend(addresses),
                Err(error) => {
                    tracing::warn!(service = %self.to, target, %error, "an endpoint cannot be resolved");
                    return;
                }
            }
        }
        let mut replicas = self.replicas.lock().unwrap_or_else(PoisonError::into_inner);
        replicas.retain(|address, _| found.contains(address));
        for address in found {
            if let Some(channel) = self.channel(address) {
                replicas.entry(address).or_insert(Replica { channel, passed_over_until: None });
            }
        }
    }

    fn is_due(&self) -> bool {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        let due = resolved.is_none_or(|at| at.elapsed() > RESOLVE) || self.replicas.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        if due {
            *resolved = Some(Instant::now());
        }
        due
    }

    fn channel(&self, address: SocketAddr) -> Option<Channel> {
        let endpoint = Endpoint::from_shared(format!("https://{address}")).and_then(|endpoint| endpoint.tls_config(self.identity.client(self.to)));
        let endpoint = endpoint.inspect_err(|error| tracing::error!(%error, "the service's certificate cannot be used")).ok()?;
        let endpoint = endpoint.connect_timeout(CONNECT).http2_keep_alive_interval(KEEPALIVE.0).keep_alive_timeout(KEEPALIVE.1).keep_alive_while_idle(true);
        Some(endpoint.connect_lazy())
    }
}

/// Did connecting fail? Then nobody has seen the request.
fn never_arrived(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.is::<ConnectError>() {
            return true;
        }
        next = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_https_urls_with_a_port() {
        assert_eq!(target("https://scim:9500/", Service::Scim).unwrap(), "scim:9500");
        assert_eq!(target("https://[::1]:9500", Service::Scim).unwrap(), "[::1]:9500");
        for bad in ["", "scim:9500", "http://scim:9500", "https://scim", "https://:1", "https://scim:port"] {
            assert!(target(bad, Service::Scim).unwrap_err().detail.contains("services.scim.endpoint"), "{bad}");
        }
    }
}
