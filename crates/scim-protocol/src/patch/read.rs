//! Operations as single steps, each at a known place with a checked value.

use serde_json::Value;

use super::{
    Patch, Step, Verb,
    values::{self, check_schemas},
};
use crate::{
    Filter, ScimError,
    order::is_order,
    path::{Path, unknown},
    schema::{Mutability, Schema, Target},
    urn,
    value::{self, wrong},
};

/// A place, and whether the client named it in a `path`: then it must be one that can be written.
struct Place {
    target: Target,
    filter: Option<Filter>,
    in_path: bool,
}

impl Patch {
    pub(super) fn read(&mut self, operation: Value) -> Result<(), ScimError> {
        let (verb, path, value) = parts(operation)?;
        let path = path.map(|text| Path::parse(self.resource_type, &text)).transpose()?;
        self.options_in_path |= verb != Verb::Remove && path.as_ref().is_some_and(is_of_reset);
        match (verb, path, value) {
            (Verb::Remove, None, _) => Err(ScimError::no_target("`remove` needs a `path`: say what is to be removed")),
            (Verb::Remove, Some(Path::Schema(schema)), _) => self.remove_schema(schema),
            (Verb::Remove, Some(Path::Attribute { target, filter }), value) => {
                // It has no value (RFC 7644 §3.5.2.2), but Entra ID lists the elements of a whole list that are to go.
                let listed = value.filter(|_| target.attribute.multi_valued && target.sub.is_none() && filter.is_none());
                self.step(verb, Place { target, filter, in_path: true }, listed.unwrap_or(Value::Null))
            }
            (_, _, None) => Err(ScimError::invalid_value("`add` and `replace` need a `value`")),
            (verb, None, Some(value)) => self.members(verb, self.resource_type.core, value),
            (verb, Some(Path::Schema(schema)), Some(value)) => self.members(verb, schema, value),
            (verb, Some(Path::Attribute { target, filter }), Some(value)) => self.step(verb, Place { target, filter, in_path: true }, value),
        }
    }

    fn remove_schema(&mut self, schema: &'static Schema) -> Result<(), ScimError> {
        match schema.id {
            _ if schema.is_core() => Err(ScimError::mutability("the core attributes cannot be removed all at once")),
            urn::WSO2 | urn::RESET => Ok(()),
            _ => {
                self.steps.push(Step { verb: Verb::Remove, path: Path::Schema(schema), value: Value::Null });
                Ok(())
            }
        }
    }

    /// An object whose members are places within a schema; the core one may hold extensions by their URNs.
    fn members(&mut self, verb: Verb, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let members = match value {
            Value::Object(members) => members,
            Value::Null if !schema.is_core() => return if verb == Verb::Replace { self.remove_schema(schema) } else { Ok(()) },
            other => return Err(wrong("value", "an object of attributes when `path` names none", &other)),
        };
        members.into_iter().try_for_each(|(name, value)| self.member(verb, schema, &name, value))
    }

    fn member(&mut self, verb: Verb, schema: &'static Schema, name: &str, value: Value) -> Result<(), ScimError> {
        if name.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        let place = |target, filter| Place { target, filter, in_path: false };
        if let Some(target) = schema.target(name) {
            return self.step(verb, place(target, None), value);
        }
        if !schema.is_core() && !name.to_ascii_lowercase().starts_with("urn:") {
            return Err(unknown(self.resource_type, &format!("{}:{name}", schema.id)));
        }
        match Path::parse(self.resource_type, name)? {
            Path::Schema(inner) if schema.is_core() => self.members(verb, inner, value),
            Path::Schema(_) => Err(unknown(self.resource_type, name)),
            Path::Attribute { target, filter } => self.step(verb, place(target, filter), value),
        }
    }

