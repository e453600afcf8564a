//! What is told of calls: a span on either side, joined by the metadata `traceparent`, and how long the server took.

use futures::{FutureExt, TryFutureExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use rekey_kernel::trace::{self, TRACEPARENT};
use std::{future::Future, time::Instant};
use tonic::Code;
use tracing::{Instrument, Span, field::Empty, info_span};

use super::Service;

const HEADER: HeaderName = HeaderName::from_static(TRACEPARENT);
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// The names of the codes 0 to 16, as in the protocol.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The client's side of a call. Only the future of `send` holds the request: one that is copied from future to future grows with each.
pub(super) fn call<B, A, E, F>(
    to: Service,
    mut request: http::Request<B>,
    send: impl FnOnce(http::Request<B>) -> F,
) -> impl Future<Output = Result<http::Response<A>, E>>
where
    F: Future<Output = Result<http::Response<A>, E>>,
{
    let (service, method) = names(request.uri().path());
    let span = info_span!(
        "grpc.call",
        otel.name = name(request.uri().path()),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        peer.service = to.as_str()
    );
    hand_on(&span, request.headers_mut());
    send(request).instrument(span.clone()).map(move |answer| {
        let code = answer.as_ref().map_or(Code::Unavailable, |answer| code(answer.headers()));
        end(&span, code, code != Code::Ok);
        answer
    })
}

/// The server's side of a call.
pub(super) struct Answering {
    span: Span,
    method: &'static str,
    began: Instant,
}

impl Answering {
    /// `method` is the full path of one of our methods, or something that stands for all others.
    pub(super) fn begin(from: Option<Service>, method: &'static str, headers: &HeaderMap) -> Self {
        let (service, short) = names(method);
        let continued = headers.get(HEADER).and_then(|value| value.to_str().ok());
        // In one process too the call's span is its parent by way of the metadata alone: lines of log tell of one side at a time.
        let span = info_span!(
            parent: None,
            "grpc.answer",
            otel.name = name(method),
            otel.kind = "server",
            otel.status_code = Empty,
            traceparent = continued,
            rpc.system = "grpc",
            rpc.service = service,
            rpc.method = short,
            rpc.grpc.status_code = Empty,
            peer.service = from.map(Service::as_str)
        );
        Self { span, method, began: Instant::now() }
    }

    /// Carries the call out.
    pub(super) fn run<A, E>(self, work: impl Future<Output = Result<http::Response<A>, E>>) -> impl Future<Output = Result<http::Response<A>, E>> {
        work.instrument(self.span.clone()).map_ok(move |answer| {
            let code = code(answer.headers());
            end(&self.span, code, is_our_fault(code));
            metrics::histogram!("rekey_grpc_request_duration_seconds", "method" => name(self.method), "code" => code_name(code)).record(self.began.elapsed());
            answer
        })
    }
}

/// Whatever a client put there is not handed on: the span is.
fn hand_on(span: &Span, headers: &mut HeaderMap) {
    headers.remove(HEADER);
    let value = trace::of(span).and_then(|span| HeaderValue::try_from(span.to_string()).ok());
    if let Some(value) = value {
        headers.insert(HEADER, value);
    }
}

fn end(span: &Span, code: Code, failed: bool) {
    span.record("rpc.grpc.status_code", code as i32);
    if failed {
        span.record("otel.status_code", "error");
    }
}

/// The code of a unary call: what fails has it in the headers already.
fn code(headers: &HeaderMap) -> Code {
    headers.get(STATUS).map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()))
}

fn code_name(code: Code) -> &'static str {
    usize::try_from(code as i32).ok().and_then(|number| CODES.get(number)).copied().unwrap_or("UNKNOWN")
}

/// As the conventions for gRPC have it: on the server the rest is the client's business.
const fn is_our_fault(code: Code) -> bool {
    matches!(code, Code::Unknown | Code::DeadlineExceeded | Code::Unimplemented | Code::Internal | Code::Unavailable | Code::DataLoss)
}

fn name(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

fn names(path: &str) -> (&str, &str) {
    name(path).split_once('/').unwrap_or((path, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_names_of_the_protocol() {
        for (number, name) in (0..).zip(CODES) {
            assert_eq!(code_name(Code::from_i32(number)), name);
            assert_eq!(format!("{:?}", Code::from_i32(number)).to_lowercase(), name.replace('_', "").to_lowercase());
        }
    }

    #[test]
    fn a_path_is_a_service_and_a_method() {
        assert_eq!(names("/rekey.scim.v1.Users/Patch"), ("rekey.scim.v1.Users", "Patch"));
        assert_eq!(names("unknown"), ("unknown", ""));
    }
}
