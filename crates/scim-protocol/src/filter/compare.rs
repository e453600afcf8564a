//! Comparing the values of an attribute with what a filter says.

use serde_json::Value;
use std::cmp::Ordering;

use super::Operator;
use crate::{Key, schema::Attribute};

/// Does any of the values fulfil the comparison? An attribute without values is as null: only `eq null` and `ne` with anything else hold.
pub(super) fn holds(attribute: &Attribute, values: &[&Value], operator: Operator, wanted: &Value) -> bool {
    match (wanted, operator) {
        (Value::Null, Operator::Eq) => values.is_empty(),
        (Value::Null, _) => operator == Operator::Ne && !values.is_empty(),
        (_, Operator::Ne) if values.is_empty() => true,
        _ => {
            let wanted = Key::of(attribute, wanted);
            values.iter().any(|value| one_holds(Key::of(attribute, value).as_ref(), operator, wanted.as_ref()))
        }
    }
}

/// What is of another type is not equal and not comparable.
fn one_holds(value: Option<&Key>, operator: Operator, wanted: Option<&Key>) -> bool {
    match (value, wanted) {
        (Some(Key::Text(value)), Some(Key::Text(wanted))) => text_holds(value, operator, wanted),
        (Some(Key::Number(value)), Some(Key::Number(wanted))) => ordering_holds(operator, value.cmp(wanted)),
        _ => operator == Operator::Ne,
    }
}

fn text_holds(value: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Co => value.contains(wanted),
        Operator::Sw => value.starts_with(wanted),
        Operator::Ew => value.ends_with(wanted),
        ordered => ordering_holds(ordered, value.cmp(wanted)),
    }
}

const fn ordering_holds(operator: Operator, ordering: Ordering) -> bool {
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
