//! The one layer of the subscriber. With a layer for traces and one for logs, each behind a filter of its own, every span is looked up
//! for both whenever it is entered, left or recorded into, which costs several times what is done for it.

use tracing::{
    Event, Level, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::LevelFilter,
    layer::{Context, Filter},
    registry::LookupSpan,
};

use super::traces::Traces;

/// Our spans always have their place in a trace, whatever level is logged: log lines name the span that they come from.
pub(super) struct Telling<L> {
    traces: Traces,
    /// Writes an event; nothing else of it is used.
    lines: L,
    logged: EnvFilter,
    /// Does it depend on the spans around what is logged? Hardly ever; then it must hear of all that happens to them.
    watches_spans: bool,
}

impl<L> Telling<L> {
    pub(super) fn new(traces: Traces, lines: L, logged: EnvFilter) -> Self {
        let watches_spans = logged.to_string().contains('[');
        Self { traces, lines, logged, watches_spans }
    }

    fn is_traced(&self, what: &Metadata<'_>) -> bool {
        is_ours(what) && (what.is_span() || self.traces.are_exported())
    }
}

fn is_ours(what: &Metadata<'_>) -> bool {
    what.target().starts_with("rekey") && *what.level() <= Level::INFO
}

impl<L: Layer<S>, S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Telling<L> {
    fn register_callsite(&self, what: &'static Metadata<'static>) -> Interest {
        let logged = Filter::<S>::callsite_enabled(&self.logged, what);
        if self.is_traced(what) { Interest::always() } else { logged }
    }

    fn enabled(&self, what: &Metadata<'_>, context: Context<'_, S>) -> bool {
        self.is_traced(what) || self.logged.enabled(what, context)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.logged.max_level_hint().map(|level| level.max(LevelFilter::INFO))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if self.watches_spans {
            self.logged.on_new_span(attributes, id, context.clone());
        }
        if is_ours(attributes.metadata()) {
            self.traces.on_new_span(attributes, id, context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if self.watches_spans {
            self.logged.on_record(id, values, context.clone());
        }
        self.traces.on_record(id, values, context);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        self.traces.on_follows_from(id, follows, context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let traced = self.is_traced(event.metadata());
        if traced {
            self.traces.on_event(event, context.clone());
        }
        // What is not traced is here because it is logged.
        if !traced || self.logged.enabled(event.metadata(), context.clone()) {
            self.lines.on_event(event, context);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if self.watches_spans {
            self.logged.on_enter(id, context);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if self.watches_spans {
            self.logged.on_exit(id, context);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if self.watches_spans {
            self.logged.on_close(id.clone(), context.clone());
        }
        self.traces.on_close(id, context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::logs::{LogFormat, tests::written_by};

    fn written(logged: &str, work: impl FnOnce()) -> String {
        written_by(LogFormat::Pretty, |lines| Telling::new(Traces::new(None), lines, EnvFilter::new(logged)), work)
    }

    fn say() {
        let span = tracing::info_span!("work", user.id = 7);
        span.in_scope(|| tracing::warn!("aloud"));
        span.in_scope(|| tracing::debug!("softly"));
        tracing::info!(target: "elsewhere", "of others");
    }

    #[test]
    fn lines_name_their_span_at_whatever_level_is_logged() {
        let text = written("warn", say);
        assert!(text.contains("work: aloud trace_id=") && !text.contains("softly") && !text.contains("of others"), "{text}");
        let text = written("info,rekey_runtime=debug", say);
        assert!(text.contains("work: softly trace_id=") && text.contains("of others"), "{text}");
    }

    #[test]
    fn what_is_logged_may_depend_on_the_span() {
        assert!(written("error,[work{user.id=7}]=debug", say).contains("work: softly"));
        assert!(!written("error,[work{user.id=8}]=debug", say).contains("softly"));
    }

    #[test]
    fn a_line_in_somebody_elses_span_is_written() {
        let text = written("info", || tracing::info_span!(target: "elsewhere", "theirs").in_scope(|| tracing::warn!("aloud")));
        assert!(text.contains("WARN aloud"), "{text}");
    }
}
