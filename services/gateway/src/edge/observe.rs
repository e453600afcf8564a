//! What is told of requests: a span that continues the client's trace, and how long each took. Neither path nor query is repeated:
//! only the route, which carries nothing of anybody's.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};
use rekey_kernel::trace::TRACEPARENT;
use std::{fmt::Display, time::Instant};
use tracing::{Instrument, Span, field::Empty, info_span};

/// The methods that have a name in traces and metrics; strangers may send any other.
const METHODS: [Method; 9] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE, Method::CONNECT];

/// The middleware around everything.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let (began, method) = (Instant::now(), method(request.method()));
    let span = span(method, request.headers());
    let mut response = next.run(request).instrument(span.clone()).await;
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
    let labels = [("method", method.to_owned()), ("route", route.unwrap_or("none").to_owned()), ("status", status.as_u16().to_string())];
    metrics::histogram!("rekey_http_request_duration_seconds", &labels).record(began.elapsed());
    response
}

/// Behind the routing: the answer remembers which route it was.
pub(crate) async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Says more of the request that we are in, once it is known.
pub(super) fn tell<I: Display>(field: &'static str, id: Option<I>) {
    if let Some(id) = id {
        Span::current().record(field, tracing::field::display(id));
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
