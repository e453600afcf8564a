//! Where in a list an element stands.

use serde_json::Value;
use std::collections::HashMap;

use crate::{Key, distinct::is_keyed, schema::Attribute};

/// The parts of an element as they are compared: by letter case only where the schema says so.
type Parts = Vec<Option<Key>>;

/// An index of the elements of an attribute: a large group is changed without comparing each member with each.
pub(super) struct Places {
    attribute: &'static Attribute,
    by_value: HashMap<Parts, Vec<usize>>,
}

impl Places {
    pub(super) fn of(attribute: &'static Attribute, elements: &[Value]) -> Self {
        let mut places = Self { attribute, by_value: HashMap::new() };
        elements.iter().enumerate().for_each(|(at, element)| places.note(at, element));
        places
    }

    pub(super) fn note(&mut self, at: usize, element: &Value) {
        self.by_value.entry(key(self.attribute, element)).or_default().push(at);
    }

    /// The first of the elements indexed that is the same as this one, better still spelled the same.
    pub(super) fn find(&self, elements: &[Value], element: &Value) -> Option<usize> {
        let alike = self.by_value.get(&key(self.attribute, element))?;
        let first = |fits: &dyn Fn(&Value) -> bool| alike.iter().copied().find(|at| elements.get(*at).is_some_and(fits));
        first(&|other| other == element).or_else(|| first(&|other| is_keyed(self.attribute) || same(self.attribute, other, element)))
    }
}

/// What a new element says of the same one that is there: not how its `value` and `type` are spelled.
pub(super) fn said_of(attribute: &'static Attribute, present: &Value, new: &Value) -> Value {
    let mut said = new.clone();
    for name in ["value", "type"] {
        let is_alike = part(attribute, name, new).is_some_and(|key| part(attribute, name, present) == Some(key));
        if let Some(parts) = said.as_object_mut().filter(|_| is_alike) {
            parts.remove(name);
        }
    }
    said
}

/// By its `value`, else by all that it has.
fn key(attribute: &'static Attribute, element: &Value) -> Parts {
    part(attribute, "value", element).map_or_else(|| whole(attribute, element), |value| vec![Some(value)])
}

/// The same element: alike altogether, or in `value` and, where both have one, `type`.
fn same(attribute: &'static Attribute, one: &Value, other: &Value) -> bool {
    let both = |name| Some((part(attribute, name, one)?, part(attribute, name, other)?));
    let in_value = both("value").is_some_and(|(left, right)| left == right) && both("type").is_none_or(|(left, right)| left == right);
    in_value || whole(attribute, one) == whole(attribute, other)
}

fn whole(attribute: &'static Attribute, element: &Value) -> Parts {
    match attribute.sub_attributes {
        [] => vec![Key::of(attribute, element)],
        subs => subs.iter().map(|sub| part(attribute, sub.name, element)).collect(),
    }
}

fn part(attribute: &'static Attribute, name: &str, element: &Value) -> Option<Key> {
    Key::of(attribute.sub(name)?, element.get(name)?)
}
