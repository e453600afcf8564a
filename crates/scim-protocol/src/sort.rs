//! Sorting (RFC 7644 §3.4.2.3).

use serde_json::Value;
use std::cmp::Ordering;

use crate::{
    Key, Object, ScimError,
    schema::{Attribute, COMMON, Kind, ResourceType, Returned, Searchable, Target},
    value::is_primary,
};

/// An order of resources.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    /// By what: never a complex attribute, but its `value` if that was asked for.
    pub target: Target,
    /// The greatest first?
    pub descending: bool,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`; empty texts stand for absent ones. Without `sortBy` there is no order, and `sortOrder` says nothing.
    ///
    /// # Errors
    /// 400 `invalidValue` for an attribute that there is not or that nothing can be sorted by, and for another order than `ascending`
    /// and `descending`.
    pub fn parse(resource_type: &'static ResourceType, sort_by: &str, sort_order: &str) -> Result<Option<Self>, ScimError> {
        if sort_by.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { target: sortable(resource_type, sort_by.trim())?, descending: is_descending(sort_order.trim())? }))
    }

    /// Which of two resources comes first. One without a value comes last, when descending first; those that are alike are in the order
    /// of their ids, which is always ascending.
    pub fn compare(&self, one: &Object, other: &Object) -> Ordering {
        let by_value = match (self.key(one), self.key(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        let by_value = if self.descending { by_value.reverse() } else { by_value };
        by_value.then_with(|| id(one).cmp(id(other)))
    }

    /// What a resource is sorted by: of several values the primary one, else the first.
    pub fn key(&self, resource: &Object) -> Option<Key> {
        let found = self.target.value_in(resource)?;
        let element = match found {
            Value::Array(elements) => elements.iter().find(|element| is_primary(element)).or_else(|| elements.first())?,
            single => single,
        };
        Key::of(self.target.innermost(), self.target.sub.map_or(Some(element), |sub| element.get(sub.name))?)
    }
}

fn id(resource: &Object) -> &str {
    resource.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn is_descending(order: &str) -> Result<bool, ScimError> {
    match order.to_ascii_lowercase().as_str() {
        "" | "ascending" => Ok(false),
        "descending" => Ok(true),
        _ => Err(ScimError::invalid_value("`sortOrder` must be `ascending` or `descending`")),
    }
}

fn sortable(resource_type: &'static ResourceType, name: &str) -> Result<Target, ScimError> {
    let found = resource_type.target(name).map(Target::with_value).filter(is_sortable);
    found.ok_or_else(|| {
        let (shown, usual): (String, _) = (name.chars().take(200).collect(), usual(resource_type).join(", "));
        ScimError::invalid_value(format!("`sortBy`: a {} cannot be sorted by `{shown}`; use one of {usual}, or a part of one", resource_type.name))
    })
}

fn is_sortable(target: &Target) -> bool {
    let hidden = |attribute: &Attribute| matches!(attribute.returned, Returned::Never | Returned::Request);
    let last = target.innermost();
    last.searchable == Searchable::FilterAndSort && !matches!(last.kind, Kind::Complex | Kind::Binary) && !hidden(target.attribute) && !hidden(last)
}

/// The names of the core schema that can be sorted by, for an error text.
fn usual(resource_type: &'static ResourceType) -> Vec<&'static str> {
    let attributes = COMMON.iter().chain(resource_type.core.attributes).map(|attribute| attribute.name);
    attributes.filter(|name| resource_type.core.target(name).is_some_and(|found| is_sortable(&found.with_value()))).collect()
}

#[cfg(test)]
mod tests;
