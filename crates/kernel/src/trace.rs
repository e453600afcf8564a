//! Which trace a piece of work belongs to (W3C Trace Context), so that it can be handed on with a call, a row or an event.
//!
//! The subscriber of the process puts a [`TraceParent`] into the extensions of each of our spans. Without such a subscriber there
//! are no traces, and nothing is handed on.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
    str::FromStr,
};
use tracing::Span;
use tracing_subscriber::{Registry, registry::LookupSpan};

/// The name of the header, and of a span's field that says which work elsewhere the span continues.
pub const TRACEPARENT: &str = "traceparent";

/// One span of a trace: the value of the header `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The whole trace.
    pub trace: NonZeroU128,
    /// The span in it.
    pub span: NonZeroU64,
    /// Is it recorded?
    pub sampled: bool,
}

/// The span that we are in, for work elsewhere that continues it.
pub fn current() -> Option<TraceParent> {
    of(&Span::current())
}

/// A span of ours, for work elsewhere that continues it.
pub fn of(span: &Span) -> Option<TraceParent> {
    let found = span.with_subscriber(|(id, subscriber)| {
        let span = subscriber.downcast_ref::<Registry>()?.span(id)?;
        span.extensions().get::<TraceParent>().copied()
    });
    found.flatten()
}

impl TraceParent {
    /// The trace's id: 32 lower-case hexadecimal digits.
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The span's id: 16 lower-case hexadecimal digits.
    pub fn span_id(self) -> String {
        format!("{:016x}", self.span)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// The text is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct ParseTraceParentError;

impl FromStr for TraceParent {
    type Err = ParseTraceParentError;

    /// Versions that are still to come may add fields at the end: these are not looked at.
    fn from_str(text: &str) -> Result<Self, ParseTraceParentError> {
        let mut fields = text.splitn(5, '-');
        let mut number = |digits| fields.next().filter(|field| field.len() == digits).and_then(hexadecimal).ok_or(ParseTraceParentError);
        let (version, trace, span, flags) = (number(2)?, number(32)?, number(16)?, number(2)?);
        if version == 0xff || (version == 0 && fields.next().is_some()) {
            return Err(ParseTraceParentError);
        }
        let trace = NonZeroU128::new(trace).ok_or(ParseTraceParentError)?;
        let span = u64::try_from(span).ok().and_then(NonZeroU64::new).ok_or(ParseTraceParentError)?;
        Ok(Self { trace, span, sampled: flags & 1 == 1 })
    }
}

/// Lower case only: the standard says so.
fn hexadecimal(digits: &str) -> Option<u128> {
    digits.bytes().try_fold(0, |number, byte| match byte {
        b'0'..=b'9' => Some(number << 4 | u128::from(byte - b'0')),
        b'a'..=b'f' => Some(number << 4 | u128::from(byte - b'a' + 10)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_standards_example_reads_back() {
        let read: TraceParent = EXAMPLE.parse().unwrap();
        assert_eq!(read.to_string(), EXAMPLE);
        assert_eq!((read.trace_id().as_str(), read.span_id().as_str(), read.sampled), ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true));
    }

    #[test]
    fn later_versions_may_say_more() {
        let later = EXAMPLE.replacen("00", "cc", 1) + "-what-the-future-will-be-like";
        assert_eq!(later.parse::<TraceParent>(), EXAMPLE.parse());
    }

    #[test]
    fn what_is_none_is_refused() {
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        let more = format!("{EXAMPLE}-more");
        for bad in
            ["", "00", "x", &EXAMPLE.to_uppercase(), &EXAMPLE.replacen("00", "ff", 1), &more, zeros, &EXAMPLE.replace('a', "ä"), &EXAMPLE.replace("0a", "+a")]
        {
            assert_eq!(bad.parse::<TraceParent>(), Err(ParseTraceParentError), "{bad}");
        }
    }

    #[test]
    fn without_a_subscriber_there_is_no_trace() {
        assert_eq!(current(), None);
    }
}
