//! Services in one process: the same clients and servers, joined without a socket.

use futures::{FutureExt, future::OptionFuture};
use std::{
    collections::HashMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tokio::time::timeout;
use tonic::{Status, body::Body, service::Routes};
use tower::Service as _;

use super::{Peer, Service, Transport, TransportError, deadline, observe};

type Slot = Arc<OnceLock<Routes>>;

/// Joins the services of one process. Clients may be made before the server they call is there: until then their calls are
/// `UNAVAILABLE`.
#[derive(Clone, Default)]
pub struct InProcess {
    slots: Arc<Mutex<HashMap<Service, Slot>>>,
}

impl InProcess {
    /// An empty house.
    pub fn new() -> Self {
        Self::default()
    }

    fn slot(&self, service: Service) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(service).or_default())
    }

    /// Puts a service into its place. The first one stays.
    pub fn serve(&self, service: Service, routes: Routes) {
        if self.slot(service).set(routes.prepare()).is_err() {
            tracing::error!(%service, "this service is already served");
        }
    }

    /// A transport from one service to another. The callee sees `from` as its [`Peer`].
    pub fn client(&self, from: Service, to: Service) -> Transport {
        let slot = self.slot(to);
        Transport::new(tower::service_fn(move |request| {
            let routes = slot.get().cloned();
            observe::call(to, request, move |request| call(routes, from, request))
        }))
    }
}

/// One call. What a bare direct call lacks is added: extensions of the client do not reach the server (an identity could be
/// forged that way), the deadline counts, and a panic does not go further. It is no task of its own: handing it to another thread
/// and back takes longer than most calls.
fn call(routes: Option<Routes>, from: Service, mut request: http::Request<Body>) -> impl Future<Output = Result<http::Response<Body>, TransportError>> {
    request.extensions_mut().clear();
    request.extensions_mut().insert(Peer(from));
    let time = deadline::announce(request.headers_mut());
    // Whatever a handler that died held is dropped with it; what it shares with others is guarded by locks that know of it.
    let work = routes.map(|mut routes| timeout(time, AssertUnwindSafe(deadline::within(time, routes.call(request))).catch_unwind()));
    OptionFuture::from(work).map(|answer| match answer {
        Some(Ok(Ok(Ok(response)))) => Ok(response),
        Some(Ok(Err(_panicked))) => Ok(Status::internal("the handler died").into_http()),
        Some(Err(_elapsed)) => Ok(Status::deadline_exceeded("the call took too long").into_http()),
        None => Ok(Status::unavailable("the service is starting").into_http()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tower::ServiceExt;

    async fn asked(routes: axum::Router) -> tonic::Code {
        let hub = InProcess::new();
        hub.serve(Service::Scim, Routes::from(routes));
        let call = hub.client(Service::Gateway, Service::Scim).oneshot(http::Request::new(Body::default()));
        let response = deadline::within(Duration::from_millis(20), call).await.unwrap();
        Status::from_header_map(response.headers()).unwrap().code()
    }

    #[tokio::test]
    async fn a_handler_that_dies_or_hangs_is_an_answer() {
        let dies = axum::Router::new().fallback(|| async { assert!(std::env::args().count() == 0, "dies") });
        assert_eq!(asked(dies).await, tonic::Code::Internal);
        let hangs = axum::Router::new().fallback(|| async { std::future::pending::<()>().await });
        assert_eq!(asked(hangs).await, tonic::Code::DeadlineExceeded);
    }

    #[tokio::test]
    async fn a_service_that_is_not_there_yet_is_unavailable() {
        let transport = InProcess::new().client(Service::Gateway, Service::Scim);
        let response = transport.oneshot(http::Request::new(Body::default())).await.unwrap();
        assert_eq!(Status::from_header_map(response.headers()).unwrap().code(), tonic::Code::Unavailable);
    }
}
