//! One step on a multi-valued attribute.

use serde_json::Value;

use super::{
    Verb,
    apply::{with, without},
    places::{Places, said_of},
};
use crate::{
    Filter, ScimError,
    distinct::{Distinct, is_keyed, merged, renewed},
    schema::Target,
    value::{self, is_primary},
};

/// The list as it is afterwards, null when it is empty.
pub(super) fn edit(target: &Target, filter: Option<&Filter>, verb: Verb, present: Value, value: &Value) -> Result<Value, ScimError> {
    let mut list = List { target, filter, elements: elements(present), touched: Vec::new() };
    match verb {
        Verb::Remove => list.remove(value),
        Verb::Replace if value.is_null() => list.unassign()?,
        Verb::Add | Verb::Replace if filter.is_some() => list.change_chosen(verb, value)?,
        Verb::Add | Verb::Replace => list.change_all(verb, value)?,
    }
    list.settle_primary()?;
    list.finish()
}

struct List<'a> {
    target: &'a Target,
    filter: Option<&'a Filter>,
    elements: Vec<Value>,
    /// The places of those that the step has written, but for what was the primary value and is so without a word.
    touched: Vec<usize>,
}

impl List<'_> {
    fn chooses(&self, element: &Value) -> bool {
        self.filter.is_none_or(|filter| filter.matches(self.target.attribute, element))
    }

    /// Null in the place of what the filter chooses takes that away, but as any `replace` it must find something (RFC 7644 §3.5.2.3).
    fn unassign(&mut self) -> Result<(), ScimError> {
        if !self.elements.iter().any(|element| self.chooses(element)) {
            return Err(self.no_target());
        }
        self.remove(&Value::Null);
        Ok(())
    }

    fn no_target(&self) -> ScimError {
        ScimError::no_target(format!("no value of `{}` fulfils the filter of the path", self.target.attribute.name))
    }

    /// Without a filter but with a value, only the elements listed go (Entra ID sends that).
    fn remove(&mut self, value: &Value) {
        let listed = elements(value.clone());
        let places = Places::of(self.target.attribute, &listed);
        let named = |element: &Value| listed.is_empty() || places.find(&listed, element).is_some();
        let mut left = Vec::new();
        for element in std::mem::take(&mut self.elements) {
            let chosen = if self.filter.is_some() { self.chooses(&element) } else { named(&element) };
            match (chosen, self.target.sub) {
                (false, _) => left.push(element),
                (true, None) => {}
                (true, Some(sub)) => left.extend(Some(without(&element, sub.name)).filter(|rest| !rest.is_null())),
            }
        }
        self.elements = left;
    }

    fn change_all(&mut self, verb: Verb, value: &Value) -> Result<(), ScimError> {
        match (self.target.sub, verb) {
            (Some(_), _) if self.elements.is_empty() => self.push(Value::Null, value),
            (Some(_), _) => (0..self.elements.len()).try_for_each(|at| self.change(at, Verb::Add, value)),
            (None, Verb::Add) => self.put_in(&elements(value.clone())),
            (None, _) => self.replace_all(elements(value.clone())),
        }
    }

    fn change_chosen(&mut self, verb: Verb, value: &Value) -> Result<(), ScimError> {
        let chosen: Vec<_> = (0..self.elements.len()).filter(|at| self.elements.get(*at).is_some_and(|element| self.chooses(element))).collect();
        if chosen.is_empty() {
            let described = self.filter.filter(|_| verb == Verb::Add).and_then(|filter| filter.described(self.target.attribute));
            let described = described.ok_or_else(|| self.no_target())?;
            let start = value::one(self.target.attribute, Value::Object(described), self.target.attribute.name)?;
            self.push(start, value)?;
        }
        chosen.into_iter().try_for_each(|at| self.change(at, verb, value))
    }

    fn change(&mut self, at: usize, verb: Verb, value: &Value) -> Result<(), ScimError> {
        let Some(slot) = self.elements.get_mut(at) else { return Ok(()) };
        let present = std::mem::take(slot);
        let changed = match (self.target.sub, verb) {
            (Some(sub), _) => with(&present, sub.name, value),
            (None, Verb::Replace) => value.clone(),
            (None, _) => merged(&present, value),
        };
        // To put another element in the place of one is to take that out, not to change it.
        let is_another = verb == Verb::Replace && self.target.sub.is_none() && present.get("value") != changed.get("value");
        *slot = if is_another { changed } else { kept(self.target, &present, changed)? };
        if !is_primary(&present) || says_primary(self.target, value) {
            self.touched.push(at);
        }
        Ok(())
    }

    /// A new element is primary by what the step says, also where it is the filter that says so.
    fn push(&mut self, start: Value, value: &Value) -> Result<(), ScimError> {
        let at = self.elements.len();
        self.elements.push(start);
        self.touched.push(at);
        self.change(at, Verb::Add, value)
    }

    /// An element that is there already is not put in twice: the parts of the new one go over it.
    fn put_in(&mut self, new: &[Value]) -> Result<(), ScimError> {
        let mut places = Places::of(self.target.attribute, &self.elements);
        for element in new {
            let there = places.find(&self.elements, element).and_then(|at| Some((at, said_of(self.target.attribute, self.elements.get(at)?, element))));
            if let Some((at, said)) = there {
                self.change(at, Verb::Add, &said)?;
                places.note(at, self.elements.get(at).unwrap_or(element));
            } else {
                places.note(self.elements.len(), element);
                self.push(Value::Null, element)?;
            }
        }
        Ok(())
    }

    fn replace_all(&mut self, new: Vec<Value>) -> Result<(), ScimError> {
        let before = std::mem::replace(&mut self.elements, new);
        if is_keyed(self.target.attribute) {
            let places = Places::of(self.target.attribute, &before);
            for element in std::mem::take(&mut self.elements) {
                let was = places.find(&before, &element).and_then(|at| before.get(at));
                let element = if let Some(was) = was { kept(self.target, was, element)? } else { element };
                self.elements.push(element);
            }
        }
        Ok(())
    }

    /// A new primary value takes the place of the old one.
    fn settle_primary(&mut self) -> Result<(), ScimError> {
        let new: Vec<_> = self.touched.iter().copied().filter(|at| self.elements.get(*at).is_some_and(is_primary)).collect();
        let Some(first) = new.first().copied() else { return Ok(()) };
        if new.iter().any(|at| *at != first) {
            return Err(ScimError::invalid_value(format!("only one value of `{}` may have `primary` true", self.target.attribute.name)));
        }
        for (at, element) in self.elements.iter_mut().enumerate() {
            if at != first && is_primary(element) {
                *element = with(element, "primary", &Value::Bool(false));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Value, ScimError> {
        let mut left = Distinct::new(self.target.attribute);
        self.elements.into_iter().try_for_each(|element| left.put(element))?;
        let left = left.into_elements();
        Ok(if left.is_empty() { Value::Null } else { Value::Array(left) })
    }
}

/// The element as it is afterwards, with what is immutable unchanged.
fn kept(target: &Target, before: &Value, after: Value) -> Result<Value, ScimError> {
    let name = target.attribute.name;
    let refused = |part| ScimError::mutability(format!("`{name}.{part}` cannot be changed once it is set: remove the value and add another one"));
    renewed(target.attribute, before, after).map_err(refused)
}

fn says_primary(target: &Target, value: &Value) -> bool {
    target.sub.map_or_else(|| is_primary(value), |sub| sub.name == "primary")
}

fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}
