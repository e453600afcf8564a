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

/// How many rows have to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Reach {
    /// A few, which an index finds.
    Few,
    /// Those that an index finds and no others, which may be many.
    Found,
    /// What is left of those that an index finds, which may be many.
    LeftOfFound,
    /// All.
    All,
}

impl Reach {
    /// Does an index find the rows?
    pub(in super::super) fn is_indexed(self) -> bool {
        self < Self::All
    }

    /// Where the opposite is asked, no index helps.
    pub(super) fn only_if(self, holds: bool) -> Self {
        if holds { self } else { Self::All }
    }

    /// Both have to hold.
    fn and(self, other: Self) -> Self {
        match (self.min(other), self.max(other)) {
            (Self::Found, Self::LeftOfFound | Self::All) => Self::LeftOfFound,
            (nearer, _) => nearer,
        }
    }
}

/// A part of a filter as SQL.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// It holds for all rows that fulfil the part.
    pub(super) sql: Sql,
    /// And for no others.
    pub(super) exact: bool,
    pub(super) reach: Reach,
}

impl Part {
    pub(super) const fn exactly(sql: Sql, reach: Reach) -> Self {
        Self { sql, exact: true, reach }
    }

    /// Always or never.
    pub(super) const fn constant(holds: bool) -> Self {
        if holds { Self::exactly(Sql::All, Reach::All) } else { Self::exactly(Sql::Nothing, Reach::Few) }
    }

    /// SQL cannot tell.
    pub(super) const fn unknown() -> Self {
        Self { sql: Sql::All, exact: false, reach: Reach::All }
    }

    pub(super) fn and(self, other: Self) -> Self {
        let reach = self.reach.and(other.reach);
        let exact = self.exact && other.exact;
        match (self.sql, other.sql) {
            (Sql::Nothing, _) | (_, Sql::Nothing) => Self::constant(false),
            (Sql::All, sql) | (sql, Sql::All) => Self { sql, exact, reach },
            (Sql::Where(one), Sql::Where(two)) => Self { sql: Sql::Where(one.and(two)), exact, reach },
        }
    }

    /// Any of these, which are conditions over rows of the table.
    pub(super) fn any(alternatives: Vec<Self>, table: Option<&'static str>, tenant: Uuid) -> Self {
        if alternatives.iter().any(|part| part.exact && matches!(part.sql, Sql::All)) {
            return Self::constant(true);
        }
        let exact = alternatives.iter().all(|part| part.exact);
        let reach = alternatives.iter().map(|part| part.reach).max().unwrap_or(Reach::Few);
        let mut conditions = Vec::with_capacity(alternatives.len());
        for part in alternatives {
            match part.sql {
                Sql::All => return Self::unknown(),
                Sql::Nothing => {}
                Sql::Where(condition) => conditions.push(condition),
            }
        }
        let sql = match table {
            Some(table) if reach.is_indexed() && conditions.len() > 1 => union(conditions, table, tenant),
            _ => conditions.into_iter().reduce(ExprTrait::or),
        };
        Self { sql: sql.map_or(Sql::Nothing, Sql::Where), exact, reach }
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
