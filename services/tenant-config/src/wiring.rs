//! Puts the service together: the only file that knows every concrete type.

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
    app::{claims::ClaimDialects, governance::Governance, templates::MailTemplates, tenants::TenantDirectory},
    clients::GrpcUsers,
    config::Config,
    grpc::{UseCases, routes},
    storage::{Migrator, SeaStore},
};

/// What the service needs from the process.
pub struct Deps {
    /// Its own database.
    pub database: Database,
    /// The message bus.
    pub bus: Arc<dyn EventBus>,
    /// To scim.
    pub scim: Transport,
    /// To authentication.
    pub authentication: Transport,
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
    relay: Arc<Relay>,
    wake_relay: Arc<Notify>,
}

/// Brings the database up to date and joins the parts.
///
/// # Errors
/// The database's.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    deps.database.migrate::<Migrator>().await?;
    let wake_relay = Arc::new(Notify::new());
    let store = SeaStore::new(deps.database.clone(), Arc::clone(&wake_relay));
    store.ensure_default(deps.clock.now()).await?;
    let outbox = SeaOutbox::new(deps.database.writer().clone());
    if deps.config.void_leases_at_start {
        outbox.void_leases().await?;
    }
    let clock = Arc::clone(&deps.clock);
    let relay = Relay { service: "tenant-config", outbox: Arc::new(outbox), bus: Arc::clone(&deps.bus), gate: Arc::new(OpenGate), clock };
    Ok(Built { routes: routes(use_cases(deps, store)), relay: Arc::new(relay), wake_relay })
}

fn use_cases(deps: Deps, store: SeaStore) -> UseCases {
    let store = Arc::new(store);
    let clock = deps.clock;
    let governance = Governance { defaults: Arc::new(deps.config.defaults), settings: Arc::clone(&store) as _, clock: Arc::clone(&clock) };
    let governance = Arc::new(governance);
    let tenants = TenantDirectory {
        tenants: Arc::clone(&store) as _,
        users: Arc::new(GrpcUsers { scim: deps.scim, authentication: deps.authentication }),
        governance: Arc::clone(&governance),
        clock: Arc::clone(&clock),
        random: deps.random,
    };
    UseCases {
        tenants: Arc::new(tenants),
        governance,
        claims: Arc::new(ClaimDialects { claims: Arc::clone(&store) as _, clock: Arc::clone(&clock) }),
        templates: Arc::new(MailTemplates { templates: store, clock }),
    }
}

impl Built {
    /// Starts the relay of the outbox.
    pub fn start(&self, lifecycle: &Lifecycle) {
        let relay = Arc::clone(&self.relay);
        lifecycle.every("tenant-config relay", Duration::from_secs(1), Arc::clone(&self.wake_relay), move || {
            let relay = Arc::clone(&relay);
            async move { relay.pass().await }
        });
    }
}
