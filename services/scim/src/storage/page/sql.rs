//! Pages that SQL alone makes.

use rekey_kernel::Failure;
use rekey_runtime::database::{self, failure};
use sea_orm::{
    DbBackend, EntityTrait, Statement, StatementBuilder,
    sea_query::{ColumnType, Expr, Query as Sql, SelectStatement},
};

use super::{
    Listed,
    order::{Order, key},
};
use crate::domain::{Part, Place, Query};

/// How many rows are read at a time: profiles may be large, and what a page has too many of is read in vain.
pub(super) const CHUNK: u64 = 128;
/// A page ends where its profiles come to so many bytes: no answer would hold more.
const PAGE_BYTES: usize = 4_000_000;

/// The name of the selected answer to: does the row need more?
const INCOMPLETE: &str = "incomplete";

/// Which rows, in which order, and what is wanted of each.
pub(super) struct Select<'a> {
    pub(super) condition: &'a Expr,
    /// Must they be sorted once an index has found them?
    pub(super) sorts: bool,
    pub(super) order: Order,
    /// Ask each row whether it is complete?
    pub(super) complete: bool,
}

/// A row.
pub(super) struct Found<T> {
    pub(super) item: T,
    pub(super) place: Place,
    pub(super) incomplete: bool,
    /// The bytes of its profile.
    pub(super) weight: usize,
}

/// The rows of a page.
pub(super) struct Rows<T> {
    pub(super) found: Vec<Found<T>>,
    pub(super) total: u64,
    /// The place of the last one, be it still there or not.
    pub(super) end: Option<Place>,
    pub(super) more: bool,
}

pub(super) async fn page<T: Listed>(connection: &impl database::Rows, select: &Select<'_>, query: &Query) -> Result<Rows<T>, Failure> {
    let mut found = if query.limit == 0 { Vec::new() } else { select.first(connection, query).await? };
    let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let heavy = found.iter().map(|row| row.weight).sum::<usize>() >= PAGE_BYTES;
    // There is more for certain behind a row that is left out.
    let kept = if heavy { wanted.min(found.len().saturating_sub(1).max(1)) } else { wanted };
    let more = found.len() > kept;
    let total = match known_total(query, found.len(), more) {
        Some(total) => total,
        None => count::<T>(connection, select.condition).await?,
    };
    found.truncate(kept);
    let end = found.last().map(|row| row.place.clone());
    Ok(Rows { found, total, end, more })
}

/// The total, when the page itself tells.
fn known_total(query: &Query, found: usize, more: bool) -> Option<u64> {
    let found = u64::try_from(found).ok()?;
    match query.part {
        _ if more || query.limit == 0 => None,
        Part::After(None) => Some(found),
        // Past the end, nothing tells how far.
        Part::Offset(offset) if found > 0 || offset == 0 => Some(offset + found),
        Part::Offset(_) | Part::After(Some(_)) => None,
    }
}

async fn count<T: Listed>(connection: &impl database::Rows, condition: &Expr) -> Result<u64, Failure> {
    let select = Sql::select().expr_as(Expr::cust("count(*)"), "total").from(T::TABLE).and_where(condition.clone()).take();
    let row = connection.query_one(&select).await.map_err(failure)?;
    let total = row.map_or(Ok(0), |row| row.try_get::<i64>("", "total")).map_err(failure)?;
    Ok(u64::try_from(total).unwrap_or(0))
}

impl Select<'_> {
    /// The rows of a page and one more, or fewer when they are heavy.
    async fn first<T: Listed>(&self, connection: &impl database::Rows, query: &Query) -> Result<Vec<Found<T>>, Failure> {
        let needed = query.limit + 1;
        let mut found: Vec<Found<T>> = match &query.part {
            Part::Offset(offset) => self.fetch(connection, None, needed.min(CHUNK), *offset).await?,
            Part::After(place) => self.behind(connection, place.as_ref(), needed.min(CHUNK)).await?,
        };
        let mut last_chunk = count_of(&found);
        while last_chunk == CHUNK && count_of(&found) < needed && found.iter().map(|row| row.weight).sum::<usize>() < PAGE_BYTES {
            let place = found.last().map(|row| row.place.clone());
            let chunk = self.behind(connection, place.as_ref(), (needed - count_of(&found)).min(CHUNK)).await?;
            last_chunk = count_of(&chunk);
            found.extend(chunk);
        }
        Ok(found)
    }

    /// The rows behind a place.
    pub(super) async fn behind<T: Listed>(&self, connection: &impl database::Rows, place: Option<&Place>, limit: u64) -> Result<Vec<Found<T>>, Failure> {
        let mut found = Vec::new();
        for stretch in self.order.behind(place) {
            let left = limit.saturating_sub(count_of(&found));
            if left > 0 {
                found.extend(self.fetch(connection, stretch, left, 0).await?);
            }
        }
        Ok(found)
    }

    /// Some of the rows that fulfil one more condition.
    pub(super) async fn fetch<T: Listed>(
        &self,
        connection: &impl database::Rows,
        also: Option<Expr>,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<Found<T>>, Failure> {
        let statement = self.statement::<T>(connection.get_database_backend(), also, limit, offset);
        let also: Vec<_> = self.order.also().into_iter().chain(self.asks::<T>().then_some((INCOMPLETE, ColumnType::Boolean))).collect();
        let rows = connection.rows::<T::Entity>(statement, &also).await.map_err(failure)?;
        rows.into_iter().map(|row| self.read(row)).collect()
    }

    /// The statement for these rows. `SQLite` compiles a statement with a bound limit anew each time: there the numbers stand in the text.
    pub(super) fn statement<T: Listed>(&self, on: DbBackend, also: Option<Expr>, limit: u64, offset: u64) -> Statement {
        let mut select = self.rows::<T>(on);
        select.and_where_option(also);
        if on != DbBackend::Sqlite {
            return StatementBuilder::build(select.limit(limit).offset(offset), &on);
        }
        let all = StatementBuilder::build(&select, &on);
        Statement { sql: format!("{} LIMIT {limit} OFFSET {offset}", all.sql), ..all }
    }

    fn rows<T: Listed>(&self, on: DbBackend) -> SelectStatement {
        let mut select = Sql::select().expr(Expr::cust(T::columns())).from(T::TABLE).and_where(self.condition.clone()).take();
        self.order.apply(&mut select, self.sorts && on == DbBackend::Sqlite);
        if let Some(incomplete) = T::incomplete().filter(|_| self.complete) {
            select.expr_as(incomplete, INCOMPLETE);
        }
        select
    }

    /// Is each row asked whether it is complete?
    fn asks<T: Listed>(&self) -> bool {
        self.complete && T::incomplete().is_some()
    }

    fn read<T: Listed>(&self, mut row: database::Found<<T::Entity as EntityTrait>::Model>) -> Result<Found<T>, Failure> {
        let incomplete = self.asks::<T>() && row.also.pop() == Some(true.into());
        let key = row.also.pop().and_then(key);
        let weight = T::weight(&row.model);
        let item = T::read(row.model)?;
        let place = Place { key, id: item.id() };
        Ok(Found { item, place, incomplete, weight })
    }
}

fn count_of<T>(found: &[T]) -> u64 {
    u64::try_from(found.len()).unwrap_or(u64::MAX)
}
