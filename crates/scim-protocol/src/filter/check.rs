//! Are the attributes of a filter there, and can they be compared so?

use serde_json::Value;

use super::{
    Filter, Operator,
    parser::{bad, shown},
};
use crate::{
    ScimError, key,
    schema::{Attribute, Kind, ResourceType, Returned, Searchable},
};

/// Finds an attribute by the name that stands in a filter.
type Find<'a> = &'a dyn Fn(&str) -> Option<&'static Attribute>;

impl Filter {
    /// Checks a filter over whole resources: each part of it must be good for one of the types. Booleans that are written as strings
    /// become booleans.
    pub(super) fn check(&mut self, resource_types: &[&'static ResourceType]) -> Result<(), ScimError> {
        self.check_each(&|part| {
            let mut errors = Vec::new();
            for resource_type in resource_types {
                match part.check_alone(&|name| resource_type.target(name).map(|target| target.innermost())) {
                    Ok(()) => return Ok(()),
                    Err(error) => errors.push(error),
                }
            }
            errors.into_iter().next().map_or(Ok(()), Err)
        })
    }

    /// Checks a filter over the elements of an attribute.
    pub(crate) fn check_within(&mut self, attribute: &'static Attribute) -> Result<(), ScimError> {
        self.check_each(&|part| part.check_alone(&|name| attribute.sub(name)))
    }

    /// Checks each part that stands alone.
    fn check_each(&mut self, check: &dyn Fn(&mut Self) -> Result<(), ScimError>) -> Result<(), ScimError> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.check_each(check).and_then(|()| right.check_each(check)),
            Self::Not(inner) => inner.check_each(check),
            alone => check(alone),
        }
    }

    fn check_alone(&mut self, find: Find<'_>) -> Result<(), ScimError> {
        match self {
            Self::Present(name) => readable(find, name).map(|_| ()),
            Self::Compare { name, operator, value } => comparable(readable(find, name)?, *operator, value),
            Self::Element { name, filter } => element(readable(find, name)?, filter),
            Self::And(..) | Self::Or(..) | Self::Not(_) => Ok(()),
        }
    }
}

fn readable(find: Find<'_>, name: &str) -> Result<&'static Attribute, ScimError> {
    let attribute = find(name).ok_or_else(|| bad(&format!("there is no attribute `{}`", shown(name))))?;
    let refused = |why: &str| Err(ScimError::invalid_filter(format!("the filter cannot be carried out: `{}` {why}", shown(name))));
    match (attribute.returned, attribute.searchable) {
        (Returned::Never | Returned::Request, _) => refused("is not returned in lists and cannot be filtered by"),
        (_, Searchable::Nothing) => refused("is only known when a resource is read; filter by other attributes and read the resources found"),
        _ => Ok(attribute),
    }
}

fn element(attribute: &'static Attribute, filter: &mut Filter) -> Result<(), ScimError> {
    if attribute.kind != Kind::Complex {
        return Err(bad(&format!("`{}` has no parts to filter by in brackets", attribute.name)));
    }
    filter.check_within(attribute)
}

fn comparable(attribute: &'static Attribute, operator: Operator, value: &mut Value) -> Result<(), ScimError> {
    let compared = if attribute.kind == Kind::Complex { attribute.sub("value") } else { Some(attribute) };
    let compared = compared.ok_or_else(|| bad(&format!("`{}` is complex: compare one of its parts", attribute.name)))?;
    if compared.kind == Kind::Boolean {
        read_boolean(value);
    }
    if fits(compared.kind, operator, value) { Ok(()) } else { Err(bad(&format!("`{}` {}", attribute.name, rule(compared.kind)))) }
}

/// Entra ID writes `primary eq "True"`.
fn read_boolean(value: &mut Value) {
    if let Some(read) = value.as_str().and_then(|text| text.to_ascii_lowercase().parse::<bool>().ok()) {
        *value = Value::Bool(read);
    }
}

fn fits(kind: Kind, operator: Operator, value: &Value) -> bool {
    let equality = matches!(operator, Operator::Eq | Operator::Ne);
    let substring = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    match (kind, value) {
        (_, Value::Null) | (Kind::Boolean, Value::Bool(_)) => equality,
        (Kind::Integer, Value::Number(number)) => !substring && number.as_i128().is_some(),
        (Kind::DateTime, Value::String(text)) => !substring && key::moment(text).is_some(),
        (Kind::Binary, Value::String(_)) => equality || substring,
        (Kind::String | Kind::Reference, Value::String(_)) => true,
        _ => false,
    }
}

/// What can be compared with a value of this type, and how.
const fn rule(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "is compared with true, false or null, by eq or ne",
        Kind::Integer => "is compared with a whole number by eq, ne, gt, ge, lt or le, or with null by eq or ne",
        Kind::DateTime => "is compared with a date and time like \"2030-01-31T12:00:00Z\" by eq, ne, gt, ge, lt or le, or with null by eq or ne",
        Kind::Binary => "is compared with text by eq, ne, co, sw or ew, or with null by eq or ne",
        Kind::String | Kind::Reference | Kind::Complex => "is compared with text, or with null by eq or ne",
    }
}
