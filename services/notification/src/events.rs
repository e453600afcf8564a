//! The events that come in and go out.

use async_trait::async_trait;
use prost::Message;
use rekey_kernel::{Methods, Timestamp};
use rekey_messaging::{Event, EventKind, Handler, Outcome, Subscription};
use rekey_proto::events::v1::{ForcePasswordReset, PasswordResetNotified, PasswordResetUndeliverable};
use std::{sync::Arc, time::Duration};

use crate::{app::accept::Intake, domain::job::Order, ports::DeadLetter};

const RETRY: Duration = Duration::from_secs(1);

/// What this service wants to hear.
pub fn subscription() -> Subscription {
    Subscription { durable: "notification".to_owned(), kinds: vec![EventKind::ForcePasswordReset], concurrency: 16 }
}

/// Takes in `force_password_reset`.
pub struct Resets(pub Arc<Intake>);

#[async_trait]
impl Handler for Resets {
    async fn handle(&self, event: &Event) -> Outcome {
        match order(event) {
            Ok(order) => match self.0.accept(&order).await {
                Ok(()) => Outcome::Done,
                Err(failure) => {
                    tracing::warn!(reset.id = %order.reset, %failure, "a reset could not be taken in; its event comes again");
                    Outcome::Retry(RETRY)
                }
            },
            Err(reason) => self.discard(event, reason).await,
        }
    }
}

impl Resets {
    async fn discard(&self, event: &Event, reason: String) -> Outcome {
        let (id, kind, payload) = (event.id.clone(), event.kind.to_string(), event.payload.to_vec());
        let letter = DeadLetter { id, kind, tenant: event.tenant, reason: reason.clone(), payload };
        match self.0.discard(letter).await {
            Ok(()) => Outcome::Discard(reason),
            Err(_) => Outcome::Retry(RETRY),
        }
    }
}

/// What the event says, or what is wrong with it.
fn order(event: &Event) -> Result<Order, String> {
    if event.kind != EventKind::ForcePasswordReset {
        return Err(format!("`{}` is not an event that this service handles", event.kind));
    }
    let message = ForcePasswordReset::decode(event.payload.clone()).map_err(|error| format!("not a ForcePasswordReset: {error}"))?;
    let tenant = message.tenant_id.parse().map_err(|_| "its tenant id is none".to_owned())?;
    if tenant != event.tenant {
        return Err("its tenant is not the one of its subject".to_owned());
    }
    let methods = Methods::from_numbers(&message.methods);
    if methods.is_empty() {
        return Err("it names no method that is known here".to_owned());
    }
    Ok(Order {
        reset: message.reset_id.parse().map_err(|_| "its reset id is none".to_owned())?,
        tenant,
        user: message.user_id.parse().map_err(|_| "its user id is none".to_owned())?,
        epoch: message.epoch,
        methods,
        expires_at: Timestamp::from_micros(message.expires_at),
    })
}

/// The mail was accepted, or none was due.
pub fn notified(order: &Order, channels: &Methods, at: Timestamp) -> Event {
    let message = PasswordResetNotified {
        reset_id: order.reset.to_string(),
        tenant_id: order.tenant.to_string(),
        user_id: order.user.to_string(),
        epoch: order.epoch,
        channels: channels.numbers(),
        occurred_at: at.as_micros(),
    };
    event(order, EventKind::PasswordResetNotified, at, message.encode_to_vec())
}

/// The mail will never arrive.
pub fn undeliverable(order: &Order, reason: &str, at: Timestamp) -> Event {
    let message = PasswordResetUndeliverable {
        reset_id: order.reset.to_string(),
        tenant_id: order.tenant.to_string(),
        user_id: order.user.to_string(),
        epoch: order.epoch,
        reason: reason.to_owned(),
        occurred_at: at.as_micros(),
    };
    event(order, EventKind::PasswordResetUndeliverable, at, message.encode_to_vec())
}

fn event(order: &Order, kind: EventKind, at: Timestamp, payload: Vec<u8>) -> Event {
    Event::new(format!("{}:{kind}", order.reset), kind, order.tenant, order.user.to_string(), at, payload)
}
