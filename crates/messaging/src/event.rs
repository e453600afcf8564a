//! The envelope: CloudEvents 1.0 attributes around a protobuf message of `rekey.events.v1`.

use bytes::Bytes;
use rekey_kernel::{TenantId, Timestamp};
use std::{fmt, str::FromStr};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $subject:literal, $message:literal, $source:literal;)*) => {
        /// What happened. Each kind has one protobuf message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The last token of the subject.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $subject,)* }
            }

            /// The message's full name: `ce-type`.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => concat!("rekey.events.v1.", $message),)* }
            }

            /// The service that publishes it: `ce-source`.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => concat!("/rekey/", $source),)* }
            }
        }
    };
}

kinds! {
    /// A reset has begun.
    ForcePasswordReset = "force_password_reset", "ForcePasswordReset", "scim";
    /// The mail was accepted, or none was due.
    PasswordResetNotified = "password_reset_notified", "PasswordResetNotified", "notification";
    /// The mail will never arrive.
    PasswordResetUndeliverable = "password_reset_undeliverable", "PasswordResetUndeliverable", "notification";
    /// A new password is set.
    PasswordResetCompleted = "password_reset_completed", "PasswordResetCompleted", "authentication";
    /// An administrator took the reset back.
    PasswordResetCancelled = "password_reset_cancelled", "PasswordResetCancelled", "authentication";
    /// The reset's time ran out.
    PasswordResetExpired = "password_reset_expired", "PasswordResetExpired", "authentication";
    /// The reset's guesses ran out and no other way in is left.
    PasswordResetExhausted = "password_reset_exhausted", "PasswordResetExhausted", "authentication";
    /// All sessions of a user are dead.
    SessionRevoked = "session_revoked", "SessionRevoked", "authentication";
    /// A tenant's configuration changed.
    ConfigChanged = "config_changed", "ConfigChanged", "tenant-config";
}

impl fmt::Display for EventKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, ParseKindError> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| ParseKindError(text.to_owned()))
    }
}

/// The text names no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event of ours")]
pub struct ParseKindError(String);

/// An event on its way. It carries ids and reasons, never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `ce-id`: the same on every republishing. A reset's own events carry the reset's id in their message.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// In which tenant: a token of the subject.
    pub tenant: TenantId,
    /// `ce-subject`: the user's id, or what else it is about.
    pub subject: String,
    /// `ce-time`.
    pub occurred_at: Timestamp,
    /// The protobuf message.
    pub payload: Bytes,
    /// How often it has been published before. Brokers that drop duplicates see [`Event::message_id`], which differs each time.
    pub generation: u32,
    /// W3C trace context of the request that caused it.
    pub traceparent: Option<String>,
}

impl Event {
    /// An event that has not been published yet.
    pub fn new(
        id: impl Into<String>,
        kind: EventKind,
        tenant: TenantId,
        subject: impl Into<String>,
        occurred_at: Timestamp,
        payload: impl Into<Bytes>,
    ) -> Self {
        Self { id: id.into(), kind, tenant, subject: subject.into(), occurred_at, payload: payload.into(), generation: 0, traceparent: None }
    }

    /// The subject that it is published under.
    pub fn bus_subject(&self) -> String {
        format!("rekey.v1.{}.{}", self.tenant, self.kind)
    }

    /// `Nats-Msg-Id`.
    pub fn message_id(&self) -> String {
        format!("{}:{}", self.id, self.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
    }

    #[test]
    fn subject_and_message_id_follow_the_contract() {
        let event = Event::new("e1", EventKind::ForcePasswordReset, TenantId::DEFAULT, "u1", Timestamp::from_micros(0), Bytes::new());
        assert_eq!(event.bus_subject(), "rekey.v1.00000000-0000-0000-0000-000000000001.force_password_reset");
        assert_eq!(event.message_id(), "e1:0");
    }
}
