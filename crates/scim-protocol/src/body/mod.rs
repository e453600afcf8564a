//! Reading a whole resource: the body of a POST or PUT.

mod check;
mod group;
mod user;

pub(crate) use check::check;
pub use group::GroupBody;
pub use user::{MAX_USER_NAME, UserBody};

use serde_json::Value;

use crate::{
    Object, Orders, ScimError, json,
    path::unknown,
    schema::{Named, ResourceType, Schema, Target},
    value::{self, Lists},
};

/// A body being read. Attributes that we alone write are left out (RFC 7644 §3.3, §3.5.1); such as there are not are refused: whoever sends
/// one would take it for stored.
struct Reader {
    resource_type: &'static ResourceType,
    /// Canonical names, no nulls, no empty lists.
    resource: Object,
    orders: Orders,
}

/// What a body says of a resource, and what it orders beside.
fn read(resource_type: &'static ResourceType, body: &[u8]) -> Result<(Object, Orders), ScimError> {
    let mut reader = Reader { resource_type, resource: Object::new(), orders: Orders::default() };
    for (name, value) in json::object(body)? {
        reader.member(&name, value)?;
    }
    check(resource_type, &reader.resource)?;
    Ok((reader.resource, reader.orders.with_echo_apart()))
}

impl Reader {
    fn member(&mut self, name: &str, value: Value) -> Result<(), ScimError> {
        if name.eq_ignore_ascii_case("schemas") {
            return check_schemas(self.resource_type, &value);
        }
        match self.resource_type.resolve(name) {
            Some(Named::Schema(schema)) => self.extension(schema, value),
            Some(Named::Target(target)) => self.assign(target, value),
            None => Err(no_such(self.resource_type, name)),
        }
    }

    fn extension(&mut self, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let members = match value {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            other => return Err(value::wrong(schema.id, "an object", &other)),
        };
        for (name, value) in members.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
            let target = schema.target(&name).ok_or_else(|| no_such(self.resource_type, &format!("{}:{name}", schema.id)))?;
            self.assign(target, value)?;
        }
        Ok(())
    }

    fn assign(&mut self, target: Target, value: Value) -> Result<(), ScimError> {
        if target.is_read_only() || target.attribute.name == "schemas" {
            self.orders.note(&target, &value);
            return Ok(());
        }
        let value = value::of(&target, value, Lists::Strict)?;
        if value.is_null() || self.orders.take(&target, &value) {
            return Ok(());
        }
        place(&mut self.resource, &target, value)
    }
}

fn place(resource: &mut Object, target: &Target, value: Value) -> Result<(), ScimError> {
    within(resource, target.schema, |members| match target.sub {
        None => put_once(members, target.attribute.name, value),
        Some(sub) => {
            let slot = members.entry(target.attribute.name).or_insert_with(|| Value::Object(Object::new()));
            slot.as_object_mut().map_or_else(|| Err(value::twice(target.attribute.name)), |parts| put_once(parts, sub.name, value))
        }
    })
}

fn put_once(members: &mut Object, name: &str, value: Value) -> Result<(), ScimError> {
    match members.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(value::twice(name)),
    }
}

/// Works on the object in which the attributes of a schema lie: the resource itself for the core one. An extension left empty goes.
pub(crate) fn within<T>(resource: &mut Object, schema: &Schema, work: impl FnOnce(&mut Object) -> T) -> T {
    if schema.is_core() {
        return work(resource);
    }
    let mut members = match resource.remove(schema.id) {
        Some(Value::Object(members)) => members,
        _ => Object::new(),
    };
    let done = work(&mut members);
    if !members.is_empty() {
        resource.insert(schema.id.to_owned(), Value::Object(members));
    }
    done
}

/// Said at all, the schemas must be those of such a resource: a group sent to the users is a mistake.
fn check_schemas(resource_type: &'static ResourceType, value: &Value) -> Result<(), ScimError> {
    let core = resource_type.core.id;
    let fits = match value {
        Value::Null => true,
        Value::Array(urns) => {
            urns.iter().all(Value::is_string) && (urns.is_empty() || urns.iter().filter_map(Value::as_str).any(|urn| urn.eq_ignore_ascii_case(core)))
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(ScimError::invalid_syntax(format!("`schemas` must be an array of URNs, `{core}` among them"))) }
}

/// 400 `invalidSyntax`: `invalidPath` is for the paths of a PATCH (RFC 7644 table 9).
fn no_such(resource_type: &'static ResourceType, name: &str) -> ScimError {
    ScimError::invalid_syntax(unknown(resource_type, name).detail)
}
