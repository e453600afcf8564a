//! The layer that gives every span of ours its place in a trace, and records those that are exported.

use opentelemetry::trace::Link;
use rekey_kernel::{TraceParent, trace::TRACEPARENT};
use std::fmt::Debug;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};

use super::{
    export::Export,
    ids,
    record::{self, Draft, Parent},
};

/// Puts a [`TraceParent`] into the extensions of each span and, when the trace is exported, a [`Draft`].
pub(super) struct Traces {
    export: Option<Export>,
}

impl Traces {
    pub(super) const fn new(export: Option<Export>) -> Self {
        Self { export }
    }

    pub(super) const fn are_exported(&self) -> bool {
        self.export.is_some()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent = elsewhere(attributes).map(Parent::Elsewhere).or_else(|| here(attributes, &context).map(Parent::Here));
        let own = ids::next(parent.as_ref().map(Parent::span), self.are_exported());
        let mut extensions = span.extensions_mut();
        extensions.insert(own);
        if self.are_exported() && own.sampled {
            extensions.insert(Draft::new(attributes, parent));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if self.are_exported()
            && let Some(span) = context.span(id)
            && let Some(draft) = span.extensions_mut().get_mut::<Draft>()
        {
            values.record(draft);
        }
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let link = context.span(follows).and_then(|span| span.extensions().get::<TraceParent>().map(|it| Link::with_context(record::context(*it, false))));
        if let Some(span) = context.span(id)
            && let Some(link) = link
            && let Some(draft) = span.extensions_mut().get_mut::<Draft>()
        {
            draft.link(link);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if let Some(span) = context.event_scope(event).and_then(|mut scope| scope.find(is_placed))
            && let Some(draft) = span.extensions_mut().get_mut::<Draft>()
        {
            draft.event(event);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let (Some(export), Some(span)) = (&self.export, context.span(&id)) else { return };
        let mut extensions = span.extensions_mut();
        let (draft, own) = (extensions.remove::<Draft>(), extensions.get_mut::<TraceParent>().copied());
        drop(extensions);
        if let (Some(draft), Some(own)) = (draft, own) {
            export.take(draft.ended(own, export.scope()));
        }
    }
}

/// The work in another process, or at another time, that the span's field `traceparent` says it continues.
fn elsewhere(attributes: &Attributes<'_>) -> Option<TraceParent> {
    attributes.metadata().fields().field(TRACEPARENT)?;
    let mut found = Continued(None);
    attributes.record(&mut found);
    found.0
}

fn here<S: Subscriber + for<'a> LookupSpan<'a>>(attributes: &Attributes<'_>, context: &Context<'_, S>) -> Option<TraceParent> {
    let parent = match attributes.parent() {
        Some(id) => context.span(id),
        None if attributes.is_contextual() => context.lookup_current(),
        None => None,
    };
    parent?.scope().find_map(|span| span.extensions().get::<TraceParent>().copied())
}

/// Is it one of ours?
fn is_placed<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> bool {
    span.extensions().get::<TraceParent>().is_some()
}

struct Continued(Option<TraceParent>);

impl Visit for Continued {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == TRACEPARENT {
            self.0 = value.parse().ok();
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn Debug) {}
}
