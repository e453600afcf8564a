//! One step on a multi-valued attribute.

use serde_json::Value;

use super::{
    Verb,
    apply::{merged, with, without},
};
use crate::{Filter, ScimError, schema::Target, value::is_primary};

/// The list as it is afterwards, null when it is empty.
pub(super) fn edit(target: &Target, filter: Option<&Filter>, verb: Verb, present: Value, value: &Value) -> Result<Value, ScimError> {
    let mut list = List { target, filter, elements: elements(present), touched: Vec::new() };
    match verb {
        Verb::Remove => list.remove(value),
        Verb::Add | Verb::Replace if filter.is_some() => list.change_chosen(verb, value)?,
        Verb::Add | Verb::Replace => list.change_all(verb, value),
    }
    list.settle_primary()?;
    Ok(list.finish())
}

struct List<'a> {
    target: &'a Target,
    filter: Option<&'a Filter>,
    elements: Vec<Value>,
    touched: Vec<usize>,
}

impl List<'_> {
    fn chooses(&self, element: &Value) -> bool {
        self.filter.is_none_or(|filter| filter.matches(self.target.attribute, element))
    }

    /// Without a filter but with a value, only the elements listed go (Entra ID sends that).
    fn remove(&mut self, value: &Value) {
        let listed = elements(value.clone());
        let mut left = Vec::new();
        for element in std::mem::take(&mut self.elements) {
            let chosen = self.chooses(&element) && (listed.is_empty() || self.filter.is_some() || listed.iter().any(|gone| same(gone, &element)));
            match (chosen, self.target.sub) {
                (false, _) => left.push(element),
                (true, None) => {}
                (true, Some(sub)) => left.extend(Some(without(&element, sub.name)).filter(|rest| !rest.is_null())),
            }
        }
        self.elements = left;
    }

    fn change_all(&mut self, verb: Verb, value: &Value) {
        match (self.target.sub, verb) {
            (Some(_), _) if self.elements.is_empty() => self.push(Value::Null, value),
            (Some(_), _) => (0..self.elements.len()).for_each(|at| self.change(at, Verb::Add, value)),
            (None, Verb::Add) => elements(value.clone()).iter().for_each(|element| self.put_in(element)),
            (None, _) => self.elements = elements(value.clone()),
        }
    }

    fn change_chosen(&mut self, verb: Verb, value: &Value) -> Result<(), ScimError> {
        let chosen: Vec<_> = (0..self.elements.len()).filter(|at| self.elements.get(*at).is_some_and(|element| self.chooses(element))).collect();
        if chosen.is_empty() {
            let described = self.filter.filter(|_| verb == Verb::Add).and_then(|filter| filter.described(self.target.attribute));
            let described =
                described.ok_or_else(|| ScimError::no_target(format!("no value of `{}` fulfils the filter of the path", self.target.attribute.name)))?;
            self.push(Value::Object(described), value);
        }
        for at in chosen {
            self.change(at, verb, value);
        }
        Ok(())
    }

    fn change(&mut self, at: usize, verb: Verb, value: &Value) {
        let Some(slot) = self.elements.get_mut(at) else { return };
        let present = std::mem::take(slot);
        *slot = match (self.target.sub, verb) {
            (Some(sub), _) => with(&present, sub.name, value),
            (None, Verb::Replace) => value.clone(),
            (None, _) => merged(&present, value),
        };
        self.touched.push(at);
    }

    fn push(&mut self, start: Value, value: &Value) {
        self.elements.push(start);
        self.change(self.elements.len() - 1, Verb::Add, value);
    }

    /// An element that is there already is not put in twice: the parts of the new one go over it.
    fn put_in(&mut self, element: &Value) {
        match self.elements.iter().position(|present| same(present, element)) {
            Some(at) => self.change(at, Verb::Add, element),
            None => self.push(Value::Null, element),
        }
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

    fn finish(self) -> Value {
        let mut left: Vec<Value> = Vec::with_capacity(self.elements.len());
        for element in self.elements {
            if !left.contains(&element) {
                left.push(element);
            }
        }
        if left.is_empty() { Value::Null } else { Value::Array(left) }
    }
}

fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

/// The same element: alike altogether, or in `value` and, where both have one, `type`.
fn same(one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    let alike = |name| matches!((one.get(name), other.get(name)), (Some(left), Some(right)) if left == right);
    alike("value") && (alike("type") || one.get("type").is_none() || other.get("type").is_none())
}
