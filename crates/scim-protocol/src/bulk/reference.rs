//! References to what the same request creates: `bulkId:qwerty` (RFC 7644 §3.7.2).
//!
//! A text is a reference when it is nothing but one and stands where an id can ([`Spot`]); the last part of a `$ref` may be one too, and the
//! id that the path of an edit looks for.

use serde_json::Value;
use std::collections::HashMap;

use super::spot::Spot;
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

    /// Puts ids in the place of the references in a text; other text stays.
    pub(super) fn resolve_text(&self, spot: Spot, text: &mut String) -> Result<(), ScimError> {
        let parts: Vec<_> = parts(spot, text).into_iter().map(|part| self.resolved(part)).collect::<Result<_, _>>()?;
        *text = parts.concat();
        Ok(())
    }

    fn resolved<'a>(&'a self, part: Part<'a>) -> Result<&'a str, ScimError> {
        match part {
            Part::Text(text) => Ok(text),
            Part::Reference(bulk_id) => self.get(bulk_id),
        }
    }

    /// Puts ids in the place of all references.
    pub(super) fn resolve(&self, spot: Spot, members: &mut Object) -> Result<(), ScimError> {
        let level = spot.level(members);
        members.iter_mut().try_for_each(|(name, value)| self.resolve_value(level.below(name), value))
    }

    fn resolve_value(&self, spot: Spot, value: &mut Value) -> Result<(), ScimError> {
        match value {
            Value::String(text) => self.resolve_text(spot, text),
            Value::Array(elements) => elements.iter_mut().try_for_each(|element| self.resolve_value(spot, element)),
            Value::Object(members) => self.resolve(spot, members),
            _ => Ok(()),
        }
    }
}

/// The bulkId, when the text is a reference and nothing else.
pub(super) fn whole(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// A piece of a text.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// That stays as it is.
    Text(&'a str),
    /// A bulkId, without its prefix.
    Reference(&'a str),
}

/// The pieces of a text that stands here.
fn parts(spot: Spot, text: &str) -> Vec<Part<'_>> {
    let start = match spot {
        Spot::Link => 0,
        Spot::Url => text.rfind('/').map_or(0, |slash| slash + 1),
        Spot::Path => return looked_for(text),
        _ => text.len(),
    };
    let (before, last) = text.split_at(start);
    vec![Part::Text(before), whole(last).map_or(Part::Text(last), Part::Reference)]
}

/// The pieces of a path between its quotes. A quoted text is a reference when it is compared with a `value` of what may be one.
fn looked_for(path: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut before = "";
    for piece in path.split_inclusive('"') {
        let quoted = piece.strip_suffix('"').and_then(whole).filter(|_| compares_value(before));
        match quoted {
            Some(bulk_id) => parts.extend([Part::Reference(bulk_id), Part::Text("\"")]),
            None => parts.push(Part::Text(piece)),
        }
        before = piece;
    }
    parts
}

/// Does a quoted text behind this follow `value eq` or `value ne`?
fn compares_value(before: &str) -> bool {
    let mut words = before.trim_end_matches('"').rsplit(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let operator = words.next().unwrap_or_default();
    (operator.eq_ignore_ascii_case("eq") || operator.eq_ignore_ascii_case("ne")) && words.next().is_some_and(|word| word.eq_ignore_ascii_case("value"))
}

/// All bulkIds that a value mentions.
fn mentioned_by(spot: Spot, value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => parts(spot, text).into_iter().filter_map(Part::bulk_id).collect(),
        Value::Array(elements) => elements.iter().flat_map(|element| mentioned_by(spot, element)).collect(),
        Value::Object(members) => mentioned(spot, members),
        _ => Vec::new(),
    }
}

impl<'a> Part<'a> {
    const fn bulk_id(self) -> Option<&'a str> {
        match self {
            Self::Text(_) => None,
            Self::Reference(bulk_id) => Some(bulk_id),
        }
    }
}

/// All bulkIds that an object mentions.
pub(super) fn mentioned(spot: Spot, members: &Object) -> Vec<&str> {
    let level = spot.level(members);
    members.iter().flat_map(|(name, value)| mentioned_by(level.below(name), value)).collect()
}

/// Takes out what mentions one of these bulkIds: whole attributes, single elements of a list, single attributes of an extension. What is
/// taken is of such a shape that a PATCH without path adds it again.
pub(super) fn take_out(spot: Spot, members: &mut Object, bulk_ids: &[String]) -> Object {
    let level = spot.level(members);
    let parts = members.iter_mut().map(|(name, value)| (name.clone(), take_out_of(level.below(name), value, bulk_ids)));
    let taken: Object = parts.filter_map(|(name, part)| Some((name, part?))).collect();
    members.retain(|name, value| !(value.is_null() && taken.contains_key(name)));
    taken
}

fn take_out_of(spot: Spot, value: &mut Value, bulk_ids: &[String]) -> Option<Value> {
    let closes = |value: &Value| mentioned_by(spot, value).into_iter().any(|bulk_id| bulk_ids.iter().any(|closing| closing == bulk_id));
    if !closes(value) {
        return None;
    }
    match value {
        Value::Array(elements) => Some(Value::Array(elements.extract_if(.., |element| closes(element)).collect())),
        Value::Object(members) if matches!(spot, Spot::Schema(_)) => Some(Value::Object(take_out(spot, members, bulk_ids))),
        other => Some(other.take()),
    }
}
