//! What is kept of a span until it ends.

use opentelemetry::{
    InstrumentationScope, Key, KeyValue, Value,
    trace::{Event as SpanEvent, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use rekey_kernel::{TraceParent, trace::TRACEPARENT};
use std::{borrow::Cow, fmt::Debug, time::SystemTime};
use tracing::{
    Event, Level,
    field::{Field, Visit},
    span::Attributes,
};

/// More events of one span are only counted.
const MOST_EVENTS: usize = 64;

/// The span that another one continues.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parent {
    /// Around it, in this process.
    Here(TraceParent),
    /// In another process, or at another time.
    Elsewhere(TraceParent),
}

impl Parent {
    pub(super) const fn span(&self) -> TraceParent {
        let (Self::Here(span) | Self::Elsewhere(span)) = self;
        *span
    }
}

/// A span that has not ended yet. Its fields are attributes, but for those that begin with `otel.`: `otel.name` is its name,
/// `otel.kind` is `server`, `client`, `producer` or `consumer`, and `otel.status_code` is `error` when it failed.
pub(super) struct Draft {
    name: Cow<'static, str>,
    kind: SpanKind,
    failed: bool,
    started: SystemTime,
    parent: Option<Parent>,
    attributes: Vec<KeyValue>,
    events: SpanEvents,
    links: SpanLinks,
}

impl Draft {
    pub(super) fn new(attributes: &Attributes<'_>, parent: Option<Parent>) -> Self {
        let mut draft = Self {
            name: attributes.metadata().name().into(),
            kind: SpanKind::Internal,
            failed: false,
            started: SystemTime::now(),
            parent,
            attributes: Vec::with_capacity(attributes.fields().len()),
            events: SpanEvents::default(),
            links: SpanLinks::default(),
        };
        attributes.record(&mut draft);
        draft
    }

    pub(super) fn link(&mut self, link: Link) {
        self.links.links.push(link);
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        if self.events.events.len() >= MOST_EVENTS {
            self.events.dropped_count += 1;
            return;
        }
        self.failed |= *event.metadata().level() == Level::ERROR;
        let mut told = Told { name: Cow::Borrowed(""), attributes: vec![KeyValue::new("level", event.metadata().level().as_str())] };
        event.record(&mut told);
        self.events.events.push(SpanEvent::new(told.name, SystemTime::now(), told.attributes, 0));
    }

    /// The whole span, which ends now.
    pub(super) fn ended(self, own: TraceParent, scope: &InstrumentationScope) -> SpanData {
        let parent = self.parent.as_ref().map_or(SpanId::INVALID, |parent| parent.span().span.get().into());
        SpanData {
            span_context: context(own, false),
            parent_span_id: parent,
            parent_span_is_remote: matches!(self.parent, Some(Parent::Elsewhere(_))),
            span_kind: self.kind,
            name: self.name,
            start_time: self.started,
            end_time: SystemTime::now(),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: self.events,
            links: self.links,
            status: if self.failed { Status::error("") } else { Status::Unset },
            instrumentation_scope: scope.clone(),
        }
    }

    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        set(&mut self.attributes, field.name(), value.into());
    }
}

pub(super) fn context(span: TraceParent, is_remote: bool) -> SpanContext {
    let flags = TraceFlags::default().with_sampled(span.sampled);
    SpanContext::new(TraceId::from(span.trace.get()), SpanId::from(span.span.get()), flags, is_remote, TraceState::NONE)
}

/// A value that is recorded again takes the place of the former one.
fn set(attributes: &mut Vec<KeyValue>, name: &'static str, value: Value) {
    match attributes.iter_mut().find(|known| known.key.as_str() == name) {
        Some(known) => known.value = value,
        None => attributes.push(KeyValue::new(Key::from_static_str(name), value)),
    }
}

fn kind(name: &str) -> SpanKind {
    match name {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

impl Visit for Draft {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => self.name = value.to_owned().into(),
            "otel.kind" => self.kind = kind(value),
            "otel.status_code" => self.failed = value == "error",
            TRACEPARENT => {}
            _ => self.set(field, value.to_owned()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// A log line in a span: its message is the event's name.
struct Told {
    name: Cow<'static, str>,
    attributes: Vec<KeyValue>,
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" { self.name = text.into() } else { set(&mut self.attributes, field.name(), text.into()) }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        set(&mut self.attributes, field.name(), value.to_owned().into());
    }
}
