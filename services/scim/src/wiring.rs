//! Puts the service together: the only file that knows every concrete type.

use rekey_kernel::{Clock, Failure, Random};
use rekey_messaging::{
    EventBus,
    outbox::{OutboxStore, Relay, SeaOutbox},
};
use rekey_runtime::{database::Database, grpc::Transport, lifecycle::Lifecycle};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tonic::service::Routes;

use crate::{
    app::{Groups, Reconciler, Users},
    clients::{GrpcAccounts, GrpcSettings},
    config::Config,
    events::{Listener, ResetGate},
    grpc::routes,
    storage::{Migrator, SeaStore},
};

/// What the service needs from the process.
pub struct Deps {
    /// Its own database.
    pub database: Database,
    /// The message bus.
    pub bus: Arc<dyn EventBus>,
    /// To authentication.
    pub authentication: Transport,
    /// To tenant-config.
    pub tenant_config: Transport,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Arc<dyn Random>,
    /// What the deployment decides.
    pub config: Config,
}

/// The service, ready to be served and started.
pub struct Built {
    /// Its gRPC methods behind the allow list.
    pub routes: Routes,
    users: Arc<Users>,
    bus: Arc<dyn EventBus>,
    relay: Arc<Relay>,
    reconciler: Arc<Reconciler>,
    reconcile_every: Duration,
}

/// Brings the database up to date and joins the parts.
///
/// # Errors
/// The database's.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    deps.database.migrate::<Migrator>().await?;
    let outbox = SeaOutbox::new(deps.database.writer().clone());
    if deps.config.void_leases_at_start {
        outbox.void_leases().await?;
    }
    let store = Arc::new(SeaStore::new(deps.database));
    let groups = Arc::new(Groups { store: store.clone(), clock: Arc::clone(&deps.clock), random: Arc::clone(&deps.random) });
    let users = Arc::new(Users {
        store,
        accounts: Arc::new(GrpcAccounts(deps.authentication)),
        settings: Arc::new(GrpcSettings(deps.tenant_config)),
        clock: Arc::clone(&deps.clock),
        random: deps.random,
        wake_relay: Arc::new(Notify::new()),
    });
    let gate = Arc::new(ResetGate(Arc::clone(&users)));
    let relay = Relay { service: "scim", outbox: Arc::new(outbox), bus: Arc::clone(&deps.bus), gate, clock: deps.clock };
    Ok(Built {
        routes: routes(&users, &groups),
        reconciler: Arc::new(Reconciler::new(Arc::clone(&users))),
        users,
        bus: deps.bus,
        relay: Arc::new(relay),
        reconcile_every: deps.config.reconcile_every,
    })
}

impl Built {
    /// Listens to events, and starts the reconciler and the relay of the outbox.
    ///
    /// # Errors
    /// When the bus cannot be reached.
    pub async fn start(&self, lifecycle: &Lifecycle) -> Result<(), Failure> {
        let listener = Arc::new(Listener(Arc::clone(&self.users)));
        let subscribed = self.bus.subscribe(Listener::subscription(), listener).await;
        subscribed.map_err(|error| Failure::unavailable("scim could not subscribe to the message bus").because(error))?;
        let reconciler = Arc::clone(&self.reconciler);
        lifecycle.every("scim reconciler", self.reconcile_every, Arc::new(Notify::new()), move || {
            let reconciler = Arc::clone(&reconciler);
            async move { reconciler.pass().await }
        });
        let relay = Arc::clone(&self.relay);
        lifecycle.every("scim relay", Duration::from_secs(1), Arc::clone(&self.users.wake_relay), move || {
            let relay = Arc::clone(&relay);
            async move { relay.pass().await }
        });
        Ok(())
    }
}
