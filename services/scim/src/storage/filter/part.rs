//! Conditions while they are put together.

use sea_orm::sea_query::{Expr, ExprTrait, Query, UnionType};
use uuid::Uuid;

/// Which rows.
#[derive(Clone, Debug)]
pub(super) enum Sql {
    All,
    Nothing,
    Where(Expr),
}

/// A part of a filter as SQL.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// It holds for all rows that fulfil the part.
    pub(super) sql: Sql,
    /// And for no others.
    pub(super) exact: bool,
    /// Does an index find the rows?
    pub(super) indexed: bool,
}

impl Part {
    pub(super) const fn exactly(sql: Sql, indexed: bool) -> Self {
        Self { sql, exact: true, indexed }
    }

    /// Always or never.
    pub(super) const fn constant(holds: bool) -> Self {
        Self::exactly(if holds { Sql::All } else { Sql::Nothing }, !holds)
    }

    /// SQL cannot tell.
    pub(super) const fn unknown() -> Self {
        Self { sql: Sql::All, exact: false, indexed: false }
    }

    pub(super) fn and(self, other: Self) -> Self {
        let indexed = self.indexed || other.indexed;
        let exact = self.exact && other.exact;
        match (self.sql, other.sql) {
            (Sql::Nothing, _) | (_, Sql::Nothing) => Self::constant(false),
            (Sql::All, sql) | (sql, Sql::All) => Self { sql, exact, indexed },
            (Sql::Where(one), Sql::Where(two)) => Self { sql: Sql::Where(one.and(two)), exact, indexed },
        }
    }

    /// Any of these, which are conditions over rows of the table.
    pub(super) fn any(alternatives: Vec<Self>, table: Option<&'static str>, tenant: Uuid) -> Self {
        if alternatives.iter().any(|part| part.exact && matches!(part.sql, Sql::All)) {
            return Self::constant(true);
        }
        let exact = alternatives.iter().all(|part| part.exact);
        let indexed = alternatives.iter().all(|part| part.indexed);
        let mut conditions = Vec::with_capacity(alternatives.len());
        for part in alternatives {
            match part.sql {
                Sql::All => return Self::unknown(),
                Sql::Nothing => {}
                Sql::Where(condition) => conditions.push(condition),
            }
        }
        let sql = match table {
            Some(table) if indexed && conditions.len() > 1 => union(conditions, table, tenant),
            _ => conditions.into_iter().reduce(ExprTrait::or),
        };
        Self { sql: sql.map_or(Sql::Nothing, Sql::Where), exact, indexed }
    }
}

/// One index after the other. For a plain OR over two indexes both databases read the whole table.
fn union(conditions: Vec<Expr>, table: &'static str, tenant: Uuid) -> Option<Expr> {
    let select = |condition| Query::select().column("id").from(table).and_where(Expr::col("tenant_id").eq(tenant)).and_where(condition).take();
    let mut selects = conditions.into_iter().map(select);
    let mut all = selects.next()?;
    all.unions(selects.map(|next| (UnionType::Distinct, next)));
    Some(Expr::col("id").in_subquery(all))
}
