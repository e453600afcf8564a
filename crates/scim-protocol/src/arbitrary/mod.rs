//! Random resources, filters and patches, for the laws that must hold of all of them.

mod filters;
mod patches;
mod paths;
mod resources;

pub(crate) use filters::filters;
pub(crate) use patches::{member_operations, operation, operations};
pub(crate) use paths::paths;
pub(crate) use resources::{groups, users};

use filters::elements;
use paths::attributes;
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use crate::schema::{Attribute, Canonical, Kind};

/// A simple value of the attribute's type, from so few that two are often the same.
fn simple(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    match attribute.kind {
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Integer => (-2i64..3).prop_map(Value::from).boxed(),
        Kind::DateTime => select(vec!["2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01T12:00:00.5Z"]).prop_map(Value::from).boxed(),
        _ if attribute.required => select(vec!["a", "Ab", "b"]).prop_map(Value::from).boxed(),
        _ if matches!(attribute.canonical, Canonical::Only(_)) => select(attribute.canonical.values()).prop_map(Value::from).boxed(),
        _ => prop_oneof![4 => "[abAB]{1,2}", 1 => "[a\"\\\\é𝄞\\n ]{1,4}"].prop_map(|text| json!(text)).boxed(),
    }
}
