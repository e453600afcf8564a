//! Does an element of a multi-valued attribute fulfil a filter?

use serde_json::Value;
use std::cmp::Ordering;

use super::{Filter, Operator};
use crate::{
    Object,
    schema::{Attribute, Kind},
};

impl Filter {
    /// Does this element of the attribute fulfil the filter? Names are those of sub-attributes.
    pub fn matches(&self, attribute: &'static Attribute, element: &Value) -> bool {
        match self {
            Self::And(left, right) => left.matches(attribute, element) && right.matches(attribute, element),
            Self::Or(left, right) => left.matches(attribute, element) || right.matches(attribute, element),
            Self::Not(inner) => !inner.matches(attribute, element),
            Self::Present(name) => part(attribute, element, name).is_some_and(|(_, value)| !value.is_null()),
            Self::Compare { name, operator, value } => compare(part(attribute, element, name), *operator, value),
            Self::Element { .. } => false,
        }
    }

    /// The element that a filter of nothing but `eq` joined by `and` describes; `None` for any other filter.
    pub fn described(&self, attribute: &'static Attribute) -> Option<Object> {
        let mut element = Object::new();
        self.describe(attribute, &mut element).then_some(element)
    }

    fn describe(&self, attribute: &'static Attribute, element: &mut Object) -> bool {
        match self {
            Self::And(left, right) => left.describe(attribute, element) && right.describe(attribute, element),
            Self::Compare { name, operator: Operator::Eq, value } if !value.is_null() => {
                let Some(sub) = attribute.sub(name) else { return false };
                element.insert(sub.name.to_owned(), value.clone());
                true
            }
            _ => false,
        }
    }
}

fn part<'a>(attribute: &'static Attribute, element: &'a Value, name: &str) -> Option<(&'static Attribute, &'a Value)> {
    let sub = attribute.sub(name)?;
    Some((sub, element.get(sub.name)?))
}

fn compare(found: Option<(&'static Attribute, &Value)>, operator: Operator, wanted: &Value) -> bool {
    let Some((attribute, value)) = found else {
        return wanted.is_null() == (operator == Operator::Eq) && matches!(operator, Operator::Eq | Operator::Ne);
    };
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => texts(attribute, operator, value, wanted),
        (value, wanted) if operator == Operator::Ne => value != wanted,
        (value, wanted) => operator == Operator::Eq && value == wanted,
    }
}

fn texts(attribute: &Attribute, operator: Operator, value: &str, wanted: &str) -> bool {
    let fold = |text: &str| if attribute.case_exact || attribute.kind == Kind::DateTime { text.to_owned() } else { text.to_lowercase() };
    let (value, wanted) = (fold(value), fold(wanted));
    match operator {
        Operator::Co => value.contains(&wanted),
        Operator::Sw => value.starts_with(&wanted),
        Operator::Ew => value.ends_with(&wanted),
        ordered => holds(ordered, value.cmp(&wanted)),
    }
}

fn holds(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}
