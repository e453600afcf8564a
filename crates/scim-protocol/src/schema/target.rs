//! Places in a resource.

use serde_json::Value;

use super::{Attribute, Schema};
use crate::Object;

/// A place in a resource: an attribute, or a part of one.
#[derive(Clone, Copy)]
pub struct Target {
    /// The schema that it belongs to.
    pub schema: &'static Schema,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// Its part.
    pub sub: Option<&'static Attribute>,
}

impl Target {
    /// Is it this attribute?
    pub fn is(&self, schema: &str, name: &str) -> bool {
        self.schema.id == schema && self.attribute.name == name
    }

    /// The innermost attribute named.
    pub fn innermost(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// May we alone write it?
    pub fn is_read_only(&self) -> bool {
        self.attribute.mutability.is_ours() || self.innermost().mutability.is_ours()
    }

    /// Is it the `value` of a single complex attribute, without which that is none: a manager's id?
    pub(crate) fn is_sole_value(&self) -> bool {
        !self.attribute.multi_valued && self.sub.is_some_and(|sub| sub.name == "value")
    }

    /// The place that goes when this one becomes nothing: with its `value` a manager goes altogether.
    pub(crate) fn taken_away(self) -> Self {
        Self { sub: self.sub.filter(|_| !self.is_sole_value()), ..self }
    }

    /// The place compared when this one is named: a complex attribute stands for its `value`, if it has one.
    #[must_use]
    pub fn with_value(self) -> Self {
        Self { sub: self.sub.or_else(|| self.attribute.sub("value")), ..self }
    }

    /// The value of the attribute (not of its part) in a resource; that of an extension lies in the object under its URN.
    pub fn value_in<'a>(&self, resource: &'a Object) -> Option<&'a Value> {
        let members = if self.schema.is_core() { resource } else { resource.get(self.schema.id)?.as_object()? };
        members.get(self.attribute.name)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.schema.is_core() {
            write!(out, "{}:", self.schema.id)?;
        }
        out.write_str(self.attribute.name)?;
        self.sub.map_or(Ok(()), |sub| write!(out, ".{}", sub.name))
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Target({self})")
    }
}
