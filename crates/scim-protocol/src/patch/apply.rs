//! One step on a resource.

use serde_json::Value;

use super::{Step, Verb, list};
use crate::{
    Object, ScimError,
    body::within,
    distinct::{members_of, merged},
    path::Path,
    schema::{Kind, Target},
};

impl Step {
    pub(super) fn apply(&self, resource: &mut Object) -> Result<(), ScimError> {
        match &self.path {
            Path::Schema(schema) => {
                resource.remove(schema.id);
                Ok(())
            }
            Path::Attribute { target, filter } => within(resource, target.schema, |members| {
                let present = members.remove(target.attribute.name).unwrap_or(Value::Null);
                let changed = if target.attribute.multi_valued {
                    list::edit(target, filter.as_ref(), self.verb, present, &self.value)?
                } else {
                    single(target, self.verb, &present, &self.value)
                };
                if !changed.is_null() {
                    members.insert(target.attribute.name.to_owned(), changed);
                }
                Ok(())
            }),
        }
    }
}

fn single(target: &Target, verb: Verb, present: &Value, value: &Value) -> Value {
    match (target.sub, verb) {
        (None, Verb::Remove) => Value::Null,
        (None, _) if target.attribute.kind == Kind::Complex => assigned(&merged(present, value)),
        (None, _) => value.clone(),
        (Some(sub), Verb::Remove) => without(present, sub.name),
        (Some(sub), _) => with(present, sub.name, value),
    }
}

/// The complex value without the parts that are null; null when nothing is left.
fn assigned(value: &Value) -> Value {
    let parts: Object = members_of(value).into_iter().filter(|(_, part)| !part.is_null()).collect();
    if parts.is_empty() { Value::Null } else { Value::Object(parts) }
}

/// The complex value with this part set.
pub(super) fn with(present: &Value, name: &str, value: &Value) -> Value {
    let mut parts = members_of(present);
    parts.insert(name.to_owned(), value.clone());
    Value::Object(parts)
}

/// The complex value without this part; null when nothing is left.
pub(super) fn without(present: &Value, name: &str) -> Value {
    let mut parts = members_of(present);
    parts.remove(name);
    if parts.is_empty() { Value::Null } else { Value::Object(parts) }
}