    fn step(&mut self, verb: Verb, place: Place, value: Value) -> Result<(), ScimError> {
        let Place { target, filter, in_path } = place;
        if target.attribute.name == "schemas" {
            return if in_path { check_schemas(self.resource_type, verb, &value) } else { Ok(()) };
        }
        if target.is_read_only() {
            self.orders.note(&target, &value);
            return if in_path { Err(ScimError::mutability(format!("`{target}` is read-only"))) } else { Ok(()) };
        }
        let is_listed = verb == Verb::Remove && !value.is_null();
        let value = values::read(verb, &target, filter.is_some(), value)?;
        if is_order(&target) {
            return self.order(verb, &target, &value);
        }
        match (verb, value.is_null()) {
            // A list that names nothing is not the whole attribute.
            (Verb::Remove, true) if is_listed => return Ok(()),
            (Verb::Add, true) => return Ok(()),
            (Verb::Remove, _) | (Verb::Replace, true) => check_removable(&target)?,
            _ => {}
        }
        let target = if verb != Verb::Add && value.is_null() { target.taken_away() } else { target };
        // With a filter it stays a `replace`: that must find something.
        let verb = if value.is_null() && filter.is_none() { Verb::Remove } else { verb };
        self.steps.push(Step { verb, path: Path::Attribute { target, filter }, value });
        Ok(())
    }

    fn order(&mut self, verb: Verb, target: &Target, value: &Value) -> Result<(), ScimError> {
        self.ordered.push(*target);
        let trigger = target.attribute.name == "forcePasswordReset";
        if verb == Verb::Remove && !trigger {
            return Err(ScimError::mutability(format!("`{target}` cannot be removed")));
        }
        if verb == Verb::Remove || value.is_null() {
            self.orders.force_named |= trigger;
            return Ok(());
        }
        self.orders.take(target, value);
        Ok(())
    }
}

fn check_removable(target: &Target) -> Result<(), ScimError> {
    let refused = |why: &str| Err(ScimError::mutability(format!("`{target}` {why}")));
    match target.innermost() {
        last if last.required => refused("is required and cannot be removed"),
        last if last.mutability == Mutability::Immutable => refused("is immutable and cannot be removed alone: remove the whole value"),
        _ => Ok(()),
    }
}

/// Does a path name the reset's options, or one of them?
fn is_of_reset(path: &Path) -> bool {
    let (Path::Schema(schema) | Path::Attribute { target: Target { schema, .. }, .. }) = path;
    schema.id == urn::RESET
}

fn parts(operation: Value) -> Result<(Verb, Option<String>, Option<Value>), ScimError> {
    let Value::Object(members) = operation else { return Err(ScimError::invalid_syntax("each of `Operations` must be an object")) };
    let mut parts = Parts::default();
    for (name, value) in members {
        parts.take(&name, value)?;
    }
    Ok((parts.verb()?, parts.path()?, parts.value))
}

#[derive(Default)]
struct Parts {
    op: Option<Value>,
    path: Option<Value>,
    value: Option<Value>,
}

impl Parts {
    fn take(&mut self, name: &str, value: Value) -> Result<(), ScimError> {
        let slot = match name.to_ascii_lowercase().as_str() {
            "op" => &mut self.op,
            "path" => &mut self.path,
            "value" => &mut self.value,
            _ => return Ok(()),
        };
        if slot.replace(value).is_some() { Err(value::twice(name)) } else { Ok(()) }
    }

    fn verb(&self) -> Result<Verb, ScimError> {
        let word = self.op.as_ref().and_then(Value::as_str).unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "add" => Ok(Verb::Add),
            "replace" => Ok(Verb::Replace),
            "remove" => Ok(Verb::Remove),
            _ => Err(ScimError::invalid_syntax("`op` must be add, replace or remove")),
        }
    }

    /// An empty path is none.
    fn path(&self) -> Result<Option<String>, ScimError> {
        match &self.path {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(other) => Err(ScimError::invalid_path(format!("`path` must be a string, not {}", crate::json::kind(other)))),
        }
    }
}
