//! What is told of requests: a span that continues the client's trace, and how long each took. Neither path nor query is repeated:
//! only the route, which carries nothing of anybody's.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method},
    response::Response,
    routing::Route,
};
use rekey_kernel::{TenantId, UserId, trace::TRACEPARENT};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};
use tracing::{Instrument, Span, field::Empty, info_span};

/// The methods that have a name in traces and metrics; strangers may send any other.
const METHODS: [Method; 9] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE, Method::CONNECT];

/// Around everything that is done for a request.
pub(super) async fn observe<F: Future<Output = Response>>(request: Request, work: impl FnOnce(Request) -> F) -> Response {
    let (began, method) = (Instant::now(), method(request.method()));
    let span = span(method, request.headers());
    let mut response = work(request).instrument(span.clone()).await;
    let route = response.extensions_mut().remove::<MatchedPath>();
    let (route, status) = (route.as_ref().map(MatchedPath::as_str), response.status());
    span.record("http.response.status_code", status.as_u16());
    if let Some(route) = route {
        span.record("http.route", route);
        span.record("otel.name", tracing::field::display(format_args!("{method} {route}")));
    }
    if status.is_server_error() {
        span.record("otel.status_code", "error");
    }
    let (route, status) = (route.unwrap_or("none").to_owned(), status.as_str().to_owned());
    metrics::histogram!("rekey_http_request_duration_seconds", "method" => method, "route" => route, "status" => status).record(began.elapsed());
    response
}

/// Behind the routing: the answer remembers which route it was.
#[derive(Clone)]
pub(crate) struct Noted(pub(crate) Route);

impl tower::Service<Request> for Noted {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let answer = self.0.call(request);
        Box::pin(async move {
            let Ok(mut response) = answer.await;
            if let Some(route) = route {
                response.extensions_mut().insert(route);
            }
            Ok(response)
        })
    }
}

/// Says whose the request is that we are in, once it is known.
pub(super) fn tell(tenant: Option<TenantId>, user: Option<UserId>) {
    let span = Span::current();
    if let Some(tenant) = tenant {
        span.record("tenant.id", tracing::field::display(tenant));
    }
    if let Some(user) = user {
        span.record("user.id", tracing::field::display(user));
    }
}

fn span(method: &str, headers: &HeaderMap) -> Span {
    let continued = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    info_span!(
        "http.request",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        traceparent = continued,
        url.scheme = "https",
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
        tenant.id = Empty,
        user.id = Empty
    )
}

fn method(method: &Method) -> &'static str {
    METHODS.iter().find(|known| *known == method).map_or("_OTHER", Method::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_nobody_knows_has_no_name_of_its_own() {
        assert_eq!(method(&Method::PATCH), "PATCH");
        assert_eq!(method(&Method::from_bytes(b"STEAL").unwrap()), "_OTHER");
    }
}
