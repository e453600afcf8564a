//! Taking in that a reset has begun.

use rekey_kernel::{Clock, Failure, crash};
use std::sync::Arc;
use tokio::sync::Notify;

use crate::{
    domain::{
        job::{MailKind, Order},
        mail::Sender,
    },
    ports::{Accepted, DeadLetter, DeadLetters, Jobs},
};

/// The use cases about events that come in.
pub struct Intake {
    /// Where jobs are kept.
    pub jobs: Arc<dyn Jobs>,
    /// Where events are kept that nobody can make sense of.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// Who mails come from.
    pub from: Sender,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Wakes the dispatcher.
    pub wake: Arc<Notify>,
    /// Wakes the relay of the outbox.
    pub wake_relay: Arc<Notify>,
}

impl Intake {
    /// A reset has begun: from now on its mail goes out, whatever dies.
    ///
    /// # Errors
    /// The store's: the event has to come again.
    #[tracing::instrument(name = "notification.mail.accept", skip_all, fields(tenant.id = %order.tenant, user.id = %order.user, reset.id = %order.reset))]
    pub async fn accept(&self, order: &Order) -> Result<(), Failure> {
        let message_id = self.from.message_id(MailKind::Reset, order.reset);
        let accepted = self.jobs.accept(order, &message_id, self.clock.now()).await?;
        crash::point("notification.job.inserted");
        tracing::debug!(reset.id = %order.reset, ?accepted, "a reset is to be notified");
        match accepted {
            Accepted::New => self.wake.notify_one(),
            Accepted::Known => self.wake_relay.notify_one(),
        }
        Ok(())
    }

    /// An event that can never be handled.
    ///
    /// # Errors
    /// The store's: the event has to come again.
    pub async fn discard(&self, letter: DeadLetter) -> Result<(), Failure> {
        tracing::error!(event.id = letter.id, event.kind = letter.kind, reason = letter.reason, "an event makes no sense; it is kept as a dead letter");
        self.dead_letters.keep(&letter, self.clock.now()).await
    }
}
