//! Bringing a client's value into the form that the schema says, or telling what would be right.

use serde_json::{Value, json};

use crate::{
    Object, ScimError,
    distinct::Distinct,
    json, key,
    schema::{Attribute, Canonical, Kind, Target},
};

/// May a single value stand where a list is due? In a PATCH it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    Strict,
    OrSingle,
}

/// The whole value of a place. An empty `value` of a single complex attribute takes that away: so a manager is removed.
pub(crate) fn of(target: &Target, value: Value, lists: Lists) -> Result<Value, ScimError> {
    let read = whole(target.innermost(), value, lists, &target.to_string())?;
    Ok(if target.is_sole_value() && read == "" { Value::Null } else { read })
}

/// The whole value of an attribute: a list when it is multi-valued. Null and an empty list become null: unassigned.
fn whole(attribute: &'static Attribute, value: Value, lists: Lists, at: &str) -> Result<Value, ScimError> {
    if !attribute.multi_valued {
        return one(attribute, value, at);
    }
    match value {
        Value::Null => Ok(Value::Null),
        Value::Array(items) => list(attribute, items, at),
        single if lists == Lists::OrSingle => list(attribute, vec![single], at),
        other => Err(wrong(at, "an array", &other)),
    }
}

fn list(attribute: &'static Attribute, items: Vec<Value>, at: &str) -> Result<Value, ScimError> {
    let mut read = Distinct::new(attribute);
    for item in items {
        let item = one(attribute, item, at)?;
        if !item.is_null() {
            read.put(item)?;
        }
    }
    let read = read.into_elements();
    if read.iter().filter(|item| is_primary(item)).count() > 1 {
        return Err(ScimError::invalid_value(format!("`{at}` has more than one value with `primary` true; at most one may have it")));
    }
    Ok(if read.is_empty() { Value::Null } else { Value::Array(read) })
}

/// Is this element marked as the primary one?
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// One value of an attribute, an element of its list when it is multi-valued.
pub(crate) fn one(attribute: &'static Attribute, value: Value, at: &str) -> Result<Value, ScimError> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Kind::Boolean, value) => boolean(value, at),
        (Kind::Complex, Value::Object(parts)) => parts_of(attribute, parts, at),
        (Kind::Complex, Value::String(text)) if attribute.sub("value").is_some() => Ok(bare(&text)),
        (Kind::Complex, other) => Err(wrong(at, "an object", &other)),
        (Kind::Integer, Value::Number(number)) => Ok(Value::Number(number)),
        (Kind::Integer, other) => Err(wrong(at, "a number", &other)),
        (Kind::DateTime, Value::String(text)) => moment(text, at),
        (_, Value::String(text)) => canonical(attribute, text, at),
        (_, other) => Err(wrong(at, "a string", &other)),
    }
}

/// Clients write `"manager": "id"` and `"emails": ["a@b.c"]`; an empty string takes the value away.
fn bare(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!({ "value": text }) }
}

/// A boolean; some clients write it as a string.
pub(crate) fn boolean(value: Value, at: &str) -> Result<Value, ScimError> {
    match value {
        Value::Bool(_) => Ok(value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        Value::String(_) => Err(ScimError::invalid_value(format!("`{at}` must be true or false"))),
        other => Err(wrong(at, "a boolean", &other)),
    }
}

fn moment(text: String, at: &str) -> Result<Value, ScimError> {
    let read = key::moment(&text);
    read.map(|_| Value::String(text)).ok_or_else(|| ScimError::invalid_value(format!("`{at}` must be a date and time like 2030-01-31T12:00:00Z")))
}

/// A text; where the schema names all values there are, in its own spelling.
fn canonical(attribute: &'static Attribute, text: String, at: &str) -> Result<Value, ScimError> {
    let Canonical::Only(values) = attribute.canonical else { return Ok(Value::String(text)) };
    let found = values.iter().find(|value| value.eq_ignore_ascii_case(&text));
    found.map(|value| json!(value)).ok_or_else(|| ScimError::invalid_value(format!("`{at}` must be one of {}", values.join(", "))))
}

fn parts_of(attribute: &'static Attribute, parts: Object, at: &str) -> Result<Value, ScimError> {
    let mut read = Object::new();
    for (name, value) in parts {
        let sub = attribute.sub(&name).ok_or_else(|| no_such(attribute, &name, at))?;
        let value = whole(sub, value, Lists::Strict, &format!("{at}.{}", sub.name))?;
        if read.contains_key(sub.name) {
            return Err(twice(&format!("{at}.{}", sub.name)));
        }
        if !value.is_null() && !sub.mutability.is_ours() {
            read.insert(sub.name.to_owned(), value);
        }
    }
    let is_emptied = !attribute.multi_valued && read.get("value").is_some_and(|value| value == "");
    Ok(if read.is_empty() || is_emptied { Value::Null } else { Value::Object(read) })
}

fn no_such(attribute: &Attribute, name: &str, at: &str) -> ScimError {
    let parts: Vec<_> = attribute.sub_attributes.iter().map(|part| part.name).collect();
    let shown: String = name.chars().take(200).collect();
    ScimError::invalid_syntax(format!("`{at}` has no part `{shown}`; its parts are {}", parts.join(", ")))
}

pub(crate) fn twice(at: &str) -> ScimError {
    ScimError::invalid_syntax(format!("`{at}` stands twice; names differ by more than the case of their letters"))
}

pub(crate) fn wrong(at: &str, expected: &str, found: &Value) -> ScimError {
    ScimError::invalid_value(format!("`{at}` must be {expected}, not {}", json::kind(found)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::USER;

    fn read(name: &str, value: Value) -> Result<Value, ScimError> {
        whole(USER.attribute(name).expect("an attribute"), value, Lists::Strict, name)
    }

    #[test]
    fn booleans_may_be_strings() {
        assert_eq!(read("active", json!("False")), Ok(json!(false)));
        assert_eq!(read("active", json!("yes")).expect_err("no boolean").scim_type.as_deref(), Some("invalidValue"));
    }

    #[test]
    fn wrong_types_are_told_with_what_would_be_right() {
        for (name, value) in
            [("userName", json!(5)), ("emails", json!("x")), ("emails", json!([5])), ("name", json!([])), ("active", json!(1)), ("emails", json!({}))]
        {
            let error = read(name, value).expect_err("a wrong type");
            assert!(error.status == 400 && error.detail.contains("must be"), "{error}");
        }
    }

    #[test]
    fn names_are_canonical_and_nothing_is_null() {
        let emails = read("emails", json!([{"VALUE": "a@b.c", "Type": null}, null, {}, "d@e.f"]));
        assert_eq!(emails, Ok(json!([{"value": "a@b.c"}, {"value": "d@e.f"}])));
    }

    #[test]
    fn two_primaries_are_one_too_many() {
        assert!(read("emails", json!([{"value": "a", "primary": true}, {"value": "b", "primary": "True"}])).is_err());
    }
}
