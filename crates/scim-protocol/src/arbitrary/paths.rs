//! Random paths, all of which the parser accepts.

use proptest::{prelude::*, sample::select};

use super::elements;
use crate::{
    path::Path,
    schema::{Kind, ResourceType, Target},
};

/// Paths in resources of a type: schemas, attributes, parts, and elements of lists.
pub(crate) fn paths(resource_type: &'static ResourceType) -> impl Strategy<Value = (&'static ResourceType, Path)> {
    let schemas = select(resource_type.schemas().collect::<Vec<_>>()).prop_map(Path::Schema);
    prop_oneof![1 => schemas, 6 => attributes(resource_type)].prop_map(move |path| (resource_type, path))
}

/// Paths that name an attribute.
pub(super) fn attributes(resource_type: &'static ResourceType) -> impl Strategy<Value = Path> {
    let targets = resource_type.schemas().flat_map(|schema| schema.attributes.iter().map(move |attribute| Target { schema, attribute, sub: None }));
    select(targets.collect::<Vec<_>>()).prop_flat_map(|target| {
        let subs = target.attribute.sub_attributes.iter().map(Some).chain([None]);
        let whole = select(subs.collect::<Vec<_>>()).prop_map(move |sub| Target { sub, ..target });
        let filter = match (target.attribute.kind, target.attribute.multi_valued) {
            (Kind::Complex, true) => prop::option::of(elements(target.attribute)).boxed(),
            _ => Just(None).boxed(),
        };
        (whole, filter).prop_map(|(target, filter)| Path::Attribute { target, filter })
    })
}
