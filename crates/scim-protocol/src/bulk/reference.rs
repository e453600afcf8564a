//! References to what the same request creates: `bulkId:qwerty` (RFC 7644 §3.7.2).
//!
//! A text is a reference when it is nothing but one, wherever it stands in the data; the last part of a `$ref` may be one too.

use serde_json::Value;
use std::collections::HashMap;

use crate::{Object, ScimError};

/// What a reference begins with.
pub(super) const PREFIX: &str = "bulkId:";

/// What became of the bulkIds: an id, or nothing where the operation failed.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<String, Option<String>>);

impl Ids {
    pub(super) fn created(&mut self, bulk_id: &str, id: &str) {
        self.0.insert(bulk_id.to_owned(), Some(id.to_owned()));
    }

    pub(super) fn failed(&mut self, bulk_id: &str) {
        self.0.insert(bulk_id.to_owned(), None);
    }

    /// The id.
    ///
    /// # Errors
    /// 409 when there is none (RFC 7644 §3.7.1).
    fn get(&self, bulk_id: &str) -> Result<&str, ScimError> {
        let why = match self.0.get(bulk_id) {
            Some(Some(id)) => return Ok(id),
            Some(None) => "the operation that was to create it failed",
            None => "no operation of this request created it",
        };
        Err(ScimError::new(409, format!("`{PREFIX}{bulk_id}` stands for no resource: {why}")))
    }

    /// Puts the id in the place of a reference; other texts stay.
    pub(super) fn resolve_text(&self, name: &str, text: &mut String) -> Result<(), ScimError> {
        if let Some(bulk_id) = within(name, text) {
            let id = self.get(bulk_id)?;
            let kept = text.len() - PREFIX.len() - bulk_id.len();
            *text = format!("{}{id}", text.get(..kept).unwrap_or_default());
        }
        Ok(())
    }

    /// Puts ids in the place of all references.
    pub(super) fn resolve(&self, members: &mut Object) -> Result<(), ScimError> {
        members.iter_mut().try_for_each(|(name, value)| self.resolve_value(name, value))
    }

    fn resolve_value(&self, name: &str, value: &mut Value) -> Result<(), ScimError> {
        match value {
            Value::String(text) => self.resolve_text(name, text),
            Value::Array(elements) => elements.iter_mut().try_for_each(|element| self.resolve_value(name, element)),
            Value::Object(members) => self.resolve(members),
            _ => Ok(()),
        }
    }
}

/// The bulkId, when the text is a reference and nothing else.
pub(super) fn whole(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// The bulkId that the value of this name refers to.
fn within<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    let last = || text.rsplit_once('/').map(|(_, last)| last).filter(|_| name.eq_ignore_ascii_case("$ref"));
    whole(text).or_else(|| last().and_then(whole))
}

/// All bulkIds that a value mentions.
pub(super) fn mentioned<'a>(name: &str, value: &'a Value) -> Vec<&'a str> {
    match value {
        Value::String(text) => within(name, text).into_iter().collect(),
        Value::Array(elements) => elements.iter().flat_map(|element| mentioned(name, element)).collect(),
        Value::Object(members) => mentioned_in(members),
        _ => Vec::new(),
    }
}

/// All bulkIds that an object mentions.
pub(super) fn mentioned_in(members: &Object) -> Vec<&str> {
    members.iter().flat_map(|(name, value)| mentioned(name, value)).collect()
}

/// Takes out what mentions one of these bulkIds: whole attributes, single elements of a list, single attributes of an extension. What is
/// taken is of such a shape that a PATCH without path adds it again.
pub(super) fn take_out(members: &mut Object, bulk_ids: &[String]) -> Object {
    let parts = members.iter_mut().map(|(name, value)| (name.clone(), take_out_of(name, value, bulk_ids)));
    let taken: Object = parts.filter_map(|(name, part)| Some((name, part?))).collect();
    members.retain(|name, value| !(value.is_null() && taken.contains_key(name)));
    taken
}

fn take_out_of(name: &str, value: &mut Value, bulk_ids: &[String]) -> Option<Value> {
    let closes = |value: &Value| mentioned(name, value).into_iter().any(|bulk_id| bulk_ids.iter().any(|closing| closing == bulk_id));
    if !closes(value) {
        return None;
    }
    match value {
        Value::Array(elements) => Some(Value::Array(elements.extract_if(.., |element| closes(element)).collect())),
        Value::Object(members) if is_extension(name) => Some(Value::Object(take_out(members, bulk_ids))),
        other => Some(other.take()),
    }
}

fn is_extension(name: &str) -> bool {
    name.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("urn:"))
}
