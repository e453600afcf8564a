//! Puts the service together: the only file that knows every concrete type.

use rekey_kernel::{Clock, Failure, Random};
use rekey_messaging::{
    EventBus,
    outbox::{OpenGate, OutboxStore, Relay, SeaOutbox},
};
use rekey_runtime::{database::Database, grpc::Transport, lifecycle::Lifecycle};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    select,
    sync::{Notify, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;

use crate::{
    app::{accept::Intake, deliver::Deliverer, deliveries::Deliveries, dispatch::Dispatcher, observe},
    clients::{GrpcRecipients, GrpcSecrets, GrpcTemplates},
    config::{Config, Route},
    domain::{breaker::Breaker, mail::Sender},
    events::{Resets, subscription},
    grpc::routes,
    mailer::{MailboxMailer, SmtpMailer, session::Deadlines},
    ports::Mailer,
    storage::{Migrator, SeaStore},
};

const EVERY_SECOND: Duration = Duration::from_secs(1);

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
    /// To tenant-config.
    pub tenant_config: Transport,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For spreading retries.
    pub random: Arc<dyn Random>,
    /// What the deployment decides.
    pub config: Config,
}

/// The service, ready to be served and started.
pub struct Built {
    /// Its gRPC methods behind the allow list.
    pub routes: Routes,
    bus: Arc<dyn EventBus>,
    intake: Arc<Intake>,
    dispatcher: Arc<Dispatcher>,
    relay: Arc<Relay>,
    wake_relay: Arc<Notify>,
}

/// Brings the database up to date and joins the parts.
///
/// # Errors
/// The database's; `Invalid` for a configuration that no mail can be sent with.
pub async fn build(deps: Deps) -> Result<Built, Failure> {
    let (from, mailer) = (deps.config.sender()?, mailer(&deps.config)?);
    observe::begin();
    deps.database.migrate::<Migrator>().await?;
    let store = SeaStore::new(deps.database.clone());
    let outbox = SeaOutbox::new(deps.database.writer().clone());
    if deps.config.void_leases_at_start {
        store.void_leases().await?;
        outbox.void_leases().await?;
    }
    let (wake, wake_relay, bus) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::clone(&deps.bus));
    let relay = Relay { service: "notification", outbox: Arc::new(outbox), bus: Arc::clone(&bus), gate: Arc::new(OpenGate), clock: Arc::clone(&deps.clock) };
    let store = Arc::new(store);
    let intake = Intake {
        jobs: Arc::clone(&store) as _,
        dead_letters: Arc::clone(&store) as _,
        from: from.clone(),
        clock: Arc::clone(&deps.clock),
        wake: Arc::clone(&wake),
        wake_relay: Arc::clone(&wake_relay),
    };
    let routes = routes(Arc::new(Deliveries { jobs: Arc::clone(&store) as _ }));
    let dispatcher = dispatcher(deps, store, mailer, from, (wake, Arc::clone(&wake_relay)));
    Ok(Built { routes, bus, intake: Arc::new(intake), dispatcher: Arc::new(dispatcher), relay: Arc::new(relay), wake_relay })
}

fn mailer(config: &Config) -> Result<Arc<dyn Mailer>, Failure> {
    Ok(match config.route()? {
        Route::Server { host, port } => Arc::new(SmtpMailer::new(host, port, Deadlines::default())),
        Route::Mailbox(folder) => Arc::new(MailboxMailer::new(folder)),
    })
}

fn dispatcher(deps: Deps, store: Arc<SeaStore>, mailer: Arc<dyn Mailer>, from: Sender, (wake, wake_relay): (Arc<Notify>, Arc<Notify>)) -> Dispatcher {
    let concurrency = deps.config.concurrency.max(1);
    let deliverer = Deliverer {
        jobs: Arc::clone(&store) as _,
        recipients: Arc::new(GrpcRecipients(deps.scim)),
        secrets: Arc::new(GrpcSecrets(deps.authentication)),
        templates: Arc::new(GrpcTemplates(deps.tenant_config)),
        mailer,
        breaker: Mutex::new(Breaker::default()),
        from,
        public_base: deps.config.public_base,
        clock: Arc::clone(&deps.clock),
        random: deps.random,
        wake_relay,
    };
    Dispatcher {
        jobs: store,
        deliverer: Arc::new(deliverer),
        permits: Arc::new(Semaphore::new(concurrency)),
        tasks: TaskTracker::new(),
        clock: deps.clock,
        wake,
    }
}

impl Built {
    /// Starts to hear of resets, to send mails, and to tell what became of them.
    ///
    /// # Errors
    /// The bus's.
    pub async fn start(&self, lifecycle: &Lifecycle) -> Result<(), Failure> {
        let relay = Arc::clone(&self.relay);
        lifecycle.every("notification relay", EVERY_SECOND, Arc::clone(&self.wake_relay), move || {
            let relay = Arc::clone(&relay);
            async move { relay.pass().await }
        });
        lifecycle.spawn("notification sender", send(Arc::clone(&self.dispatcher), lifecycle.draining().clone()));
        let handler = Arc::new(Resets(Arc::clone(&self.intake)));
        let subscribed = self.bus.subscribe(subscription(), handler).await;
        subscribed.map_err(|error| Failure::unavailable("the message bus is not available").because(error))
    }
}

/// Sends until the process ends, then finishes what is on its way.
async fn send(dispatcher: Arc<Dispatcher>, draining: CancellationToken) {
    while !draining.is_cancelled() {
        dispatcher.pass().await;
        select! {
            () = draining.cancelled() => {}
            _elapsed_or_woken = timeout(EVERY_SECOND, dispatcher.wake.notified()) => {}
        }
    }
    dispatcher.drain().await;
}
