//! Another parser of filters, `scim_v2`, reads ours as the same trees. Left out is what it is known not to read: `$ref`, and `not(` without
//! a space.

use proptest::prelude::*;
use scim_v2::filter::{AttrExp, CompValue, Filter as Theirs, ValFilter};
use serde_json::Value;

use super::{Filter, Operator, Parser};
use crate::{
    arbitrary::filters,
    schema::{GROUPS, USERS},
};

/// The tree with `and` and `or` of any number of parts, as text.
fn shape(filter: &Filter) -> String {
    match filter {
        Filter::And(..) => format!("and({})", flat(filter, &|part| matches!(part, Filter::And(..))).join(",")),
        Filter::Or(..) => format!("or({})", flat(filter, &|part| matches!(part, Filter::Or(..))).join(",")),
        Filter::Not(inner) => format!("not({})", shape(inner)),
        Filter::Element { name, filter } => format!("{name}[{}]", shape(filter)),
        alone => alone.to_string(),
    }
}

fn flat(filter: &Filter, same: &dyn Fn(&Filter) -> bool) -> Vec<String> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) if same(filter) => [flat(left, same), flat(right, same)].concat(),
        other => vec![shape(other)],
    }
}

fn their_shape(filter: &Theirs) -> String {
    match filter {
        Theirs::Attr(alone) => their_part(alone),
        Theirs::ValuePath(path) => format!("{}[{}]", path.attr, their_inner(&path.filter)),
        Theirs::Not(inner) => format!("not({})", their_shape(inner)),
        Theirs::And(parts) => format!("and({})", parts.iter().map(their_shape).collect::<Vec<_>>().join(",")),
        Theirs::Or(parts) => format!("or({})", parts.iter().map(their_shape).collect::<Vec<_>>().join(",")),
    }
}

fn their_inner(filter: &ValFilter) -> String {
    match filter {
        ValFilter::Attr(alone) => their_part(alone),
        ValFilter::Not(inner) => format!("not({})", their_inner(inner)),
        ValFilter::And(parts) => format!("and({})", parts.iter().map(their_inner).collect::<Vec<_>>().join(",")),
        ValFilter::Or(parts) => format!("or({})", parts.iter().map(their_inner).collect::<Vec<_>>().join(",")),
    }
}

fn their_part(part: &AttrExp) -> String {
    match part {
        AttrExp::Present(path) => Filter::Present(path.to_string()).to_string(),
        AttrExp::Comparison(path, operator, value) => {
            let operator = Operator::parse(&operator.to_string()).expect("an operator");
            Filter::Compare { name: path.to_string(), operator, value: their_value(value) }.to_string()
        }
    }
}

fn their_value(value: &CompValue) -> Value {
    match value {
        CompValue::Null => Value::Null,
        CompValue::True => Value::Bool(true),
        CompValue::False => Value::Bool(false),
        CompValue::Number(number) => Value::Number(number.clone()),
        CompValue::Str(text) => Value::String(text.clone()),
    }
}

proptest! {
    #[test]
    fn what_we_print_it_reads_as_we_do(filter in prop_oneof![filters(&USERS), filters(&GROUPS)]) {
        let text = filter.to_string();
        prop_assume!(!text.to_lowercase().contains("$ref"));
        let theirs: Theirs = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(their_shape(&theirs), shape(&filter));
    }

    #[test]
    fn what_both_read_both_read_alike(words in proptest::collection::vec("( and | or |not |\\(|\\)|\\[|\\]|userName|emails| eq | co | pr|\"x\"|true|5)", 1..16)) {
        let text = words.concat();
        if let (Ok(ours), Ok(theirs)) = (Parser::filter(&text), text.parse::<Theirs>()) {
            prop_assert_eq!(shape(&ours), their_shape(&theirs), "{}", text);
        }
    }
}
