//! Traces to an OpenTelemetry collector, in batches, from a thread of their own: a collector that is slow or gone delays nobody, and
//! what it does not take in time is dropped.

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchSpanProcessor, SpanData, SpanExporter, SpanProcessor},
};
use rekey_kernel::Failure;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long the collector may take for a batch.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The way to the collector.
#[derive(Clone, Debug)]
pub(super) struct Export {
    processor: Arc<BatchSpanProcessor>,
    scope: InstrumentationScope,
}

impl Export {
    /// Begins to deliver to this endpoint what is taken.
    ///
    /// # Errors
    /// `Invalid` when the endpoint is no URL.
    pub(super) fn start(endpoint: &str, service: &str) -> Result<Self, Failure> {
        let wrong = |error| Failure::invalid("configuration", format!("`telemetry.otlp_endpoint` is `{endpoint}`, which cannot be used")).because(error);
        let exporter = OtlpExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(TIMEOUT).build().map_err(wrong)?;
        let watched = Watched { exporter, endpoint: endpoint.to_owned(), failing: AtomicBool::new(false) };
        let mut processor = BatchSpanProcessor::builder(watched).build();
        processor.set_resource(&resource(service));
        let scope = InstrumentationScope::builder("rekey").with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Self { processor: Arc::new(processor), scope })
    }

    pub(super) const fn scope(&self) -> &InstrumentationScope {
        &self.scope
    }

    /// Takes a span that has ended; drops it when too many wait.
    pub(super) fn take(&self, span: SpanData) {
        self.processor.on_end(span);
    }

    /// Delivers what is left, if that can be done in this time. Nothing is taken afterwards.
    pub(super) fn finish(&self, time: Duration) {
        if let Err(error) = self.processor.shutdown_with_timeout(time) {
            tracing::debug!(%error, "the last spans did not reach the collector");
        }
    }
}

fn resource(service: &str) -> Resource {
    let about = [
        KeyValue::new("service.namespace", "rekey"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", super::ids::next(None, false).trace_id()),
    ];
    Resource::builder().with_service_name(service.to_owned()).with_attributes(about).build()
}

/// Says once when the collector is gone, and once when it is back.
#[derive(Debug)]
struct Watched {
    exporter: OtlpExporter,
    endpoint: String,
    failing: AtomicBool,
}

impl Watched {
    fn note(&self, result: &OTelSdkResult) {
        let was_failing = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match result {
            Err(error) if !was_failing => tracing::warn!(endpoint = self.endpoint, %error, "the collector does not take traces: they are dropped"),
            Ok(()) if was_failing => tracing::info!(endpoint = self.endpoint, "the collector takes traces again"),
            _ => {}
        }
    }
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        self.note(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{telemetry::traces::Traces, tls};
    use std::{net::TcpListener, time::Instant};
    use tracing_subscriber::layer::SubscriberExt;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_collector_that_never_answers_delays_nothing() {
        tls::install_provider();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let export = Export::start(&format!("http://{}", silent.local_addr().unwrap()), "rekey-test").unwrap();
        let traces = tracing_subscriber::registry().with(Traces::new(Some(export.clone())));
        let began = Instant::now();
        // Far more than wait for a delivery.
        tracing::subscriber::with_default(traces, || (0..20_000).for_each(|number| drop(tracing::info_span!("work", number))));
        assert!(began.elapsed() < TIMEOUT / 2, "{:?}", began.elapsed());
        let ending = Instant::now();
        tokio::task::spawn_blocking(move || export.finish(Duration::from_millis(200))).await.unwrap();
        assert!(ending.elapsed() < TIMEOUT / 2, "{:?}", ending.elapsed());
    }

    #[tokio::test]
    async fn what_is_no_endpoint_is_told_at_the_start() {
        let failure = Export::start("not an address", "rekey-test").unwrap_err();
        assert!(failure.detail.contains("telemetry.otlp_endpoint"), "{failure}");
    }
}
