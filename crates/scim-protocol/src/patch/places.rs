//! Where in a list an element stands.

use serde_json::Value;
use std::collections::HashMap;

use crate::{distinct::is_keyed, schema::Attribute};

/// An index of the elements of an attribute: a large group is changed without comparing each member with each.
pub(super) struct Places {
    /// Is `value` alone what tells elements apart?
    keyed: bool,
    by_value: HashMap<Value, Vec<usize>>,
}

impl Places {
    pub(super) fn of(attribute: &'static Attribute, elements: &[Value]) -> Self {
        let mut places = Self { keyed: is_keyed(attribute), by_value: HashMap::new() };
        elements.iter().enumerate().for_each(|(at, element)| places.note(at, element));
        places
    }

    pub(super) fn note(&mut self, at: usize, element: &Value) {
        self.by_value.entry(key(element).clone()).or_default().push(at);
    }

    /// The first of the elements indexed that is the same as this one.
    pub(super) fn find(&self, elements: &[Value], element: &Value) -> Option<usize> {
        let alike = self.by_value.get(key(element))?;
        alike.iter().copied().find(|at| elements.get(*at).is_some_and(|other| self.keyed || same(other, element)))
    }
}

fn key(element: &Value) -> &Value {
    element.get("value").unwrap_or(element)
}

/// The same element: alike altogether, or in `value` and, where both have one, `type`.
fn same(one: &Value, other: &Value) -> bool {
    let both = |name| Some((one.get(name)?, other.get(name)?));
    one == other || both("value").is_some_and(|(left, right)| left == right) && both("type").is_none_or(|(left, right)| left == right)
}
