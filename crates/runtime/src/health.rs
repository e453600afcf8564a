//! The admin listener: is the process alive, and is it ready for work?

use axum::{
    Json, Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use rekey_kernel::Failure;
use std::{
    collections::BTreeMap,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{net::TcpListener, sync::Notify};

use crate::{lifecycle::Lifecycle, telemetry::metrics};

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

/// The checks that must all pass before the process is ready.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<BTreeMap<&'static str, Check>>>,
}

impl Health {
    /// Adds a check, by the name of what it looks at.
    pub fn register<F, R>(&self, name: &'static str, check: F)
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).insert(name, check);
    }

    /// Adds a check that fails, saying why, until the flag is set.
    pub fn register_gate(&self, name: &'static str, why: &'static str) -> Arc<AtomicBool> {
        let gate = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&gate);
        self.register(name, move || {
            let open = seen.load(Ordering::Relaxed);
            async move { if open { Ok(()) } else { Err(Failure::unavailable(why)) } }
        });
        gate
    }

    async fn report(&self) -> (StatusCode, Json<BTreeMap<&'static str, String>>) {
        let checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut report = BTreeMap::new();
        let mut status = StatusCode::OK;
        for (name, check) in checks {
            let outcome = check().await;
            if outcome.is_err() {
                status = StatusCode::SERVICE_UNAVAILABLE;
            }
            report.insert(name, outcome.map_or_else(|failure| failure.to_string(), |()| "ok".to_owned()));
        }
        (status, Json(report))
    }

    /// Serves `/healthz` (alive), `/readyz` (ready, with a line for each check) and `/metrics` (for Prometheus).
    ///
    /// # Errors
    /// `Unavailable` when the address cannot be listened on.
    pub async fn serve(self, listen: SocketAddr, lifecycle: &Lifecycle) -> Result<(), Failure> {
        let busy = |error| Failure::unavailable(format!("cannot listen on {listen} (`admin.listen`)")).because(error);
        let listener = TcpListener::bind(listen).await.map_err(busy)?;
        let ready = move || {
            let health = self.clone();
            async move { health.report().await }
        };
        let router = Router::new().route("/healthz", get(|| async { "ok" })).route("/readyz", get(ready)).route("/metrics", get(measured));
        lifecycle.every("metrics", metrics::UPKEEP, Arc::new(Notify::new()), || async { metrics::upkeep() });
        let draining = lifecycle.draining().clone();
        lifecycle.spawn("admin", async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(draining.cancelled_owned()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the admin listener failed");
            }
        });
        Ok(())
    }
}

async fn measured() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::text())
}
