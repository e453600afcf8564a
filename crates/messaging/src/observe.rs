//! What is told of events: spans that join a trace across the bus, and counts.

use rekey_kernel::trace;
use tracing::{Instrument, Span, field::Empty, info_span};

use crate::{BusError, Event, EventBus, Handler, Outcome};

/// Around all that is done to publish an event: it continues the work that enqueued it.
pub(crate) fn relaying(service: &str, event: &Event) -> Span {
    info_span!(
        "events.relay", otel.name = %format_args!("relay {}", event.kind), traceparent = event.traceparent.as_deref(),
        rekey.service = service, messaging.message.id = %event.message_id(), tenant.id = %event.tenant
    )
}

/// Publishes an event with the span of doing so as its trace.
pub(crate) async fn publish(bus: &dyn EventBus, event: &Event) -> Result<(), BusError> {
    let kind = event.kind;
    let span = info_span!(
        "events.publish", otel.name = %format_args!("publish {kind}"), otel.kind = "producer", otel.status_code = Empty,
        messaging.system = bus.system(), messaging.operation.type = "send", messaging.operation.name = "publish",
        messaging.destination.name = %format_args!("rekey.v1.{}.{kind}", event.tenant), messaging.destination.template = %format_args!("rekey.v1.{{tenant}}.{kind}"),
        messaging.message.id = %event.message_id(), messaging.message.body.size = event.payload.len()
    );
    let handed_on = trace::of(&span).map(|span| span.to_string()).or_else(|| event.traceparent.clone());
    let event = Event { traceparent: handed_on, ..event.clone() };
    let published = bus.publish(&event).instrument(span.clone()).await;
    if published.is_err() {
        span.record("otel.status_code", "error");
    }
    metrics::counter!("rekey_events_published_total", "event" => kind.as_str(), "result" => if published.is_ok() { "taken" } else { "refused" }).increment(1);
    published
}

/// Hands an event that has come to its handler. The work continues that of the publisher.
pub(crate) async fn handle(system: &'static str, consumer: &str, handler: &dyn Handler, event: &Event) -> Outcome {
    let kind = event.kind;
    let span = info_span!(
        "events.process", otel.name = %format_args!("process {kind}"), otel.kind = "consumer", otel.status_code = Empty, traceparent = event.traceparent.as_deref(),
        messaging.system = system, messaging.operation.type = "process", messaging.operation.name = "process", messaging.consumer.group.name = consumer,
        messaging.destination.name = %format_args!("rekey.v1.{}.{kind}", event.tenant), messaging.destination.template = %format_args!("rekey.v1.{{tenant}}.{kind}"),
        messaging.message.id = %event.message_id(), messaging.message.body.size = event.payload.len(), event.outcome = Empty
    );
    let outcome = handler.handle(event).instrument(span.clone()).await;
    let word = match &outcome {
        Outcome::Done => "done",
        Outcome::Retry(_) => "retry",
        Outcome::Discard(_) => "discard",
    };
    span.record("event.outcome", word);
    if outcome != Outcome::Done {
        span.record("otel.status_code", "error");
    }
    metrics::counter!("rekey_events_handled_total", "event" => kind.as_str(), "outcome" => word).increment(1);
    outcome
}
