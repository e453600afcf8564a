//! Where in a list an element stands.

use serde_json::Value;
use std::collections::HashMap;

use crate::{Key, distinct::is_keyed, schema::Attribute};

/// What elements are looked up by: their parts as they are compared, by letter case only where the schema says so.
#[derive(PartialEq, Eq, Hash)]
enum Mark {
    /// Its `value` and its `type`, or none.
    Both(Key, Option<Key>),
    /// Its `value`, whatever its `type`.
    Value(Key),
    /// All parts of one that has no `value`.
    Whole(Vec<Option<Key>>),
}

/// An index of the elements of an attribute: a long list is changed without comparing each element with each.
pub(super) struct Places {
    attribute: &'static Attribute,
    /// The first element that is spelled so.
    spelled: HashMap<Value, usize>,
    /// The first element with this mark.
    marked: HashMap<Mark, usize>,
}

impl Places {
    pub(super) fn of(attribute: &'static Attribute, elements: &[Value]) -> Self {
        let mut places = Self { attribute, spelled: HashMap::new(), marked: HashMap::new() };
        elements.iter().enumerate().for_each(|(at, element)| places.note(at, element));
        places
    }

    /// Notes an element, or one that has changed: then what was noted of it before still leads there, and is looked at before it counts.
    pub(super) fn note(&mut self, at: usize, element: &Value) {
        self.spelled.entry(element.clone()).or_insert(at);
        let marks = match part(self.attribute, "value", element) {
            Some(value) => vec![Mark::Both(value.clone(), part(self.attribute, "type", element)), Mark::Value(value)],
            None => vec![Mark::Whole(whole(self.attribute, element))],
        };
        for mark in marks {
            self.marked.entry(mark).or_insert(at);
        }
    }

    /// The first of the elements noted that is the same as this one, better still spelled the same.
    pub(super) fn find(&self, elements: &[Value], element: &Value) -> Option<usize> {
        let spelled = self.spelled.get(element).copied().filter(|at| elements.get(*at) == Some(element));
        let is_same = |at: &usize| elements.get(*at).is_some_and(|other| same(self.attribute, other, element));
        spelled.or_else(|| self.marks(element).iter().filter_map(|mark| self.marked.get(mark).copied()).filter(is_same).min())
    }

    /// The marks of which the same element has one.
    fn marks(&self, element: &Value) -> Vec<Mark> {
        let Some(value) = part(self.attribute, "value", element) else { return vec![Mark::Whole(whole(self.attribute, element))] };
        match part(self.attribute, "type", element).filter(|_| !is_keyed(self.attribute)) {
            Some(kind) => vec![Mark::Both(value.clone(), Some(kind)), Mark::Both(value, None)],
            None => vec![Mark::Value(value)],
        }
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

/// The same element: in `value` and, where both have one and it counts, `type`; without a `value` it must be alike altogether.
fn same(attribute: &'static Attribute, one: &Value, other: &Value) -> bool {
    let both = |name| Some((part(attribute, name, one)?, part(attribute, name, other)?));
    match both("value") {
        Some((left, right)) => left == right && (is_keyed(attribute) || both("type").is_none_or(|(left, right)| left == right)),
        None => whole(attribute, one) == whole(attribute, other),
    }
}

fn whole(attribute: &'static Attribute, element: &Value) -> Vec<Option<Key>> {
    match attribute.sub_attributes {
        [] => vec![Key::of(attribute, element)],
        subs => subs.iter().map(|sub| part(attribute, sub.name, element)).collect(),
    }
}

fn part(attribute: &'static Attribute, name: &str, element: &Value) -> Option<Key> {
    Key::of(attribute.sub(name)?, element.get(name)?)
}
