//! Events: ours on their way out, and those of others that concern us.

use async_trait::async_trait;
use prost::Message;
use rekey_kernel::{Failure, Kind, ResetId, TenantId, Timestamp, UserId};
use rekey_messaging::{Event as Envelope, EventKind, Handler, Outcome, Subscription};
use rekey_proto::events::v1 as proto;
use std::{sync::Arc, time::Duration};

use crate::{
    app::Core,
    domain::{CompletedBy, Event, Reset},
};

/// How soon an event that could not be handled is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// The event as it goes into the outbox. Its id says what happened to what, so that nothing is told twice.
pub(crate) fn envelope(event: &Event) -> Envelope {
    match event {
        Event::Completed(reset, by, at) => of_reset(reset, EventKind::PasswordResetCompleted, *at, &completed(reset, *by, *at)),
        Event::Cancelled(reset, at) => of_reset(reset, EventKind::PasswordResetCancelled, *at, &cancelled(reset, *at)),
        Event::Expired(reset, at) => of_reset(reset, EventKind::PasswordResetExpired, *at, &expired(reset, *at)),
        Event::Exhausted(reset, at) => of_reset(reset, EventKind::PasswordResetExhausted, *at, &exhausted(reset, *at)),
        Event::SessionRevoked { tenant, user, reason, at } => revoked(*tenant, *user, reason, *at),
    }
}

fn of_reset(reset: &Reset, kind: EventKind, at: Timestamp, message: &impl Message) -> Envelope {
    let id = format!("{}:{}", reset.id, kind.as_str());
    Envelope::new(id, kind, reset.tenant, reset.user.to_string(), at, message.encode_to_vec())
}

fn completed(reset: &Reset, by: CompletedBy, at: Timestamp) -> proto::PasswordResetCompleted {
    let [reset_id, tenant_id, user_id] = ids(reset);
    let completed_by = by.as_str().to_owned();
    proto::PasswordResetCompleted { reset_id, tenant_id, user_id, epoch: reset.epoch, completed_by, occurred_at: at.as_micros() }
}

fn cancelled(reset: &Reset, at: Timestamp) -> proto::PasswordResetCancelled {
    let [reset_id, tenant_id, user_id] = ids(reset);
    proto::PasswordResetCancelled { reset_id, tenant_id, user_id, epoch: reset.epoch, occurred_at: at.as_micros() }
}

fn expired(reset: &Reset, at: Timestamp) -> proto::PasswordResetExpired {
    let [reset_id, tenant_id, user_id] = ids(reset);
    proto::PasswordResetExpired { reset_id, tenant_id, user_id, epoch: reset.epoch, occurred_at: at.as_micros() }
}

fn exhausted(reset: &Reset, at: Timestamp) -> proto::PasswordResetExhausted {
    let [reset_id, tenant_id, user_id] = ids(reset);
    proto::PasswordResetExhausted { reset_id, tenant_id, user_id, epoch: reset.epoch, occurred_at: at.as_micros() }
}

fn revoked(tenant: TenantId, user: UserId, reason: &str, at: Timestamp) -> Envelope {
    let message = proto::SessionRevoked { tenant_id: tenant.to_string(), user_id: user.to_string(), reason: reason.to_owned(), occurred_at: at.as_micros() };
    let id = format!("{user}:{}:{reason}", at.as_micros());
    Envelope::new(id, EventKind::SessionRevoked, tenant, user.to_string(), at, message.encode_to_vec())
}

fn ids(reset: &Reset) -> [String; 3] {
    [reset.id.to_string(), reset.tenant.to_string(), reset.user.to_string()]
}

/// What this service hears.
pub fn subscription() -> Subscription {
    Subscription { durable: "authentication".to_owned(), kinds: vec![EventKind::PasswordResetNotified], concurrency: 4 }
}

/// Notes when the mail of a reset was accepted.
pub(crate) struct Listener(pub(crate) Arc<Core>);

#[async_trait]
impl Handler for Listener {
    async fn handle(&self, event: &Envelope) -> Outcome {
        let Ok(message) = proto::PasswordResetNotified::decode(event.payload.clone()) else {
            return Outcome::Discard("the message cannot be decoded".to_owned());
        };
        let (Ok(tenant), Ok(reset)) = (message.tenant_id.parse::<TenantId>(), message.reset_id.parse::<ResetId>()) else {
            return Outcome::Discard("the message names no reset".to_owned());
        };
        if message.channels.is_empty() {
            // Nothing was mailed: nothing was sent.
            return Outcome::Done;
        }
        self.0.mail_sent(tenant, reset, Timestamp::from_micros(message.occurred_at)).await.map_or_else(|failure| retry(&failure), |()| Outcome::Done)
    }
}

fn retry(failure: &Failure) -> Outcome {
    if !failure.is(Kind::Unavailable) {
        tracing::error!(%failure, "an event could not be handled");
    }
    Outcome::Retry(RETRY)
}
