//! The bus that a service is given.

use anyhow::{Context, Result};
use rekey_kernel::Secret;
use rekey_messaging::{EventBus, JetStreamBus, MemoryBus, jetstream::Config};
use rekey_runtime::{config::Deployment, files, grpc::Service};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Buses, as the configuration has them.
pub(crate) struct Buses {
    memory: Arc<MemoryBus>,
    connected: Mutex<Vec<JetStreamBus>>,
    draining: CancellationToken,
}

impl Buses {
    /// None yet. From `draining` on no event is taken off any of them.
    pub(crate) fn new(draining: CancellationToken) -> Self {
        Self { memory: Arc::new(MemoryBus::new()), connected: Mutex::default(), draining }
    }

    /// The bus of a service: the memory bus that all share, or a connection of its own.
    pub(crate) async fn of(&self, service: Service, deployment: &Deployment) -> Result<Arc<dyn EventBus>> {
        if deployment.bus.url == "memory:" {
            return Ok(Arc::clone(&self.memory) as Arc<dyn EventBus>);
        }
        let bus = JetStreamBus::connect(config(service, deployment)?, self.draining.clone()).await.context("`bus.url`")?;
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).push(bus.clone());
        Ok(Arc::new(bus))
    }

    /// Everybody has subscribed: events may move.
    pub(crate) fn open(&self) {
        self.memory.open();
    }

    /// Are all connections there, and the server as it should be?
    pub(crate) fn connections(&self) -> Vec<JetStreamBus> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the events that were taken are handled.
    pub(crate) async fn drained(&self) {
        for bus in self.connections() {
            bus.drained().await;
        }
    }
}

fn config(service: Service, deployment: &Deployment) -> Result<Config> {
    let folder = deployment.keys_dir().join(service.as_str());
    let (seed, authority) = (folder.join("nats.nk"), folder.join("ca.crt"));
    let nkey_seed = if seed.exists() { Some(Secret::new(String::from_utf8(files::read_private(&seed)?)?.trim())) } else { None };
    let encrypted = deployment.bus.url.starts_with("tls://");
    Ok(Config {
        url: deployment.bus.url.clone(),
        service: service.as_str().to_owned(),
        nkey_seed,
        ca_file: (encrypted && authority.exists()).then_some(authority),
        owns_stream: service == Service::Scim,
        replicas: usize::from(deployment.bus.replicas),
    })
}
