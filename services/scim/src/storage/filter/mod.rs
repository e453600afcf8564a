//! Filters as conditions of SQL. What SQL cannot decide narrows by what it can: then each row that is left has to be judged by itself.
//!
//! `not` is pushed down to the leaves, because three-valued logic would lose rows where an attribute is absent.

mod elements;
mod leaf;
mod operand;
mod part;

use rekey_scim_protocol::{
    Filter,
    schema::{Attribute, ResourceType},
};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::fields::Elements;
pub(super) use part::Reach;
use part::{Part, Sql};

/// A filter as far as SQL can decide it.
#[derive(Debug)]
pub(super) struct Narrowed {
    /// What all rows of the result fulfil; `None`: nothing does.
    pub(super) condition: Option<Expr>,
    /// Do all rows that fulfil it belong to the result?
    pub(super) exact: bool,
    pub(super) reach: Reach,
}

/// A filter over resources of this type, whose rows lie in this table.
pub(super) fn narrowed(filter: Option<&Filter>, of: &'static ResourceType, table: &'static str, tenant: Uuid, on: DbBackend) -> Narrowed {
    let own = Expr::col("tenant_id").eq(tenant);
    let Some(filter) = filter else { return Narrowed { condition: Some(own), exact: true, reach: Reach::All } };
    let Part { sql, exact, reach } = Compiler { scope: Scope::Resource(of), table: Some(table), tenant, on }.part(filter, true);
    let condition = match sql {
        Sql::All => Some(own),
        Sql::Nothing => None,
        Sql::Where(condition) => Some(own.and(condition)),
    };
    Narrowed { condition, exact, reach }
}

/// What the names of a filter stand for.
#[derive(Clone, Copy)]
enum Scope {
    /// Attributes of a resource.
    Resource(&'static ResourceType),
    /// Parts of an element.
    Element(Elements, &'static Attribute),
}

#[derive(Clone, Copy)]
struct Compiler {
    scope: Scope,
    /// Whose ids an index may be asked for; elements have none.
    table: Option<&'static str>,
    tenant: Uuid,
    on: DbBackend,
}

impl Compiler {
    /// The condition that the filter holds, or that it does not.
    fn part(self, filter: &Filter, holds: bool) -> Part {
        match (filter, holds) {
            (Filter::Not(inner), _) => self.part(inner, !holds),
            (Filter::And(left, right), true) | (Filter::Or(left, right), false) => self.part(left, holds).and(self.part(right, holds)),
            (Filter::Or(..), true) | (Filter::And(..), false) => {
                let mut alternatives = Vec::new();
                self.alternatives(filter, holds, &mut alternatives);
                Part::any(alternatives, self.table, self.tenant)
            }
            (Filter::Element { name, filter }, _) => self.element(name, filter, holds),
            (Filter::Compare { .. } | Filter::Present(_), _) => self.leaf(filter, holds),
        }
    }

    /// A chain of alternatives as one list, so that all of them can be looked up by one union.
    fn alternatives(self, filter: &Filter, holds: bool, found: &mut Vec<Part>) {
        match (filter, holds) {
            (Filter::Or(left, right), true) | (Filter::And(left, right), false) => {
                self.alternatives(left, holds, found);
                self.alternatives(right, holds, found);
            }
            (Filter::Not(inner), _) => self.alternatives(inner, !holds, found),
            _ => found.push(self.part(filter, holds)),
        }
    }
}
