//! The event that scim publishes, and those that it hears.

use async_trait::async_trait;
use bytes::Bytes;
use prost::Message;
use rekey_kernel::{Failure, Kind, ResetId, TenantId, Timestamp, UserId};
use rekey_messaging::{
    Event, EventKind, Handler, Outcome as Handled, Subscription,
    outbox::{Admission, Gate},
};
use rekey_proto::events::v1 as proto;
use std::{sync::Arc, time::Duration};

use crate::{
    app::Users,
    domain::{Intent, IntentReset, Progress},
};

/// The event of an intent's reset. Its `ce-id` is the reset's id. Epoch and end are known only once the intent is applied.
pub fn force_password_reset(intent: &Intent, reset: &IntentReset) -> Event {
    let (epoch, expires_at) = match intent.progress {
        Progress::Finished { epoch, expires_at, .. } => (epoch, expires_at.as_micros()),
        Progress::Unfinished => (0, 0),
    };
    let message = proto::ForcePasswordReset {
        reset_id: intent.id.to_string(),
        tenant_id: intent.tenant.to_string(),
        user_id: intent.user.to_string(),
        epoch,
        methods: reset.methods.numbers(),
        reason: reset.reason.clone(),
        initiator: intent.initiator.clone(),
        occurred_at: intent.created.as_micros(),
        expires_at,
    };
    let occurred_at = Timestamp::from_micros(message.occurred_at);
    Event::new(event_id(intent.id.into()), EventKind::ForcePasswordReset, intent.tenant, message.user_id.clone(), occurred_at, message.encode_to_vec())
}

/// Under which id the reset's announcement lies in the outbox.
pub fn event_id(reset: ResetId) -> String {
    reset.to_string()
}

/// Sees to it that a reset is in force before the world hears of it.
pub struct ResetGate(pub Arc<Users>);

#[async_trait]
impl Gate for ResetGate {
    async fn admit(&self, event: &Event) -> Result<Admission, Failure> {
        let announceable = match event.id.parse() {
            Ok(reset) => self.0.announceable(reset, event.generation > 0).await?,
            Err(_) => None,
        };
        Ok(if announceable.is_some() { Admission::Publish } else { Admission::Close })
    }

    async fn complete(&self, event: Event) -> Result<Event, Failure> {
        let vanished = || Failure::unavailable("the reset's intent is gone");
        let reset = event.id.parse().map_err(|_| vanished())?;
        let intent = self.0.announceable(reset, false).await?.ok_or_else(vanished)?;
        let ordered = intent.reset.as_ref().ok_or_else(vanished)?;
        Ok(Event { payload: force_password_reset(&intent, ordered).payload, ..event })
    }
}

/// Follows what becomes of resets.
pub struct Listener(pub Arc<Users>);

impl Listener {
    /// What it wants to hear.
    pub fn subscription() -> Subscription {
        let kinds = vec![
            EventKind::PasswordResetCompleted,
            EventKind::PasswordResetCancelled,
            EventKind::PasswordResetExpired,
            EventKind::PasswordResetExhausted,
            EventKind::PasswordResetNotified,
            EventKind::PasswordResetUndeliverable,
        ];
        Subscription { durable: "scim".to_owned(), kinds, concurrency: 8 }
    }

    async fn follow(&self, event: &Event) -> Result<(), Failure> {
        let news = News::read(event).ok_or_else(|| Failure::invalid("invalidEvent", "the event cannot be read"))?;
        match news {
            News::Told(reset) => self.0.confirm(reset).await,
            News::Changed(tenant, user) => self.0.refresh(tenant, &[user]).await,
        }
    }
}

#[async_trait]
impl Handler for Listener {
    async fn handle(&self, event: &Event) -> Handled {
        match self.follow(event).await {
            Ok(()) => Handled::Done,
            Err(failure) if failure.is(Kind::Invalid) => {
                tracing::error!(event = %event.kind, id = event.id, %failure, "an event is discarded");
                Handled::Discard(failure.detail)
            }
            Err(failure) => {
                tracing::warn!(event = %event.kind, id = event.id, %failure, "an event has to come again");
                Handled::Retry(Duration::from_secs(1))
            }
        }
    }
}

/// What an event means here.
enum News {
    /// The user was told of the reset, or never will be.
    Told(ResetId),
    /// The account is different now.
    Changed(TenantId, UserId),
}

impl News {
    fn read(event: &Event) -> Option<Self> {
        let payload = event.payload.clone();
        match event.kind {
            EventKind::PasswordResetNotified => told(&decoded::<proto::PasswordResetNotified>(payload)?.reset_id),
            EventKind::PasswordResetUndeliverable => told(&decoded::<proto::PasswordResetUndeliverable>(payload)?.reset_id),
            EventKind::PasswordResetCompleted => changed(event.tenant, &decoded::<proto::PasswordResetCompleted>(payload)?.user_id),
            EventKind::PasswordResetCancelled => changed(event.tenant, &decoded::<proto::PasswordResetCancelled>(payload)?.user_id),
            EventKind::PasswordResetExpired => changed(event.tenant, &decoded::<proto::PasswordResetExpired>(payload)?.user_id),
            EventKind::PasswordResetExhausted => changed(event.tenant, &decoded::<proto::PasswordResetExhausted>(payload)?.user_id),
            _ => None,
        }
    }
}

fn decoded<M: Message + Default>(payload: Bytes) -> Option<M> {
    M::decode(payload).ok()
}

fn told(reset: &str) -> Option<News> {
    reset.parse().ok().map(News::Told)
}

fn changed(tenant: TenantId, user: &str) -> Option<News> {
    user.parse().ok().map(|user| News::Changed(tenant, user))
}
