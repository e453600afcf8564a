//! Failures on their way from one process to another: over HTTP/2 behind mutual TLS.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "telemetry/keys.rs"]
mod keys;

use axum::{Router, routing::post};
use rekey_kernel::{Failure, Violation};
use rekey_runtime::{
    grpc::{InProcess, Rule, Service, Transport, from_status, guard, remote, serve, to_status},
    lifecycle::Lifecycle,
    tls,
};
use std::net::TcpListener;
use tonic::{Status, body::Body, service::Routes};
use tower::ServiceExt;

const FAIL: &str = "/rekey.test.v1.Failing/Fail";
const RULES: &[Rule] = &[Rule { method: FAIL, callers: &[Service::Gateway] }];

fn long(text: &str) -> String {
    text.repeat(100_000)
}

/// With as much text as a client can bring into it, of characters that grow most on their way.
fn failure() -> Failure {
    let texts = ["\n", "ä", "\u{10FFFF}", "x"].into_iter().cycle().take(20);
    let mut failure = Failure::invalid("invalidValue", long("ä\n%\u{10FFFF}"));
    failure.violations = texts.map(|text| Violation { reason: long("r"), detail: long(text) }).collect();
    failure
}

fn routes() -> Routes {
    let answer = async || to_status(failure()).into_http::<Body>();
    guard(Routes::from(Router::new().route(FAIL, post(answer))), RULES)
}

async fn call(transport: Transport) -> Failure {
    let request = http::Request::post(FAIL).header("content-type", "application/grpc").header("te", "trailers").body(Body::default()).unwrap();
    let answer = transport.oneshot(request).await.unwrap();
    from_status(Status::from_header_map(answer.headers()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_repeats_a_very_long_text_arrives_alike_through_both_transports() {
    tls::install_provider();
    let (lifecycle, hub, folder) = (Lifecycle::new(), InProcess::new(), tempfile::tempdir().unwrap());
    hub.serve(Service::Scim, routes());
    let (authority, address) = (keys::Authority::new(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    serve(address, routes(), &authority.identity(folder.path(), Service::Scim), &lifecycle).unwrap();
    let far = remote(&format!("https://{address}"), Service::Scim, &authority.identity(folder.path(), Service::Gateway)).unwrap();
    let (near, far) = (call(hub.client(Service::Gateway, Service::Scim)).await, call(far).await);
    assert_eq!((near.kind, &near.reason, &near.detail, &near.violations), (far.kind, &far.reason, &far.detail, &far.violations));
    assert!(far.reason == "invalidValue" && far.detail.starts_with("ä\n%\u{10FFFF}ä") && far.detail.ends_with('…'), "{far:?}");
    assert!(far.violations.len() > 1 && far.violations.iter().all(|violation| violation.detail.ends_with('…')), "{far:?}");
    lifecycle.stop();
}
