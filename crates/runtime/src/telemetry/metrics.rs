//! Metrics for Prometheus, kept in this process and served at `/metrics` of the admin listener.
//!
//! Whoever counts uses the macros of the crate `metrics` with a name from [`NAMES`]; before [`super::init`] that costs nothing.

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{sync::OnceLock, time::Duration};

/// How often measurements are folded into their histograms, so that they do not pile up while nobody asks.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// The upper bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

static PROMETHEUS: OnceLock<PrometheusHandle> = OnceLock::new();

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations, in buckets.
    Histogram,
}

/// Every metric: its name, what it is, its unit, and what it tells.
pub const NAMES: &[(&str, Shape, Unit, &str)] = &[
    ("rekey_build_info", Shape::Gauge, Unit::Count, "Always 1; the labels say which service of which version this is."),
    ("rekey_http_request_duration_seconds", Shape::Histogram, Unit::Seconds, "Requests to the gateway, by method, route and status."),
    ("rekey_grpc_request_duration_seconds", Shape::Histogram, Unit::Seconds, "Calls that a service answered, by method and code."),
    ("rekey_logins_total", Shape::Counter, Unit::Count, "Logins, by kind (form, basic) and result."),
    ("rekey_password_resets_total", Shape::Counter, Unit::Count, "Password resets that came into a state."),
    (
        "rekey_password_resets_alerting",
        Shape::Gauge,
        Unit::Count,
        "Password resets that are expired or exhausted and keep their account locked; alike on every replica.",
    ),
    (
        "rekey_mails_total",
        Shape::Counter,
        Unit::Count,
        "Mails by kind and outcome; of deferred and server_failed ones one for each attempt, which is repeated.",
    ),
    ("rekey_mail_server_up", Shape::Gauge, Unit::Count, "1 while the mail server takes mails, 0 while all of them wait."),
    ("rekey_outbox_waiting_events", Shape::Gauge, Unit::Count, "Events that have never been published so far, by service; alike on every replica."),
    (
        "rekey_outbox_oldest_waiting_age_seconds",
        Shape::Gauge,
        Unit::Seconds,
        "How long the oldest of them has been waiting, by service; alike on every replica.",
    ),
    ("rekey_events_published_total", Shape::Counter, Unit::Count, "Events that the bus took or refused, by event and result."),
    ("rekey_events_handled_total", Shape::Counter, Unit::Count, "Events that a handler was given, by event and outcome."),
];

/// Begins to keep metrics. A second call (tests) changes nothing.
pub(super) fn install(service: &str) {
    let durations = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &BUCKETS);
    let Ok(builder) = durations else { return };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        let _first = PROMETHEUS.set(handle);
        describe();
        metrics::gauge!("rekey_build_info", "service" => service.to_owned(), "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    }
}

fn describe() {
    for (name, shape, unit, help) in NAMES.iter().copied() {
        match shape {
            Shape::Counter => metrics::describe_counter!(name, unit, help),
            Shape::Gauge => metrics::describe_gauge!(name, unit, help),
            Shape::Histogram => metrics::describe_histogram!(name, unit, help),
        }
    }
}

/// Everything in Prometheus's text format; empty when no metrics are kept.
pub fn text() -> String {
    PROMETHEUS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// To be called every [`UPKEEP`].
pub fn upkeep() {
    if let Some(prometheus) = PROMETHEUS.get() {
        prometheus.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_prometheus_and_say_their_unit() {
        for (name, shape, unit, _) in NAMES {
            assert!(name.starts_with("rekey_"), "{name}");
            assert_eq!(*shape == Shape::Counter, name.ends_with("_total"), "{name}");
            assert_eq!(*unit == Unit::Seconds, name.ends_with("_seconds"), "{name}");
        }
    }

    #[test]
    fn what_was_measured_is_served() {
        install("rekey-test");
        metrics::histogram!("rekey_http_request_duration_seconds", "method" => "GET", "route" => "/scim2/Users/{id}", "status" => "200").record(0.02);
        metrics::counter!("rekey_password_resets_total", "state" => "expired").increment(2);
        upkeep();
        let text = text();
        assert!(text.contains("# TYPE rekey_http_request_duration_seconds histogram"), "{text}");
        assert!(text.contains(r#"rekey_http_request_duration_seconds_bucket{method="GET",route="/scim2/Users/{id}",status="200",le="0.025"} 1"#), "{text}");
        assert!(text.contains(r#"rekey_password_resets_total{state="expired"} 2"#), "{text}");
        assert!(text.contains("# HELP rekey_password_resets_total "), "{text}");
    }
}
