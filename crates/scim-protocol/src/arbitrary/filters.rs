//! Random filters, all of which the parser accepts.

use proptest::{prelude::*, sample::select};
use serde_json::Value;

use super::simple;
use crate::{
    filter::{Filter, Operator},
    schema::{Attribute, Kind, ResourceType, Returned, Searchable, Target},
};

/// Filters over whole resources of a type.
pub(crate) fn filters(resource_type: &'static ResourceType) -> impl Strategy<Value = Filter> {
    let alone = select(places(resource_type)).prop_flat_map(|(name, attribute)| alone(name, attribute));
    combined(alone.boxed())
}

/// Filters over the elements of an attribute.
pub(crate) fn elements(attribute: &'static Attribute) -> impl Strategy<Value = Filter> {
    let parts: Vec<_> = attribute.sub_attributes.iter().filter(|part| part.kind != Kind::Complex && is_searchable(part)).collect();
    let alone = select(parts).prop_flat_map(|part| spelled(part.name.to_owned()).prop_flat_map(move |name| prop_oneof![compared(&name, part), present(&name)]));
    combined(alone.boxed())
}

fn combined(alone: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    alone.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Filter::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Filter::Or(Box::new(left), Box::new(right))),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

/// Every attribute and part that can be filtered by, with and without its URN.
fn places(resource_type: &'static ResourceType) -> Vec<(String, &'static Attribute)> {
    let mut places = Vec::new();
    for schema in resource_type.schemas() {
        let common = crate::schema::COMMON.iter().filter(|_| schema.is_core());
        for attribute in schema.attributes.iter().chain(common) {
            let parts = attribute.sub_attributes.iter().map(Some);
            for target in parts.chain([None]).map(|sub| Target { schema, attribute, sub }).filter(|target| is_searchable(target.innermost())) {
                let short = target.to_string();
                places.push((if schema.is_core() { format!("{}:{short}", schema.id) } else { short.clone() }, target.innermost()));
                places.push((short, target.innermost()));
            }
        }
    }
    places
}

fn is_searchable(attribute: &Attribute) -> bool {
    attribute.searchable != Searchable::Nothing && !matches!(attribute.returned, Returned::Never | Returned::Request)
}

fn alone(name: String, attribute: &'static Attribute) -> BoxedStrategy<Filter> {
    let within = move |name: String| elements(attribute).prop_map(move |filter| Filter::Element { name: name.clone(), filter: Box::new(filter) });
    spelled(name)
        .prop_flat_map(move |name| match (attribute.kind, attribute.sub("value")) {
            (Kind::Complex, None) => prop_oneof![present(&name), within(name)].boxed(),
            (Kind::Complex, Some(value)) => prop_oneof![compared(&name, value), present(&name), within(name)].boxed(),
            _ => prop_oneof![compared(&name, attribute), present(&name)].boxed(),
        })
        .boxed()
}

/// The name in one of several cases.
fn spelled(name: String) -> impl Strategy<Value = String> {
    select(vec![name.clone(), name.to_lowercase(), name.to_uppercase(), name])
}

fn present(name: &str) -> BoxedStrategy<Filter> {
    Just(Filter::Present(name.to_owned())).boxed()
}

fn compared(name: &str, attribute: &'static Attribute) -> BoxedStrategy<Filter> {
    let name = name.to_owned();
    let compare = move |(operator, value)| Filter::Compare { name: name.clone(), operator, value };
    let null = (select(&EQUALITY), Just(Value::Null));
    prop_oneof![5 => (select(operators(attribute.kind)), simple(attribute)), 1 => null].prop_map(compare).boxed()
}

const EQUALITY: [Operator; 2] = [Operator::Eq, Operator::Ne];
const ORDERING: [Operator; 4] = [Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];
const SUBSTRING: [Operator; 3] = [Operator::Co, Operator::Sw, Operator::Ew];

fn operators(kind: Kind) -> Vec<Operator> {
    match kind {
        Kind::Boolean => EQUALITY.to_vec(),
        Kind::Binary => [&EQUALITY[..], &SUBSTRING].concat(),
        Kind::Integer | Kind::DateTime => [&EQUALITY[..], &ORDERING].concat(),
        _ => [&EQUALITY[..], &ORDERING, &SUBSTRING].concat(),
    }
}
