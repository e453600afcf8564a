//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which parts of a resource are returned.

use serde_json::Value;

use crate::{
    Object,
    schema::{Attribute, Named, Returned, Schema, USER, USER_SCHEMAS, resolve},
};

/// Which parts of a resource a client asks for. Names that there are not are passed over.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    only: Option<Vec<Named>>,
    without: Vec<Named>,
}

/// How much of an attribute a list of names covers.
enum Cover {
    Nothing,
    Parts(Vec<&'static str>),
    Whole,
}

impl Projection {
    /// From the two parameters; each text may hold several names with commas between. `attributes` wins when both are given.
    pub fn new(attributes: &[String], excluded: &[String]) -> Self {
        let given = attributes.iter().any(|names| !names.trim().is_empty());
        let only = given.then(|| names(attributes));
        Self { without: if only.is_some() { Vec::new() } else { names(excluded) }, only }
    }

    /// Is this attribute asked for, by its own name or its schema's?
    pub fn requests(&self, schema: &str, attribute: &str) -> bool {
        self.only.iter().flatten().any(|named| match named {
            Named::Schema(found) => found.id == schema,
            Named::Target(target) => target.is(schema, attribute),
        })
    }

    /// The resource with only what is to be returned; `id` and `schemas` always stay.
    #[must_use]
    pub fn apply(&self, resource: Object) -> Object {
        let mut shown = Object::new();
        for (name, value) in resource {
            let extension = USER_SCHEMAS.into_iter().find(|schema| !schema.is_core() && schema.id == name);
            let kept = match (extension, value) {
                (Some(schema), Value::Object(members)) => Some(Value::Object(self.members(schema, members))).filter(|kept| !is_empty(kept)),
                (None, value) => self.member(&USER, &name, value),
                (Some(_), _) => None,
            };
            if let Some(kept) = kept {
                shown.insert(name, kept);
            }
        }
        shown
    }

    fn members(&self, schema: &'static Schema, members: Object) -> Object {
        members.into_iter().filter_map(|(name, value)| Some((name.clone(), self.member(schema, &name, value)?))).collect()
    }

    fn member(&self, schema: &'static Schema, name: &str, value: Value) -> Option<Value> {
        let attribute = schema.attribute(name)?;
        match (attribute.returned, &self.only) {
            (Returned::Never, _) | (Returned::Request, None) => None,
            (Returned::Always, _) => Some(value),
            (_, Some(only)) => keep(&cover(only, schema, attribute), value),
            (Returned::Default, None) => drop_from(&cover(&self.without, schema, attribute), value),
        }
    }
}

fn cover(names: &[Named], schema: &'static Schema, attribute: &'static Attribute) -> Cover {
    let mut parts = Vec::new();
    for named in names {
        match named {
            Named::Schema(found) if found.id == schema.id => return Cover::Whole,
            Named::Target(target) if target.is(schema.id, attribute.name) => match target.sub {
                None => return Cover::Whole,
                Some(sub) => parts.push(sub.name),
            },
            _ => {}
        }
    }
    if parts.is_empty() { Cover::Nothing } else { Cover::Parts(parts) }
}

fn keep(cover: &Cover, value: Value) -> Option<Value> {
    match cover {
        Cover::Nothing => None,
        Cover::Whole => Some(value),
        Cover::Parts(parts) => Some(filtered(value, &|name| parts.contains(&name))).filter(|kept| !is_empty(kept)),
    }
}

fn drop_from(cover: &Cover, value: Value) -> Option<Value> {
    match cover {
        Cover::Nothing => Some(value),
        Cover::Whole => None,
        Cover::Parts(parts) => Some(filtered(value, &|name| !parts.contains(&name))).filter(|kept| !is_empty(kept)),
    }
}

fn filtered(value: Value, stays: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(parts) => Value::Object(parts.into_iter().filter(|(name, _)| stays(name)).collect()),
        Value::Array(elements) => Value::Array(elements.into_iter().map(|element| filtered(element, stays)).filter(|element| !is_empty(element)).collect()),
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn names(lists: &[String]) -> Vec<Named> {
    lists.iter().flat_map(|list| list.split(',')).filter_map(|name| named(name.trim())).collect()
}

/// Here alone an extension's attribute may go without its URN: people type it so.
fn named(name: &str) -> Option<Named> {
    let elsewhere = || USER_SCHEMAS.into_iter().find_map(|schema| schema.target(name)).map(Named::Target);
    resolve(name).or_else(elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urn;
    use serde_json::json;

    fn user() -> Object {
        let user = json!({
            "schemas": [urn::USER, urn::WSO2], "id": "1", "userName": "alice", "name": {"givenName": "A", "familyName": "B"},
            "emails": [{"value": "a@b.c", "type": "work"}], "meta": {"version": "W/\"1\""}, "password": "never",
            urn::WSO2: {"accountLocked": false, "oneTimePassword": "CODE"},
            urn::ENTERPRISE_USER: {"forcePasswordReset": true}
        });
        user.as_object().cloned().expect("an object")
    }

    fn shown(attributes: &[&str], excluded: &[&str]) -> Value {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Value::Object(Projection::new(&owned(attributes), &owned(excluded)).apply(user()))
    }

    #[test]
    fn by_default_all_is_shown_but_secrets() {
        let all = shown(&[], &[]);
        assert_eq!(all.get(urn::WSO2), Some(&json!({"accountLocked": false})));
        assert!(all.get("password").is_none() && all.get(urn::ENTERPRISE_USER).is_none() && all.get("meta").is_some());
    }

    #[test]
    fn only_what_is_named_is_shown_and_id_and_schemas() {
        let few = shown(&["USERNAME, emails.VALUE", "password"], &[]);
        assert_eq!(few, json!({"schemas": [urn::USER, urn::WSO2], "id": "1", "userName": "alice", "emails": [{"value": "a@b.c"}]}));
        assert_eq!(shown(&["nothing"], &[]), json!({"schemas": [urn::USER, urn::WSO2], "id": "1"}));
    }

    #[test]
    fn what_is_excluded_is_not_shown_but_id_stays() {
        let rest = shown(&[], &["id", "schemas", "name.givenName", "emails", "urn:scim:wso2:schema"]);
        assert_eq!(rest.get("name"), Some(&json!({"familyName": "B"})));
        assert!(rest.get("id").is_some() && rest.get("schemas").is_some() && rest.get("emails").is_none() && rest.get(urn::WSO2).is_none());
    }

    #[test]
    fn the_code_is_shown_when_asked_for_by_any_of_its_names() {
        for name in ["urn:scim:wso2:schema:oneTimePassword", "URN:SCIM:WSO2:SCHEMA", "onetimepassword"] {
            let projection = Projection::new(&[name.to_owned()], &[]);
            assert!(projection.requests(urn::WSO2, "oneTimePassword"), "{name}");
            assert_eq!(shown(&[name], &[]).pointer("/urn:scim:wso2:schema/oneTimePassword"), Some(&json!("CODE")), "{name}");
        }
        assert!(!Projection::default().requests(urn::WSO2, "oneTimePassword"));
    }
}
