//! Log lines. Each names the span and the trace that it comes from, so that a line leads to the whole story.

use rekey_kernel::TraceParent;
use std::{
    fmt,
    io::{self, IsTerminal},
};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    Layer,
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{self, DefaultFields, Writer},
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Writes to standard error.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(format: LogFormat) -> impl Layer<S> {
    let colours = io::stderr().is_terminal();
    tracing_subscriber::fmt::layer().fmt_fields(Nothing).event_format(Lines(format)).with_ansi(colours).with_writer(io::stderr)
}

/// The fields of spans are for traces; no line repeats them.
struct Nothing;

impl<'writer> FormatFields<'writer> for Nothing {
    fn format_fields<R: RecordFields>(&self, _writer: Writer<'writer>, _fields: R) -> fmt::Result {
        Ok(())
    }
}

/// The span that a line comes from.
struct Place {
    name: &'static str,
    trace: TraceParent,
}

struct Lines(LogFormat);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let place = place(context);
        match self.0 {
            LogFormat::Pretty => pretty(writer, event, place.as_ref()),
            LogFormat::Json => {
                let mut line = String::new();
                let lines = format::format().json().with_current_span(false).with_span_list(false);
                lines.format_event(context, Writer::new(&mut line), event)?;
                json(writer, &line, place.as_ref())
            }
        }
    }
}

fn place<S, N>(context: &FmtContext<'_, S, N>) -> Option<Place>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let span = context.event_scope()?.next()?;
    let trace = span.extensions().get::<TraceParent>().copied()?;
    Some(Place { name: span.name(), trace })
}

fn pretty(mut writer: Writer<'_>, event: &Event<'_>, place: Option<&Place>) -> fmt::Result {
    SystemTime.format_time(&mut writer)?;
    let level = *event.metadata().level();
    match colour(level).filter(|_| writer.has_ansi_escapes()) {
        Some(colour) => write!(writer, " \u{1b}[{colour}m{level:>5}\u{1b}[0m ")?,
        None => write!(writer, " {level:>5} ")?,
    }
    if let Some(place) = place {
        write!(writer, "{}: ", place.name)?;
    }
    DefaultFields::new().format_fields(writer.by_ref(), event)?;
    if let Some(place) = place {
        write!(writer, " trace_id={} span_id={}", place.trace.trace_id(), place.trace.span_id())?;
    }
    writeln!(writer)
}

/// Red, yellow, green; the rest is as it is.
const fn colour(level: Level) -> Option<u8> {
    match level {
        Level::ERROR => Some(31),
        Level::WARN => Some(33),
        Level::INFO => Some(32),
        _ => None,
    }
}

/// The line with the place added to the object that it is.
fn json(mut writer: Writer<'_>, line: &str, place: Option<&Place>) -> fmt::Result {
    let Some(place) = place else { return writer.write_str(line) };
    let open = line.trim_end().strip_suffix('}').ok_or(fmt::Error)?;
    writeln!(writer, "{open},\"span\":\"{}\",\"trace_id\":\"{}\",\"span_id\":\"{}\"}}", place.name, place.trace.trace_id(), place.trace.span_id())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::telemetry::traces::Traces;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a layer around the one that writes lines has written.
    pub(in crate::telemetry) fn written_by<L: Layer<Registry> + Send + Sync>(
        format: LogFormat,
        around: impl FnOnce(Box<dyn Layer<Registry> + Send + Sync>) -> L,
        work: impl FnOnce(),
    ) -> String {
        let paper = Paper::default();
        let sheet = paper.clone();
        let lines = tracing_subscriber::fmt::layer().fmt_fields(Nothing).event_format(Lines(format)).with_ansi(false).with_writer(move || sheet.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(around(lines.boxed())), work);
        String::from_utf8(paper.0.lock().unwrap().clone()).unwrap()
    }

    fn written(format: LogFormat, work: impl FnOnce()) -> String {
        written_by(format, |lines| Traces::new(None).and_then(lines), work)
    }

    fn in_a_span() -> TraceParent {
        let span = tracing::info_span!("scim.user.patch", secret = "hunter2");
        span.in_scope(|| tracing::warn!(user.id = "u1", "a \"word\""));
        rekey_kernel::trace::of(&span).unwrap()
    }

    #[test]
    fn a_json_line_names_its_trace() {
        let mut trace = None;
        let text = written(LogFormat::Json, || trace = Some(in_a_span()));
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((line["trace_id"].as_str(), line["span_id"].as_str()), (Some(&*trace.unwrap().trace_id()), Some(&*trace.unwrap().span_id())));
        assert_eq!((line["span"].as_str(), line["level"].as_str()), (Some("scim.user.patch"), Some("WARN")));
        assert_eq!((line["fields"]["message"].as_str(), line["fields"]["user.id"].as_str()), (Some("a \"word\""), Some("u1")));
    }

    #[test]
    fn a_line_for_people_names_its_trace_too() {
        let mut trace = None;
        let text = written(LogFormat::Pretty, || trace = Some(in_a_span()));
        let expected =
            format!("  WARN scim.user.patch: a \"word\" user.id=\"u1\" trace_id={} span_id={}\n", trace.unwrap().trace_id(), trace.unwrap().span_id());
        assert!(text.ends_with(&expected), "{text}");
    }

    #[test]
    fn what_spans_carry_is_in_no_line() {
        for format in [LogFormat::Json, LogFormat::Pretty] {
            assert!(!written(format, || assert!(in_a_span().span_id() != "hunter2")).contains("hunter2"));
        }
    }

    #[test]
    fn a_line_outside_any_span_is_whole() {
        let text = written(LogFormat::Json, || tracing::info!("alone"));
        assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap().get("trace_id").is_none());
        assert!(written(LogFormat::Pretty, || tracing::info!("alone")).ends_with("  INFO alone\n"));
    }
}
