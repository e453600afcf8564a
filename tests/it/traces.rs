//! What Rekey tells of itself: traces, log lines, metrics.

use rekey_tests::{
    Answer, Options, Rekey, User,
    collector::{Collector, hex},
    fresh_password, start,
    users::guide_body,
    wait_for,
};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// The trace and the span of whoever calls.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// From the request to the end of the mail, through every service and over the bus.
const STATIONS: [&str; 16] = [
    "PATCH /scim2/Users/{id}",
    "rekey.scim.v1.Users/Patch",
    "scim.user.patch",
    "rekey.authentication.v1.AccountChanges/Prepare",
    "authentication.change.prepare",
    "rekey.authentication.v1.AccountChanges/Apply",
    "authentication.change.apply",
    "publish force_password_reset",
    "process force_password_reset",
    "notification.mail.accept",
    "notification.mail.deliver",
    "rekey.authentication.v1.PasswordResets/Reveal",
    "notification.mail.send",
    "publish password_reset_notified",
    "process password_reset_notified",
    "scim.reset.confirm",
];

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_runs_from_the_request_to_the_mail_and_tells_no_secret() {
    let collector = Collector::start();
    let telemetry = format!("{}log_format = \"json\"\n", collector.section());
    let rekey = start(Options::default().config(&telemetry).env("OTEL_BSP_SCHEDULE_DELAY", "200")).await;
    let user = trigger_in_the_trace(&rekey).await;
    redeem(&rekey, &user).await;

    wait_for("the whole trace", async || missing(&collector).is_empty().then_some(())).await;
    assert_hangs_together(&collector);
    let line = wait_for("a log line of the trace", async || line_with(&rekey, "a mail is done")).await;
    assert_eq!((line["trace_id"].as_str(), line["span"].as_str()), (Some(TRACE), Some("notification.mail.deliver")));
    // When the test is over, no secret may lie in any file.
    std::fs::write(rekey.folder().join("traces.txt"), collector.text()).unwrap();
}

#[tokio::test]
async fn requests_calls_and_resets_are_counted() {
    let rekey = start(Options::default()).await;
    trigger_in_the_trace(&rekey).await;
    let text = rekey.metrics().await;
    for (name, labels) in [
        ("rekey_http_request_duration_seconds_count", r#"method="PATCH",route="/scim2/Users/{id}",status="200""#),
        ("rekey_grpc_request_duration_seconds_count", r#"method="rekey.scim.v1.Users/Patch",code="OK""#),
        ("rekey_password_resets_total", r#"state="pending""#),
    ] {
        let line = format!("{name}{{{labels}}} 1");
        assert!(text.lines().any(|told| told == line), "no `{line}` in:\n{text}");
    }
}

async fn trigger_in_the_trace(rekey: &Rekey) -> User {
    let admin = rekey.admin();
    admin.enable(&["link", "otp"]).await;
    let user = admin.create_user("carol").await;
    let patch = admin.request(Method::PATCH, &user.path()).header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    Answer::of(patch.header("content-type", "application/json").body(guide_body().to_string())).await.unwrap().expect(200);
    user
}

/// Every secret of a reset is used once.
async fn redeem(rekey: &Rekey, user: &User) {
    let (mail, anyone, new) = (rekey.mail_to(user.address()).await, rekey.anyone(), fresh_password());
    let session = anyone.login_with_code(user, &mail.code()).await;
    anyone.validate(&mail.token()).await.expect(200);
    anyone.complete_session(&session, &new).await.expect(204);
    anyone.open_session(user, &new).await;
}

fn missing(collector: &Collector) -> Vec<&'static str> {
    let names: BTreeSet<_> = collector.trace(TRACE).into_iter().map(|span| span.name).collect();
    STATIONS.into_iter().filter(|station| !names.contains(*station)).collect()
}

/// Every span but the first has its parent in the same trace, whatever process or row lies between.
fn assert_hangs_together(collector: &Collector) {
    let spans = collector.trace(TRACE);
    let ids: BTreeSet<_> = spans.iter().map(|span| span.span_id.clone()).collect();
    for span in &spans {
        assert!(ids.contains(&span.parent_span_id) || hex(&span.parent_span_id) == CALLER, "{} hangs in the air", span.name);
    }
}

fn line_with(rekey: &Rekey, message: &str) -> Option<Value> {
    let lines = rekey.output();
    lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find(|line| line["fields"]["message"] == message)
}
