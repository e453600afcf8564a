//! Puts the service together: the only place that knows every concrete type.

use rekey_kernel::{Clock, Failure, Random};
use rekey_messaging::{
    EventBus,
    outbox::{OpenGate, OutboxStore, Relay, SeaOutbox},
};
use rekey_runtime::{database::Database, grpc::Transport, lifecycle::Lifecycle};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tonic::service::Routes;

use crate::{
    app::{Core, Deps},
    clients::{ScimIntents, TenantPolicies},
    config::Config,
    events::{Listener, subscription},
    grpc,
    hashing::Argon2Hasher,
    keys,
    storage::{Migrator, SeaStore},
};

/// What the service is given.
pub struct World {
    /// Its database; the schema is brought up to date here.
    pub database: Database,
    /// The bus.
    pub bus: Arc<dyn EventBus>,
    /// To scim.
    pub scim: Transport,
    /// To tenant-config.
    pub tenant_config: Transport,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Nobody else uses this database: leases of a former process are void.
    pub alone: bool,
}

/// The service, ready to be served and started.
pub struct Built {
    /// Every gRPC service, behind the allow list.
    pub routes: Routes,
    core: Arc<Core>,
    bus: Arc<dyn EventBus>,
    relay: Arc<Relay>,
    wake: Arc<Notify>,
}

/// Puts the service together.
///
/// # Errors
/// When the keys are missing or weak, or the database cannot be brought up to date.
pub async fn build(config: &Config, world: World) -> Result<Built, Failure> {
    let keys = keys::load(&config.keys, config.make_missing_keys, world.random.as_ref())?;
    world.database.migrate::<Migrator>().await?;
    let wake = Arc::new(Notify::new());
    let outbox = SeaOutbox::new(world.database.writer().clone());
    if world.alone {
        outbox.void_leases().await?;
    }
    let core = Arc::new(Core::new(Deps {
        store: Arc::new(SeaStore::new(world.database, Arc::clone(&wake))),
        hasher: Arc::new(Argon2Hasher::new(&config.hashing, Arc::clone(&world.random))?),
        policies: Arc::new(TenantPolicies::new(world.tenant_config)),
        intents: Arc::new(ScimIntents::new(world.scim)),
        keys,
        clock: Arc::clone(&world.clock),
        random: world.random,
    })?);
    let bus = world.bus;
    let relay = Relay { service: "authentication", outbox: Arc::new(outbox), bus: Arc::clone(&bus), gate: Arc::new(OpenGate), clock: world.clock };
    Ok(Built { routes: grpc::routes(&core), core, bus, relay: Arc::new(relay), wake })
}

impl Built {
    /// Subscribes to events and starts what runs by itself.
    ///
    /// # Errors
    /// When the bus cannot be reached.
    pub async fn start(&self, lifecycle: &Lifecycle) -> Result<(), Failure> {
        let unreachable = |error| Failure::unavailable("the message bus cannot be reached").because(error);
        self.bus.subscribe(subscription(), Arc::new(Listener(Arc::clone(&self.core)))).await.map_err(unreachable)?;
        let relay = Arc::clone(&self.relay);
        lifecycle.every("authentication relay", Duration::from_secs(1), Arc::clone(&self.wake), move || {
            let relay = Arc::clone(&relay);
            async move { relay.pass().await }
        });
        self.repeat(lifecycle, "authentication sweeper", Duration::from_secs(1), |core| async move { core.sweep().await });
        self.repeat(lifecycle, "authentication resolver", Duration::from_mins(1), |core| async move { core.resolve().await });
        Ok(())
    }

    fn repeat<F, R>(&self, lifecycle: &Lifecycle, name: &'static str, interval: Duration, job: F)
    where
        F: Fn(Arc<Core>) -> R + Copy + Send + 'static,
        R: Future<Output = Result<(), Failure>> + Send,
    {
        let core = Arc::clone(&self.core);
        lifecycle.every(name, interval, Arc::new(Notify::new()), move || {
            let core = Arc::clone(&core);
            async move {
                if let Err(failure) = job(core).await {
                    tracing::warn!(task = name, %failure, "not everything could be done; it is tried again");
                }
            }
        });
    }
}
