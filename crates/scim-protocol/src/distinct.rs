//! Lists in which nothing stands twice.

use serde_json::Value;
use std::collections::HashMap;

use crate::{
    Object, ScimError,
    schema::{Attribute, Mutability},
};

/// So many values an attribute may have, but for the members of a group: each step of a PATCH looks at all of them.
pub(crate) const MAX_VALUES: usize = 1_000;

/// The elements of a multi-valued attribute as they come in, each once. Where `value` is immutable it alone tells elements apart, and
/// what is said of one later goes over what was said before; else those are the same that are alike altogether.
pub(crate) struct Distinct {
    attribute: &'static Attribute,
    elements: Vec<Value>,
    places: HashMap<Value, usize>,
}

impl Distinct {
    pub(crate) fn new(attribute: &'static Attribute) -> Self {
        Self { attribute, elements: Vec::new(), places: HashMap::new() }
    }

    /// Puts an element in.
    ///
    /// # Errors
    /// 400 `invalidValue` when it says something else of an immutable part, or there are too many.
    pub(crate) fn put(&mut self, element: Value) -> Result<(), ScimError> {
        let place = *self.places.entry(self.key(&element)).or_insert(self.elements.len());
        match self.elements.get_mut(place) {
            None if place >= MAX_VALUES && !is_keyed(self.attribute) => {
                return Err(ScimError::invalid_value(format!("`{}` may have at most {MAX_VALUES} values", self.attribute.name)));
            }
            None => self.elements.push(element),
            Some(present) => {
                let both = merged(present, &element);
                *present = renewed(self.attribute, present, both).map_err(|part| {
                    ScimError::invalid_value(format!("one value of `{0}` stands there with two different `{0}.{part}`", self.attribute.name))
                })?;
            }
        }
        Ok(())
    }

    pub(crate) fn into_elements(self) -> Vec<Value> {
        self.elements
    }

    fn key(&self, element: &Value) -> Value {
        let value = element.get("value").filter(|_| is_keyed(self.attribute));
        value.unwrap_or(element).clone()
    }
}

/// Is an element of this attribute known by its `value` alone?
pub(crate) fn is_keyed(attribute: &'static Attribute) -> bool {
    attribute.sub("value").is_some_and(|value| value.mutability == Mutability::Immutable)
}

/// The element as it may be after a change: its immutable parts stay what they were (RFC 7643 §2.2). Setting one that was not there, or
/// leaving one out, is fine.
///
/// # Errors
/// The name of an immutable part that would be another one.
pub(crate) fn renewed(attribute: &'static Attribute, before: &Value, mut after: Value) -> Result<Value, &'static str> {
    for part in attribute.sub_attributes.iter().filter(|part| part.mutability == Mutability::Immutable) {
        let (Some(was), Some(parts)) = (before.get(part.name), after.as_object_mut()) else { continue };
        if parts.entry(part.name).or_insert_with(|| was.clone()) != was {
            return Err(part.name);
        }
    }
    Ok(after)
}

/// The parts of the new value over those that are there.
pub(crate) fn merged(present: &Value, new: &Value) -> Value {
    let mut parts = members_of(present);
    parts.extend(members_of(new));
    Value::Object(parts)
}

/// The members of a complex value; none for anything else.
pub(crate) fn members_of(value: &Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}
