//! Publishes what the outbox holds.

use async_trait::async_trait;
use rekey_kernel::{Clock, Failure, crash};
use std::{sync::Arc, time::Duration};
use tracing::Instrument;

use super::{Claim, Confirm, OutboxStore, Waiting};
use crate::{Event, EventBus, observe};

/// Leases last at most this long: a relay that died holds its rows no longer.
const LEASE: Duration = Duration::from_secs(15);
/// How many rows are claimed at once.
const BATCH: usize = 64;
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(1);
/// How long a confirmation may take at first, and at most, before the event is published again.
const CONFIRM: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(30));

/// What to do with an event that is about to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Publish it.
    Publish,
    /// There is nothing to tell any more: the row goes.
    Close,
}

/// Looks at each event before it is published.
#[async_trait]
pub trait Gate: Send + Sync {
    /// # Errors
    /// When it cannot be told yet: the event waits.
    async fn admit(&self, event: &Event) -> Result<Admission, Failure>;

    /// The event as it is published, once it is admitted: with what was not known yet when it was enqueued. It must be the same
    /// each time. As it stands unless a service says otherwise.
    ///
    /// # Errors
    /// When it cannot be told yet: the event waits.
    async fn complete(&self, event: Event) -> Result<Event, Failure> {
        Ok(event)
    }
}

/// Admits everything.
pub struct OpenGate;

#[async_trait]
impl Gate for OpenGate {
    async fn admit(&self, _event: &Event) -> Result<Admission, Failure> {
        Ok(Admission::Publish)
    }
}

/// Publishes what the outbox holds, again and again until it is done.
pub struct Relay {
    /// The service, for logs and crash points.
    pub service: &'static str,
    /// The rows.
    pub outbox: Arc<dyn OutboxStore>,
    /// Where they go.
    pub bus: Arc<dyn EventBus>,
    /// Looks at each before.
    pub gate: Arc<dyn Gate>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Relay {
    /// Publishes all that is due now. Run it whenever something was enqueued, and every second besides.
    pub async fn pass(&self) {
        self.publish_due().await;
        match self.outbox.waiting(self.clock.now()).await {
            Ok(Some(waiting)) => self.tell(waiting),
            Ok(None) => {}
            Err(failure) => tracing::debug!(service = self.service, %failure, "what waits in the outbox cannot be counted"),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody counts that many events")]
    fn tell(&self, waiting: Waiting) {
        metrics::gauge!("rekey_outbox_waiting_events", "service" => self.service).set(waiting.events as f64);
        metrics::gauge!("rekey_outbox_oldest_waiting_age_seconds", "service" => self.service).set(waiting.oldest.as_secs_f64());
    }

    async fn publish_due(&self) {
        // A batch that is not full is the last one: for whatever was enqueued since, this is run again.
        while self.publish_batch().await == BATCH {}
    }

    /// How many events there were.
    async fn publish_batch(&self) -> usize {
        let now = self.clock.now();
        let claims = match self.outbox.claim(now, now.after(LEASE), BATCH as u64).await {
            Ok(claims) => claims,
            Err(failure) => {
                tracing::warn!(service = self.service, %failure, "the outbox cannot be read");
                return 0;
            }
        };
        let events = claims.len();
        if events > 0 {
            crash::step(self.service, "relay.claimed");
        }
        for claim in claims {
            let span = observe::relaying(self.service, &claim.event);
            self.relay(claim).instrument(span).await;
        }
        events
    }

    async fn relay(&self, claim: Claim) {
        let settled = match self.gate.admit(&claim.event).await {
            Ok(Admission::Publish) => self.complete_and_publish(&claim).await,
            Ok(Admission::Close) => self.outbox.done(&claim).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = settled {
            tracing::warn!(service = self.service, event = %claim.event.kind, id = claim.event.id, %failure, "an event has to wait");
            // When this fails too, the lease runs out and the row is due again.
            let _waits = self.outbox.later(&claim, self.clock.now().after(RETRY), false).await;
        }
    }

    async fn complete_and_publish(&self, claim: &Claim) -> Result<(), Failure> {
        let event = self.gate.complete(claim.event.clone()).await?;
        self.publish(&Claim { event, ..claim.clone() }).await
    }

    async fn publish(&self, claim: &Claim) -> Result<(), Failure> {
        let published = tokio::time::timeout(LEASE, observe::publish(self.bus.as_ref(), &claim.event)).await;
        let late = |_| Failure::unavailable("the message bus took too long");
        published.map_err(late)?.map_err(|error| Failure::unavailable("the message bus did not take the event").because(error))?;
        crash::step(self.service, "relay.published");
        match claim.confirm {
            Confirm::OnPublish => self.outbox.done(claim).await,
            Confirm::EndToEnd => self.outbox.later(claim, self.clock.now().after(patience(claim.event.generation)), true).await,
        }
    }
}

/// How long to wait for the confirmation of an event that has been published this often before.
fn patience(generation: u32) -> Duration {
    (CONFIRM.0 * 2_u32.saturating_pow(generation.min(8))).min(CONFIRM.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_to_its_limit() {
        assert_eq!(patience(0), Duration::from_secs(10));
        assert_eq!(patience(1), Duration::from_secs(20));
        assert_eq!(patience(u32::MAX), Duration::from_secs(30));
    }
}
