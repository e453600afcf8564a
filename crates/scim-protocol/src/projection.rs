//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which parts of a resource are returned.

use serde_json::Value;

use crate::{
    Object,
    schema::{Attribute, Named, ResourceType, Returned, Schema, Target},
};

/// Which parts of a resource a client asks for. Names that there are not are passed over.
#[derive(Clone, Debug)]
pub struct Projection {
    resource_type: &'static ResourceType,
    only: Option<Vec<Named>>,
    without: Vec<Named>,
}

/// How much of an attribute.
enum Cover {
    Nothing,
    Only(Vec<&'static str>),
    AllBut(Vec<&'static str>),
    Whole,
}

impl Projection {
    /// From the two parameters; each text may hold several names with commas between. `attributes` wins when both are given.
    pub fn new(resource_type: &'static ResourceType, attributes: &[String], excluded: &[String]) -> Self {
        let given = attributes.iter().any(|names| !names.trim().is_empty());
        let only = given.then(|| names(resource_type, attributes));
        Self { resource_type, without: if only.is_some() { Vec::new() } else { names(resource_type, excluded) }, only }
    }

    /// Is this attribute asked for by its own name? Whoever asks for a whole schema need not know that it is in there.
    pub fn requests(&self, schema: &str, attribute: &str) -> bool {
        self.only.iter().flatten().any(|named| matches!(named, Named::Target(target) if target.is(schema, attribute)))
    }

    /// Would anything of this attribute be shown? If not, it need not be looked up. False for what the type does not have.
    pub fn shows(&self, schema: &str, attribute: &str) -> bool {
        let found = self.resource_type.schemas().find(|found| found.id == schema).and_then(|schema| schema.target(attribute));
        found.is_some_and(|Target { schema, attribute, .. }| !matches!(self.cover(schema, attribute), Cover::Nothing))
    }

    /// The resource with only what is to be returned; `id` and `schemas` always stay.
    #[must_use]
    pub fn apply(&self, mut resource: Object) -> Object {
        resource.retain(|name, value| match self.resource_type.extensions.iter().find(|schema| schema.id == name) {
            Some(schema) => value.as_object_mut().is_some_and(|members| {
                members.retain(|name, value| self.keeps(schema, name, value));
                !members.is_empty()
            }),
            None => self.keeps(self.resource_type.core, name, value),
        });
        resource
    }

    /// Is anything of an attribute returned? What is not is taken out of its value.
    fn keeps(&self, schema: &'static Schema, name: &str, value: &mut Value) -> bool {
        let Some(attribute) = schema.attribute(name) else { return false };
        match self.cover(schema, attribute) {
            Cover::Nothing => return false,
            Cover::Whole => return true,
            Cover::Only(parts) => filter(value, &|name| parts.contains(&name)),
            Cover::AllBut(parts) => filter(value, &|name| !parts.contains(&name)),
        }
        !is_empty(value)
    }

    /// How much of an attribute is shown.
    fn cover(&self, schema: &'static Schema, attribute: &'static Attribute) -> Cover {
        match (attribute.returned, &self.only) {
            (Returned::Never, _) | (Returned::Request, None) => Cover::Nothing,
            (Returned::Always, _) => Cover::Whole,
            (Returned::Request, Some(_)) if !self.requests(schema.id, attribute.name) => Cover::Nothing,
            (_, Some(only)) => named_parts(only, schema, attribute),
            (Returned::Default, None) => match named_parts(&self.without, schema, attribute) {
                Cover::Nothing => Cover::Whole,
                Cover::Only(parts) => Cover::AllBut(parts),
                Cover::Whole | Cover::AllBut(_) => Cover::Nothing,
            },
        }
    }
}

/// How much of an attribute a list of names covers.
fn named_parts(names: &[Named], schema: &'static Schema, attribute: &'static Attribute) -> Cover {
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
    if parts.is_empty() { Cover::Nothing } else { Cover::Only(parts) }
}

fn filter(value: &mut Value, stays: &dyn Fn(&str) -> bool) {
    match value {
        Value::Object(parts) => parts.retain(|name, _| stays(name)),
        Value::Array(elements) => elements.retain_mut(|element| {
            filter(element, stays);
            !is_empty(element)
        }),
        _ => {}
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

fn names(resource_type: &'static ResourceType, lists: &[String]) -> Vec<Named> {
    lists.iter().flat_map(|list| list.split(',')).filter_map(|name| named(resource_type, name.trim())).collect()
}

/// Here alone an extension's attribute may go without its URN: people type it so.
fn named(resource_type: &'static ResourceType, name: &str) -> Option<Named> {
    let elsewhere = || resource_type.schemas().find_map(|schema| schema.target(name)).map(Named::Target);
    resource_type.resolve(name).or_else(elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        schema::{GROUPS, USERS},
        urn,
    };
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
        Value::Object(Projection::new(&USERS, &owned(attributes), &owned(excluded)).apply(user()))
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
    fn it_is_known_beforehand_whether_an_attribute_is_shown() {
        let projection = |attributes: &[&str], excluded: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            Projection::new(&GROUPS, &owned(attributes), &owned(excluded))
        };
        for (attributes, excluded, shown) in [
            (&[][..], &[][..], true),
            (&[], &["MEMBERS"], false),
            (&[], &["members.display"], true),
            (&["displayName"], &[], false),
            (&["members.value"], &[], true),
            (&[urn::GROUP], &[], true),
        ] {
            assert_eq!(projection(attributes, excluded).shows(urn::GROUP, "members"), shown, "{attributes:?} {excluded:?}");
        }
        assert!(projection(&["displayName"], &[]).shows(urn::GROUP, "id") && !projection(&[], &[]).shows(urn::USER, "userName"));
        let code = |attributes: &[String]| Projection::new(&USERS, attributes, &[]).shows(urn::WSO2, "oneTimePassword");
        assert!(!code(&[]) && code(&["oneTimePassword".to_owned()]));
    }

    #[test]
    fn the_code_is_shown_when_asked_for_by_its_own_name() {
        for name in ["urn:scim:wso2:schema:oneTimePassword", "URN:SCIM:WSO2:SCHEMA:ONETIMEPASSWORD", "onetimepassword"] {
            let projection = Projection::new(&USERS, &[name.to_owned()], &[]);
            assert!(projection.requests(urn::WSO2, "oneTimePassword"), "{name}");
            assert_eq!(shown(&[name], &[]).pointer("/urn:scim:wso2:schema/oneTimePassword"), Some(&json!("CODE")), "{name}");
        }
        assert!(!Projection::new(&USERS, &[], &[]).requests(urn::WSO2, "oneTimePassword"));
    }

    #[test]
    fn who_asks_for_a_whole_schema_does_not_ask_for_the_code() {
        let projection = Projection::new(&USERS, &[urn::WSO2.to_owned()], &[]);
        assert!(!projection.requests(urn::WSO2, "oneTimePassword") && !projection.shows(urn::WSO2, "oneTimePassword"));
        assert_eq!(shown(&[urn::WSO2], &[]).get(urn::WSO2), Some(&json!({"accountLocked": false})));
        assert_eq!(shown(&[urn::WSO2, "oneTimePassword"], &[]).pointer("/urn:scim:wso2:schema/oneTimePassword"), Some(&json!("CODE")));
    }
}
