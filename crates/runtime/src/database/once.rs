//! Statements that are written once.

use sea_orm::{DatabaseBackend, Statement, StatementBuilder, Value, Values, sea_query::SelectStatement};
use std::sync::OnceLock;

/// The text of a statement that is carried out for each request: writing it takes as long as SQLite takes to carry it out. Only its
/// values are new each time.
#[derive(Debug, Default)]
pub struct Once {
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Once {
    /// One that is not written yet.
    pub const fn new() -> Self {
        Self { sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The statement for this database with these values, which take the places of those in `example`, in the same order.
    pub fn statement(&self, on: DatabaseBackend, values: Vec<Value>, example: impl FnOnce() -> SelectStatement) -> Statement {
        let text = if on == DatabaseBackend::Sqlite { &self.sqlite } else { &self.postgres };
        let sql = text.get_or_init(|| StatementBuilder::build(&example(), &on).sql).clone();
        Statement { sql, values: Some(Values(values)), db_backend: on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::{Expr, ExprTrait, Query};

    #[test]
    fn the_text_is_the_same_and_the_values_are_new() {
        let written = Once::new();
        let example = || Query::select().column("a").from("t").and_where(Expr::col("b").eq(0)).and_where(Expr::col("c").eq("")).take();
        for on in [DatabaseBackend::Sqlite, DatabaseBackend::Postgres] {
            let built = Query::select().column("a").from("t").and_where(Expr::col("b").eq(7)).and_where(Expr::col("c").eq("x")).take();
            assert_eq!(written.statement(on, vec![7.into(), "x".into()], example), StatementBuilder::build(&built, &on));
        }
        let unasked = || unreachable!("it is written already");
        assert_eq!(written.statement(DatabaseBackend::Sqlite, vec![8.into(), "y".into()], unasked).values, Some(Values(vec![8.into(), "y".into()])));
    }
}
