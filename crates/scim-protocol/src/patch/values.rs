//! The values of operations, as their steps take them.

use serde_json::Value;
use std::slice;

use super::Verb;
use crate::{
    Object, ScimError,
    distinct::members_of,
    schema::{Kind, ResourceType, Schema, Target},
    value::{self, Lists},
};

/// The value of an operation; `chosen`: a filter chooses the elements that it is for.
pub(super) fn read(verb: Verb, target: &Target, chosen: bool, value: Value) -> Result<Value, ScimError> {
    if chosen && target.sub.is_none() {
        return value::one(target.attribute, element(value), &target.to_string());
    }
    let is_one_object = target.innermost().kind == Kind::Complex && !target.innermost().multi_valued;
    match if is_one_object { single(value) } else { value } {
        Value::Object(parts) if is_one_object && verb == Verb::Replace => replacing(target, parts),
        value => value::of(target, value, Lists::OrSingle),
    }
}

/// A `replace` of a complex value replaces the parts that it names and no others (RFC 7644 §3.5.2.3): such as it unassigns stay in it as
/// null. But a manager without its `value` is none.
fn replacing(target: &Target, parts: Object) -> Result<Value, ScimError> {
    let names_value = parts.keys().any(|name| name.eq_ignore_ascii_case("value"));
    let nulls = parts.iter().filter(|(_, value)| value.is_null());
    let unassigned: Vec<_> = nulls.filter_map(|(name, _)| target.attribute.sub(name)).collect();
    let mut read = members_of(&value::of(target, Value::Object(parts), Lists::OrSingle)?);
    if names_value && !read.contains_key("value") {
        return Ok(Value::Null);
    }
    for part in unassigned {
        read.entry(part.name).or_insert(Value::Null);
    }
    Ok(Value::Object(read))
}

/// Entra ID puts the one element that a filter chooses, and a user's one manager, into a list.
fn single(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().unwrap_or(Value::Null),
        other => other,
    }
}

/// An empty list in the place of the elements that a filter chooses is none of them (RFC 7643 §2.5).
fn element(value: Value) -> Value {
    match single(value) {
        Value::Array(items) if items.is_empty() => Value::Null,
        other => other,
    }
}

/// `schemas` follows from what the resource has: to say which it may use is fine and changes nothing.
pub(super) fn check_schemas(resource_type: &'static ResourceType, verb: Verb, value: &Value) -> Result<(), ScimError> {
    let urns = match value {
        Value::Array(urns) => urns.as_slice(),
        single => slice::from_ref(single),
    };
    if verb == Verb::Remove || value.is_null() || verb == Verb::Replace && urns.is_empty() {
        return Err(ScimError::mutability("`schemas` cannot be removed: it says what the resource has"));
    }
    let known: Vec<_> = resource_type.schemas().map(|schema: &Schema| schema.id).collect();
    let is_known = |urn: &Value| urn.as_str().is_some_and(|urn| known.iter().any(|id| id.eq_ignore_ascii_case(urn)));
    if urns.iter().all(is_known) {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!("`schemas` of a {} takes its URNs and no others: {}", resource_type.name, known.join(", "))))
}
