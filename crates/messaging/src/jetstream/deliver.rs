//! Takes events off one consumer and hands them to the handler.

use async_nats::{
    Client,
    jetstream::{
        AckKind, Context, Message,
        consumer::{Consumer, pull},
    },
};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{SYSTEM, envelope, provision};
use crate::{BusError, EventKind, Handler, Outcome, observe};

/// How long one pull waits for events.
const PULL: Duration = Duration::from_secs(2);
/// How long to wait after trouble.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Delivery {
    pub(super) context: Context,
    pub(super) client: Client,
    pub(super) durable: String,
    pub(super) kind: EventKind,
    pub(super) concurrency: usize,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) draining: CancellationToken,
}

impl Delivery {
    /// Goes on until the process ends, whatever becomes of the server, the stream or the consumer.
    pub(super) async fn run(self) {
        let mut handling = JoinSet::new();
        let places = Arc::new(Semaphore::new(self.concurrency));
        let mut told = String::new();
        while !self.draining.is_cancelled() {
            if let Err(error) = self.session(&places, &mut handling).await {
                self.tell(&error, &mut told);
                select! {
                    () = self.draining.cancelled() => {}
                    () = sleep(PAUSE) => {}
                }
            }
        }
        while handling.join_next().await.is_some() {}
    }

    /// The same trouble is told once.
    fn tell(&self, error: &BusError, told: &mut String) {
        let text = error.to_string();
        if *told != text {
            tracing::warn!(consumer = self.durable, error = text, "no events for the moment");
            *told = text;
        }
    }

    async fn session(&self, places: &Arc<Semaphore>, handling: &mut JoinSet<()>) -> Result<(), BusError> {
        provision::check_connection(&self.client)?;
        let consumer = provision::ensure_consumer(&self.context, &self.durable, self.kind).await?;
        while !self.draining.is_cancelled() {
            self.pull(&consumer, places, handling).await?;
            while handling.try_join_next().is_some() {}
        }
        Ok(())
    }

    /// One pull for as many events as there are free places, so that none waits here unhandled while another replica is idle.
    async fn pull(&self, consumer: &Consumer<pull::Config>, places: &Arc<Semaphore>, handling: &mut JoinSet<()>) -> Result<(), BusError> {
        let unavailable = |error: &dyn std::fmt::Display| BusError::Unavailable(error.to_string());
        let first = Arc::clone(places).acquire_owned().await.map_err(|error| unavailable(&error))?;
        let mut free: Vec<OwnedSemaphorePermit> = vec![first];
        free.extend(std::iter::from_fn(|| Arc::clone(places).try_acquire_owned().ok()));
        let mut batch = consumer.batch().max_messages(free.len()).expires(PULL).messages().await.map_err(|error| unavailable(&error))?;
        while let Some(message) = batch.next().await {
            let message = message.map_err(|error| unavailable(&error))?;
            let (consumer, handler) = (self.durable.clone(), Arc::clone(&self.handler));
            let place = free.pop();
            handling.spawn(async move {
                handle(&message, &consumer, handler.as_ref()).await;
                drop(place);
            });
        }
        Ok(())
    }
}

async fn handle(message: &Message, consumer: &str, handler: &dyn Handler) {
    let answer = if let Some(event) = envelope::event(message) {
        acknowledgement(observe::handle(SYSTEM, consumer, handler, &event).await)
    } else {
        tracing::error!(subject = %message.subject, "a message that is no event of ours was discarded");
        AckKind::Term
    };
    // An acknowledgement that is lost brings the event again: handlers are used to that.
    if let Err(error) = message.ack_with(answer).await {
        tracing::debug!(%error, "an acknowledgement was lost");
    }
}

fn acknowledgement(outcome: Outcome) -> AckKind {
    match outcome {
        Outcome::Done => AckKind::Ack,
        Outcome::Retry(after) => AckKind::Nak(Some(after)),
        Outcome::Discard(why) => {
            tracing::warn!(why, "an event was discarded");
            AckKind::Term
        }
    }
}
