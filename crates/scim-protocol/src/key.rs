//! Values in the form in which they are compared, by filters and by sorting alike.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    fold,
    schema::{Attribute, Kind},
};

/// A value in the form in which it is compared. Texts are in the order of code points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// A date and time as RFC 3339 writes them; `None` for any other text.
pub fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
