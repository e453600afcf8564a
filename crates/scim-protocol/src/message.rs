//! Reading the messages of the protocol (RFC 7644 §3.4.3, §3.7): JSON objects that are no resources.

use serde_json::Value;

use crate::{Object, ScimError, json};

/// 2⁶³: from here on a number is no `i64`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// A message whose members are taken out one after another, their names in any case. A null is as good as absent (RFC 7643 §2.5).
pub(crate) struct Message(Object);

impl Message {
    pub(crate) const fn new(members: Object) -> Self {
        Self(members)
    }

    /// Checks `schemas`. A message without it is taken: where it was sent says what it is. One that says it is something else is not.
    pub(crate) fn check_schemas(&mut self, urn: &str) -> Result<(), ScimError> {
        let named = self.texts("schemas")?;
        if named.is_empty() || named.iter().any(|name| name.eq_ignore_ascii_case(urn)) {
            return Ok(());
        }
        Err(ScimError::invalid_syntax(format!("this is no such message: `schemas` must be [\"{urn}\"]")))
    }

    /// The member of this name.
    pub(crate) fn take(&mut self, name: &str) -> Result<Option<Value>, ScimError> {
        let names: Vec<_> = self.0.keys().filter(|key| key.eq_ignore_ascii_case(name)).cloned().collect();
        match names.as_slice() {
            [] => Ok(None),
            [only] => Ok(self.0.remove(only).filter(|value| !value.is_null())),
            _ => Err(ScimError::invalid_syntax(format!("`{name}` stands there more than once, written in different cases"))),
        }
    }

    /// The text of this name.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ScimError> {
        self.take(name)?.map(|value| text(name, value)).transpose()
    }

    /// The texts of this name; a single text is as good as a list of one.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, ScimError> {
        match self.take(name)? {
            None => Ok(Vec::new()),
            Some(Value::Array(elements)) => elements.into_iter().map(|element| text(name, element)).collect(),
            Some(Value::String(only)) => Ok(vec![only]),
            Some(other) => Err(wrong(name, "an array of strings", &other)),
        }
    }

    /// Refuses what was not taken: a message with a member that is none of these. A misspelt name would else look like one that was heard.
    pub(crate) fn refuse_others(self, message: &str, members: &[&str]) -> Result<(), ScimError> {
        let Some(other) = self.0.keys().next() else { return Ok(()) };
        let detail = format!("`{}` is no member of a {message}; there are `schemas`, `{}`", json::shown(other), members.join("`, `"));
        Err(ScimError::invalid_syntax(detail))
    }

    /// The whole number of this name; what is too large for us becomes as large as can be, and what is too small as small.
    pub(crate) fn integer(&mut self, name: &str) -> Result<Option<i64>, ScimError> {
        self.take(name)?.map(|value| integer(name, &value)).transpose()
    }
}

fn text(name: &str, value: Value) -> Result<String, ScimError> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong(name, "text", &other)),
    }
}

fn integer(name: &str, value: &Value) -> Result<i64, ScimError> {
    let whole = value.as_i64().or_else(|| value.as_u64().map(|_| i64::MAX)).or_else(|| beyond(value.as_f64()?));
    whole.ok_or_else(|| wrong(name, "a whole number", value))
}

/// A number beyond what 64 bits hold is read as one with a fraction, though so large a one has none.
fn beyond(number: f64) -> Option<i64> {
    match number {
        number if number >= BEYOND => Some(i64::MAX),
        number if number <= -BEYOND => Some(i64::MIN),
        _ => None,
    }
}

fn wrong(name: &str, right: &str, value: &Value) -> ScimError {
    ScimError::invalid_value(format!("`{name}` must be {right}, not {}", json::kind(value)))
}
