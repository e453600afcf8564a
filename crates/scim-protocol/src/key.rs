//! Values in the form in which they are compared, by filters and by sorting alike.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    fold,
    schema::{Attribute, Kind},
};

/// A value in the form in which it is compared. Texts are in the order of code points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Text, folded unless the case of letters counts.
    Text(String),
    /// A whole number; a moment in nanoseconds since 1970; a boolean as 0 and 1.
    Number(i128),
}

impl Key {
    /// The key of an attribute's value; `None` when the value is not of the attribute's type.
    pub fn of(attribute: &Attribute, value: &Value) -> Option<Self> {
        match (attribute.kind, value) {
            (Kind::DateTime, Value::String(text)) => moment(text).map(|moment| Self::Number(moment.unix_timestamp_nanos())),
            (Kind::Boolean, Value::Bool(value)) => Some(Self::Number(i128::from(*value))),
            (Kind::Integer, Value::Number(number)) => number.as_i128().map(Self::Number),
            (Kind::String | Kind::Reference | Kind::Binary, Value::String(text)) => Some(Self::Text(text_of(attribute, text))),
            _ => None,
        }
    }
}

fn text_of(attribute: &Attribute, text: &str) -> String {
    if attribute.case_exact { text.to_owned() } else { fold(text) }
}

/// A date and time as RFC 3339 writes them; `None` for any other text. The zone may be left out, as xsd:dateTime allows (RFC 7643 §2.3.5):
/// then it is UTC.
pub fn moment(text: &str) -> Option<OffsetDateTime> {
    let in_utc = || OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339);
    // The parser takes any character between date and time.
    let is_parted = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    if is_parted { OffsetDateTime::parse(text, &Rfc3339).or_else(|_| in_utc()).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_a_zone_is_in_utc() {
        assert_eq!(moment("2011-05-13T04:42:34"), moment("2011-05-13T04:42:34Z"));
        assert_eq!(moment("2011-05-13t04:42:34.5"), moment("2011-05-13T06:42:34.500+02:00"));
        assert!(moment("2011-05-13T04:42:34").is_some());
    }

    #[test]
    fn what_is_no_date_and_time_is_no_moment() {
        for text in [
            "2026-01-01x12:00:00Z",
            "2026-01-01 12:00:00Z",
            "2026-01-01",
            "2026-01-01T",
            "2026-01-01T12:00",
            "2026-01-01T12:00:00ZZ",
            "2026-01-01T12:00:00.",
            "2026-01-01T12:00:00+",
            "2026-13-01T12:00:00",
            "2026-01-0ä12:00:00Z",
            "",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
