//! Random PATCH operations, most of which can be applied.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{attributes, resources::whole, simple};
use crate::{
    order::is_order,
    path::Path,
    schema::{Attribute, ResourceType, Target},
};

/// Operations on what is stored of a resource of this type.
pub(crate) fn operations(resource_type: &'static ResourceType) -> impl Strategy<Value = Value> {
    prop::collection::vec(prop_oneof![operation("add", resource_type), operation("replace", resource_type), operation("remove", resource_type)], 1..5)
        .prop_map(Value::Array)
}

/// One operation with a path and, unless it removes, a value of the right type.
pub(crate) fn operation(verb: &'static str, resource_type: &'static ResourceType) -> BoxedStrategy<Value> {
    let places = attributes(resource_type).prop_filter_map("only what is stored", |path| match path {
        Path::Attribute { target, filter } if !target.is_read_only() && !is_order(&target) => Some((target, filter)),
        _ => None,
    });
    places
        .prop_flat_map(move |(target, filter)| {
            let value = if filter.is_some() && target.sub.is_none() { element(target.attribute) } else { value_of(&target) };
            let path = Path::Attribute { target, filter }.to_string();
            value.prop_map(move |value| match verb {
                "remove" => json!({"op": verb, "path": path}),
                _ => json!({"op": verb, "path": path, "value": value}),
            })
        })
        .boxed()
}

fn value_of(target: &Target) -> BoxedStrategy<Value> {
    target.sub.map_or_else(|| whole(target.attribute), simple)
}

fn element(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    super::resources::one(attribute)
}

/// The edits of members that need not know which there are.
pub(crate) fn member_operations() -> impl Strategy<Value = Value> {
    let member = |id: String| prop_oneof![Just(json!({"value": id})), Just(json!({"value": id, "type": "User"})), Just(json!({"value": id, "display": "D"}))];
    let members = prop::collection::vec("[a-d]".prop_flat_map(member), 0..4).prop_map(Value::Array);
    let added = members.clone().prop_map(|members| json!({"op": "add", "path": "members", "value": members}));
    let merged = members.clone().prop_map(|members| json!({"op": "add", "value": {"Members": members}}));
    let listed = members.prop_map(|members| json!({"op": "remove", "path": "members", "value": members}));
    let chosen = "[a-d]".prop_map(|id| json!({"op": "Remove", "path": format!("members[VALUE eq \"{id}\"]")}));
    let other = select(vec!["x", "y"]).prop_map(|name| json!({"op": "replace", "path": "displayName", "value": name}));
    prop::collection::vec(prop_oneof![added, merged, listed, chosen, other], 1..6).prop_map(Value::Array)
}
