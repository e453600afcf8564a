//! What a process tells of itself: logs on standard error, traces to an OpenTelemetry collector, metrics for Prometheus.
//!
//! Every span of ours has ids, so that log lines and answers can name their trace and every call, row and event hands it on; only
//! where a collector is configured is anything more of a span kept. Spans carry ids and outcomes, never what a caller sent.

mod export;
mod ids;
mod layer;
mod logs;
pub mod metrics;
mod record;
mod traces;

use rekey_kernel::Failure;
use std::time::Duration;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

pub use logs::LogFormat;

use crate::config::deployment;
use export::Export;
use layer::Telling;
use traces::Traces;

/// How long the last spans may take to reach the collector when the process ends.
const FLUSH: Duration = Duration::from_secs(2);

/// Delivers the last spans when it is dropped: keep it until the process ends, and drop it before the async runtime.
#[must_use = "telemetry ends when this is dropped"]
#[derive(Debug)]
pub struct Telemetry {
    export: Option<Export>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(export) = &self.export {
            export.finish(FLUSH);
        }
    }
}

/// Begins to log to standard error, to keep metrics and, where `otlp_endpoint` is set, to export traces. `service` is `rekey`, or
/// `rekey-` and the service's name. `RUST_LOG` overrides the log level. Call it within the async runtime.
///
/// # Errors
/// `Invalid` for an endpoint or a log level that is none.
pub fn init(service: &str, settings: &deployment::Telemetry) -> Result<Telemetry, Failure> {
    let export = settings.otlp_endpoint.as_deref().map(|endpoint| Export::start(endpoint, service)).transpose()?;
    let logged = EnvFilter::try_from_default_env().or_else(|_| filter(&settings.log_level))?;
    let telling = Telling::new(Traces::new(export.clone()), logs::layer(settings.log_format), logged);
    // A second call (tests) finds a subscriber in place: that one stays.
    let _already = tracing_subscriber::registry().with(telling).try_init();
    metrics::install(service);
    Ok(Telemetry { export })
}

/// What is logged: a level, or a list such as `info,rekey_scim=debug`.
fn filter(levels: &str) -> Result<EnvFilter, Failure> {
    // Every start would tell of every table.
    let quiet = format!("sea_orm_migration=warn,async_nats=warn,{levels}");
    EnvFilter::try_new(quiet).map_err(|error| Failure::invalid("configuration", format!("`telemetry.log_level` is `{levels}`: {error}")))
}
