//! Random users and groups, in the form in which bodies are read.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::simple;
use crate::{
    GroupBody, Object, UserBody,
    order::is_order,
    schema::{Attribute, GROUPS, Kind, ResourceType, Target, USERS},
};

/// Users: all that is stored of them.
pub(crate) fn users() -> impl Strategy<Value = Object> {
    bodies(&USERS).prop_map(|body| UserBody::parse(body.to_string().as_bytes()).expect("a user").profile)
}

/// Groups, with their members.
pub(crate) fn groups() -> impl Strategy<Value = Object> {
    bodies(&GROUPS).prop_map(|body| {
        let GroupBody { mut profile, members } = GroupBody::parse(body.to_string().as_bytes()).expect("a group");
        if !members.is_empty() {
            profile.insert("members".to_owned(), Value::Array(members));
        }
        profile
    })
}

/// Whole bodies: each attribute that clients write is there or not.
fn bodies(resource_type: &'static ResourceType) -> impl Strategy<Value = Value> {
    let parts: Vec<_> = resource_type
        .schemas()
        .map(|schema| {
            let written = schema.attributes.iter().filter(move |attribute| is_stored(&Target { schema, attribute, sub: None }));
            written.map(move |attribute| optional(attribute, whole(attribute))).collect::<Vec<_>>().prop_map(move |members| (schema, object(members)))
        })
        .collect();
    parts.prop_map(|schemas| {
        let mut body = Object::new();
        for (schema, members) in schemas {
            if schema.is_core() { body.extend(members) } else { body.extend([(schema.id.to_owned(), Value::Object(members))]) }
        }
        Value::Object(body)
    })
}

fn is_stored(target: &Target) -> bool {
    !target.is_read_only() && !is_order(target)
}

fn object(members: Vec<(&'static str, Option<Value>)>) -> Object {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn optional(attribute: &'static Attribute, value: BoxedStrategy<Value>) -> impl Strategy<Value = (&'static str, Option<Value>)> {
    let value = if attribute.required { value.prop_map(Some).boxed() } else { prop::option::weighted(0.3, value).boxed() };
    value.prop_map(move |value| (attribute.name, value))
}

pub(super) fn whole(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    if attribute.multi_valued { prop::collection::vec(one(attribute), 0..4).prop_map(one_primary).boxed() } else { one(attribute) }
}

pub(super) fn one(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    match attribute.kind {
        Kind::Complex => {
            let parts: Vec<_> = attribute.sub_attributes.iter().map(|part| optional(part, simple(part))).collect();
            parts.prop_map(|parts| Value::Object(object(parts))).boxed()
        }
        _ => simple(attribute),
    }
}

/// At most one of the elements keeps `primary` true, and no two have the same `value`: they might say two things of one member.
fn one_primary(elements: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for mut element in elements {
        if element["primary"] == true && kept.iter().any(|other| other["primary"] == true) {
            element["primary"] = json!(false);
        }
        if !kept.iter().any(|other| other["value"] == element["value"]) {
            kept.push(element);
        }
    }
    Value::Array(kept)
}
