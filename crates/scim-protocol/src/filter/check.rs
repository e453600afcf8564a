//! Are the attributes of a filter there, and can they be compared so?

use serde_json::Value;

use super::{
    Filter, Operator,
    parser::{bad, shown},
};
use crate::{
    ScimError,
    schema::{Attribute, Kind, Named, Returned, resolve},
};

impl Filter {
    /// Checks a filter over whole users.
    pub(super) fn check(&self) -> Result<(), ScimError> {
        self.check_with(&|name| match resolve(name) {
            Some(Named::Target(target)) => Some(target.innermost()),
            _ => None,
        })
    }

    /// Checks a filter over the elements of an attribute.
    pub(crate) fn check_within(&self, attribute: &'static Attribute) -> Result<(), ScimError> {
        self.check_with(&|name| attribute.sub(name))
    }

    fn check_with(&self, find: &dyn Fn(&str) -> Option<&'static Attribute>) -> Result<(), ScimError> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.check_with(find).and_then(|()| right.check_with(find)),
            Self::Not(inner) => inner.check_with(find),
            Self::Present(name) => readable(find, name).map(|_| ()),
            Self::Compare { name, operator, value } => comparable(readable(find, name)?, *operator, value),
            Self::Element { name, filter } => element(readable(find, name)?, filter),
        }
    }
}

fn readable(find: &dyn Fn(&str) -> Option<&'static Attribute>, name: &str) -> Result<&'static Attribute, ScimError> {
    let attribute = find(name).ok_or_else(|| bad(&format!("there is no attribute `{}`", shown(name))))?;
    match attribute.returned {
        Returned::Never | Returned::Request => Err(bad(&format!("`{}` cannot be filtered by", attribute.name))),
        Returned::Always | Returned::Default => Ok(attribute),
    }
}

fn element(attribute: &'static Attribute, filter: &Filter) -> Result<(), ScimError> {
    if attribute.kind != Kind::Complex {
        return Err(bad(&format!("`{}` has no parts to filter by in brackets", attribute.name)));
    }
    filter.check_within(attribute)
}

fn comparable(attribute: &'static Attribute, operator: Operator, value: &Value) -> Result<(), ScimError> {
    let compared = if attribute.kind == Kind::Complex { attribute.sub("value") } else { Some(attribute) };
    let compared = compared.ok_or_else(|| bad(&format!("`{}` is complex: compare one of its parts", attribute.name)))?;
    let equality = matches!(operator, Operator::Eq | Operator::Ne);
    let fits = match (compared.kind, value) {
        (_, Value::Null) | (Kind::Boolean, Value::Bool(_)) => equality,
        (Kind::Integer, Value::Number(_)) => !matches!(operator, Operator::Co | Operator::Sw | Operator::Ew),
        (Kind::Boolean | Kind::Integer, _) => false,
        (_, value) => value.is_string(),
    };
    if fits { Ok(()) } else { Err(bad(&format!("`{}` cannot be compared with such a value or by such an operator", attribute.name))) }
}
