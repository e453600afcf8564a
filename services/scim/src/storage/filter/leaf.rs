//! A single comparison, or `pr`.

use rekey_scim_protocol::{
    Filter, Object,
    filter::Operator,
    schema::{ResourceType, Target},
};
use sea_orm::sea_query::ExprTrait;
use serde_json::{Value, json};

use super::{
    super::fields::{Field, field},
    Compiler, Scope,
    operand::Operand,
    part::{Part, Reach, Sql},
};

/// What a leaf says of an attribute: of its present values, and of its absence.
pub(super) struct Says {
    /// Which present values fulfil it.
    pub(super) present: Sql,
    /// Must they be those that do not pass `present`?
    pub(super) inverted: bool,
    /// Does an absent attribute fulfil it?
    pub(super) absent: bool,
    /// How many rows the present values take.
    pub(super) reach: Reach,
}

impl Compiler {
    pub(super) fn leaf(self, filter: &Filter, holds: bool) -> Part {
        match self.scope {
            Scope::Resource(of) => self.leaf_of_resource(of, filter, holds),
            Scope::Element(elements, attribute) => {
                let operand = attribute.sub(name(filter)).and_then(|part| Operand::of_element(elements, part));
                self.single(operand, filter, holds)
            }
        }
    }

    fn leaf_of_resource(self, of: &'static ResourceType, filter: &Filter, holds: bool) -> Part {
        // A filter over several types may name what this one does not have.
        let Some(target) = of.target(name(filter)) else { return Part::constant(filter.fulfilled_by(of, &Object::new()) == holds) };
        let target = if matches!(filter, Filter::Present(_)) { target } else { target.with_value() };
        match field(of, &target) {
            None => Part::unknown(),
            Some(Field::Constant(text)) => Part::constant(filter.fulfilled_by(of, &resource_with(&target, text)) == holds),
            Some(Field::Elements(elements)) => self.any_element(elements, &target, filter, holds),
            Some(field) => self.single(Operand::of_field(target.innermost(), field), filter, holds),
        }
    }

    /// An attribute that has one value or none.
    fn single(self, operand: Option<Operand>, filter: &Filter, holds: bool) -> Part {
        let Some(operand) = operand else { return Part::unknown() };
        let Some(says) = self.says(&operand, filter) else { return Part::unknown() };
        says.of_one(&operand, holds)
    }

    /// What a leaf says of this operand; `None`: SQL cannot tell.
    pub(super) fn says(self, operand: &Operand, filter: &Filter) -> Option<Says> {
        let all = |holds: bool, absent| Says { present: if holds { Sql::All } else { Sql::Nothing }, inverted: false, absent, reach: Reach::All };
        match filter {
            Filter::Present(_) => Some(all(true, false)),
            Filter::Compare { operator, value: Value::Null, .. } => Some(all(*operator == Operator::Ne, *operator == Operator::Eq)),
            Filter::Compare { operator, value, .. } => {
                let differs = *operator == Operator::Ne;
                let test = operand.test(if differs { Operator::Eq } else { *operator }, value, self.on)?;
                Some(Says { present: test.sql, inverted: differs, absent: differs, reach: test.reach.only_if(!differs) })
            }
            _ => None,
        }
    }
}

impl Says {
    fn of_one(self, operand: &Operand, holds: bool) -> Part {
        let (inverted, absent) = (self.inverted == holds, self.absent == holds);
        let present = if inverted { not(self.present) } else { self.present };
        let sql = match (present, absent) {
            (Sql::All, true) => Sql::All,
            (Sql::All, false) => Sql::Where(operand.column.clone().is_not_null()),
            (Sql::Nothing, true) => Sql::Where(operand.column.clone().is_null()),
            (Sql::Nothing, false) => Sql::Nothing,
            (Sql::Where(test), true) => Sql::Where(test.or(operand.column.clone().is_null())),
            (Sql::Where(test), false) => Sql::Where(test),
        };
        Part::exactly(sql, self.reach.only_if(holds))
    }
}

/// The other present values.
pub(super) fn not(sql: Sql) -> Sql {
    match sql {
        Sql::All => Sql::Nothing,
        Sql::Nothing => Sql::All,
        Sql::Where(test) => Sql::Where(test.not()),
    }
}

pub(super) fn name(filter: &Filter) -> &str {
    match filter {
        Filter::Compare { name, .. } | Filter::Element { name, .. } | Filter::Present(name) => name,
        Filter::And(..) | Filter::Or(..) | Filter::Not(_) => "",
    }
}

/// A resource of which nothing is known but this.
fn resource_with(target: &Target, text: &str) -> Object {
    let value = target.sub.map_or_else(|| json!(text), |sub| json!({ (sub.name): text }));
    Object::from_iter([(target.attribute.name.to_owned(), value)])
}
