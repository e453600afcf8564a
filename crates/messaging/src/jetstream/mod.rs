//! NATS JetStream: the bus between processes.
//!
//! What is measured in the field stands behind each choice: limits retention (others forget duplicates after a restart), one
//! durable pull consumer for each kind of event (the smallest permissions), no prefetching beyond what is handled at once, no
//! delivery limit (the server would hide the message, not the trouble), reconnection for ever.

mod deliver;
mod envelope;
mod provision;

use async_nats::{
    Client, ConnectOptions, Event as ConnectionEvent,
    jetstream::{self, Context, context::PublishErrorKind},
};
use async_trait::async_trait;
use rekey_kernel::Secret;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    select,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{BusError, Event, EventBus, Handler, Subscription};

/// The stream that holds every event.
pub const STREAM: &str = "REKEY";
/// Its name in traces.
const SYSTEM: &str = "nats";
/// How long a publish may take.
const PUBLISH: Duration = Duration::from_secs(5);
/// How often the stream is looked after, and how soon again while it is not there.
const PROVISION: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(1);
/// How often the connection is tried out.
const PING: Duration = Duration::from_secs(10);

/// How to reach the bus, and as whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// `nats://…` or `tls://…`, several with commas.
    pub url: String,
    /// The service's name: its connection, its inbox and its consumers carry it.
    pub service: String,
    /// The seed of the service's nkey; absent where the server asks for none.
    pub nkey_seed: Option<Secret>,
    /// The authority that signed the server's certificate.
    pub ca_file: Option<PathBuf>,
    /// May this service make and mend the stream? Exactly one service does.
    pub owns_stream: bool,
    /// How many servers keep each event.
    pub replicas: usize,
}

/// The bus of several processes.
#[derive(Clone)]
pub struct JetStreamBus {
    config: Arc<Config>,
    client: Client,
    context: Context,
    draining: CancellationToken,
    tasks: TaskTracker,
}

impl JetStreamBus {
    /// Begins to connect, and goes on in the background for ever: the order in which processes start does not matter. From
    /// `draining` on no event is taken any more; [`JetStreamBus::drained`] waits for those that were.
    ///
    /// # Errors
    /// When the address or the seed is none, or the certificate cannot be read.
    pub async fn connect(config: Config, draining: CancellationToken) -> Result<Self, BusError> {
        let client = options(&config).connect(config.url.split(',').map(str::trim).collect::<Vec<_>>()).await;
        let client = client.map_err(|error| BusError::Unavailable(error.to_string()))?;
        let context = jetstream::context::ContextBuilder::new().timeout(PUBLISH).ack_timeout(PUBLISH).build(client.clone());
        let bus = Self { config: Arc::new(config), client, context, draining, tasks: TaskTracker::new() };
        if bus.config.owns_stream {
            bus.tasks.spawn(bus.clone().keep_stream());
        }
        Ok(bus)
    }

    /// Makes the stream as soon as the server is there, and again when somebody wiped it.
    async fn keep_stream(self) {
        while !self.draining.is_cancelled() {
            let pause = if self.ready().await.is_ok() { PROVISION } else { RETRY };
            select! {
                () = self.draining.cancelled() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Is the bus there, new enough, and the stream as it should be?
    ///
    /// # Errors
    /// What is wrong, for whoever looks at the health of the process.
    pub async fn ready(&self) -> Result<(), BusError> {
        provision::check_connection(&self.client)?;
        if self.config.owns_stream { provision::ensure_stream(&self.context, self.config.replicas).await } else { Ok(()) }
    }

    /// Waits until the events that were taken are handled, and says goodbye to the server.
    pub async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        if let Err(error) = self.client.drain().await {
            tracing::debug!(%error, "the connection to the bus was gone already");
        }
    }
}

fn options(config: &Config) -> ConnectOptions {
    let mut options = config.nkey_seed.as_ref().map_or_else(ConnectOptions::new, |seed| ConnectOptions::with_nkey(seed.expose().to_owned()));
    if let Some(path) = &config.ca_file {
        options = options.add_root_certificates(path.clone()).require_tls(true);
    }
    options
        .name(format!("rekey-{}", config.service))
        .custom_inbox_prefix(format!("_INBOX_{}", config.service))
        .retry_on_initial_connect()
        .max_reconnects(None)
        .ping_interval(PING)
        .event_callback(|event| async move { log(&event) })
}

/// Violated permissions appear here and nowhere else: the call itself just times out.
fn log(event: &ConnectionEvent) {
    match event {
        ConnectionEvent::Connected => tracing::info!("connected to the bus"),
        ConnectionEvent::ServerError(error) => tracing::error!(%error, "the bus refused something"),
        ConnectionEvent::ClientError(error) => tracing::warn!(%error, "trouble with the bus"),
        other => tracing::warn!(event = %other, "the connection to the bus changed"),
    }
}

#[async_trait]
impl EventBus for JetStreamBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        // An old server would take it, and lose it.
        provision::check_connection(&self.client)?;
        let published = timeout(PUBLISH, self.publish_once(event)).await.unwrap_or(Err(PublishErrorKind::TimedOut));
        match published {
            Ok(()) => Ok(()),
            Err(PublishErrorKind::StreamNotFound) if self.config.owns_stream => {
                provision::ensure_stream(&self.context, self.config.replicas).await?;
                Err(BusError::Unavailable("the stream was gone and is there again".to_owned()))
            }
            Err(kind) => Err(BusError::Unavailable(kind.to_string())),
        }
    }

    async fn subscribe(&self, subscription: Subscription, handler: Arc<dyn Handler>) -> Result<(), BusError> {
        for kind in subscription.kinds {
            let delivery = deliver::Delivery {
                context: self.context.clone(),
                client: self.client.clone(),
                durable: format!("{}_{kind}", subscription.durable),
                kind,
                concurrency: subscription.concurrency.max(1),
                handler: Arc::clone(&handler),
                draining: self.draining.clone(),
            };
            self.tasks.spawn(delivery.run());
        }
        Ok(())
    }

    fn system(&self) -> &'static str {
        SYSTEM
    }
}

impl JetStreamBus {
    async fn publish_once(&self, event: &Event) -> Result<(), PublishErrorKind> {
        let sent = self.context.publish_with_headers(event.bus_subject(), envelope::headers(event), event.payload.clone()).await;
        sent.map_err(|error| error.kind())?.await.map(drop).map_err(|error| error.kind())
    }
}
