//! The envelope as NATS headers: CloudEvents 1.0 attributes, the message id, the trace.

use async_nats::{HeaderMap, Message, header::NATS_MESSAGE_ID};
use rekey_kernel::{TenantId, Timestamp};

use crate::{Event, EventKind};

const PROTOBUF: &str = "application/protobuf";
const TRACEPARENT: &str = "traceparent";

pub(super) fn headers(event: &Event) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, event.message_id());
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", event.id.as_str());
    headers.insert("ce-source", event.kind.source());
    headers.insert("ce-type", event.kind.message());
    headers.insert("ce-subject", event.subject.as_str());
    headers.insert("ce-time", event.occurred_at.to_rfc3339());
    headers.insert("content-type", PROTOBUF);
    headers.insert("ce-datacontenttype", PROTOBUF);
    if let Some(traceparent) = &event.traceparent {
        headers.insert(TRACEPARENT, traceparent.as_str());
    }
    headers
}

/// The event of a message; `None` when it is none of ours.
pub(super) fn event(message: &Message) -> Option<Event> {
    let mut tokens = message.subject.strip_prefix("rekey.v1.")?.split('.');
    let tenant: TenantId = tokens.next()?.parse().ok()?;
    let kind: EventKind = tokens.next()?.parse().ok()?;
    let headers = message.headers.as_ref()?;
    let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned());
    // A genuine event under the subject of another kind: somebody had the server send it there as an answer.
    if text("ce-type")? != kind.message() {
        return None;
    }
    let occurred_at = Timestamp::parse_rfc3339(&text("ce-time")?)?;
    let generation = text("Nats-Msg-Id").and_then(|id| id.rsplit_once(':')?.1.parse().ok()).unwrap_or_default();
    let event = Event::new(text("ce-id")?, kind, tenant, text("ce-subject").unwrap_or_default(), occurred_at, message.payload.clone());
    Some(Event { generation, traceparent: text(TRACEPARENT), ..event })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_arrives_as_it_was_sent() {
        let sent = Event {
            generation: 3,
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            ..Event::new("id", EventKind::ForcePasswordReset, TenantId::DEFAULT, "user", Timestamp::from_micros(1_700_000_000_123_456), vec![1, 2])
        };
        let message = Message {
            subject: sent.bus_subject().into(),
            reply: None,
            payload: sent.payload.clone(),
            headers: Some(headers(&sent)),
            status: None,
            description: None,
            length: 0,
        };
        assert_eq!(event(&message), Some(sent));
        assert_eq!(event(&Message { subject: "rekey.v1.x".into(), ..message.clone() }), None);
        let another = message.subject.replace("force_password_reset", "password_reset_notified");
        assert_eq!(event(&Message { subject: another.into(), ..message }), None);
    }
}
