//! Traces and metrics as they leave the process, seen by a small collector.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod collector;
mod keys;

use axum::{Router, response::IntoResponse, routing::post};
use collector::{Collector, Seen};
use rekey_runtime::{
    config::deployment,
    grpc::{InProcess, Rule, Service, Transport, guard, remote, serve},
    lifecycle::Lifecycle,
    telemetry::{self, LogFormat, metrics},
    tls,
};
use std::net::{SocketAddr, TcpListener};
use tonic::{body::Body, service::Routes};
use tower::ServiceExt;
use tracing::{Instrument, info_span};

const INCOMING: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const SAY: &str = "/rekey.test.v1.Echo/Say";
const RULES: &[Rule] = &[Rule { method: SAY, callers: &[Service::Gateway] }];
const SECRET: &str = "white-rabbit-teaparty";

/// A use case that is given a secret.
#[tracing::instrument(target = "rekey_test", name = "test.say", skip_all, fields(user.id = "u1"))]
async fn say(_password: &str) {
    tracing::warn!(target: "rekey_test", "careful");
}

async fn answer() -> impl IntoResponse {
    say(SECRET).await;
    [("content-type", "application/grpc"), ("grpc-status", "0")]
}

fn routes() -> Routes {
    guard(Routes::from(Router::new().route(SAY, post(answer))), RULES)
}

async fn call(transport: Transport, method: &str) -> String {
    let request = http::Request::post(method).header("content-type", "application/grpc").header("te", "trailers").body(Body::default()).unwrap();
    let answer = transport.oneshot(request).await.unwrap();
    answer.headers()["grpc-status"].to_str().unwrap().to_owned()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A service in this process, and one behind mutual TLS.
fn near_and_far(lifecycle: &Lifecycle) -> (Transport, Transport) {
    let hub = InProcess::new();
    hub.serve(Service::Authentication, routes());
    let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
    let authority = keys::Authority::new();
    serve(address, routes(), &authority.identity(folder.path(), Service::Scim), lifecycle).unwrap();
    let far = remote(&format!("https://{address}"), Service::Scim, &authority.identity(folder.path(), Service::Gateway)).unwrap();
    (hub.client(Service::Gateway, Service::Authentication), far)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_runs_through_both_transports_to_the_collector() {
    tls::install_provider();
    let collector = Collector::start();
    let settings = deployment::Telemetry { log_level: "off".into(), log_format: LogFormat::Json, otlp_endpoint: Some(collector.endpoint.clone()) };
    let telemetry = telemetry::init("rekey-test", &settings).unwrap();
    let lifecycle = Lifecycle::new();
    let (near, far) = near_and_far(&lifecycle);

    let codes = async { [call(near.clone(), SAY).await, call(far, SAY).await, call(near, "/rekey.test.v1.Echo/Steal").await] };
    let codes = codes.instrument(info_span!(target: "rekey_test", "root", traceparent = INCOMING)).await;
    assert_eq!(codes, ["0", "0", "7"]);
    // Dropping it waits for the delivery.
    tokio::task::spawn_blocking(move || drop(telemetry)).await.unwrap();

    let seen = collector.seen();
    assert_eq!(seen.resource("service.name"), ["rekey-test"]);
    assert!(seen.spans.iter().all(|span| span.trace == "0af7651916cd43dd8448eb211c80319c"), "{seen:?}");
    let root = seen.only("root");
    assert_eq!(root.parent, "b7ad6b7169203331");
    for (callee, caller_code) in [("authentication", "0"), ("scim", "0")] {
        assert_call_is_told(&seen, &root.id, callee, caller_code);
    }
    assert_eq!(seen.only("unknown").attribute("rpc.grpc.status_code"), "7");
    assert!(!seen.everything().contains(SECRET));
    assert_calls_are_measured();
    lifecycle.stop();
}

/// Root, client, server, use case: each the child of the one before.
fn assert_call_is_told(seen: &Seen, root: &str, callee: &str, code: &str) {
    let clients = seen.spans.iter().filter(|span| span.kind == "client" && span.attribute("peer.service") == callee);
    let client = clients.min_by_key(|span| span.attribute("rpc.method") == "Steal").unwrap();
    assert_eq!((client.name.as_str(), client.parent.as_str()), ("rekey.test.v1.Echo/Say", root));
    assert_eq!((client.attribute("rpc.system"), client.attribute("rpc.service"), client.attribute("rpc.method")), ("grpc", "rekey.test.v1.Echo", "Say"));
    let server = seen.child_of(client);
    assert_eq!((server.kind.as_str(), server.attribute("peer.service"), server.attribute("rpc.grpc.status_code")), ("server", "gateway", code));
    let work = seen.child_of(server);
    assert_eq!((work.name.as_str(), work.attribute("user.id"), work.events.as_slice()), ("test.say", "u1", ["careful".to_owned()].as_slice()));
}

fn assert_calls_are_measured() {
    metrics::upkeep();
    let text = metrics::text();
    let two = r#"rekey_grpc_request_duration_seconds_count{method="rekey.test.v1.Echo/Say",code="OK"} 2"#;
    let one = r#"rekey_grpc_request_duration_seconds_count{method="unknown",code="PERMISSION_DENIED"} 1"#;
    assert!(text.contains(two) && text.contains(one), "{text}");
}
