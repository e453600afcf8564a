//! Reading a file of `SQLite` in the thread that asks.

use rusqlite::{
    Connection, Error, OpenFlags, Result, Row, ToSql, params_from_iter,
    types::{ToSqlOutput, Type},
};
use sea_orm::{ColumnTrait, DbErr, IdenStatic, Iterable, Statement, Value, sea_query::ColumnType};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    quick::{Also, Found, Readable, model},
    until::{STEPS, Until},
};

/// So long a statement may hold up the thread that asks. One that finds more than it seemed is ended, and begun anew over the pool. How
/// long the disk takes for a page is not bounded by this: a few rows by an index are a few pages.
const LONGEST: Duration = Duration::from_millis(2);

/// The pages that a connection keeps (negative: KiB): enough for the upper parts of its indexes. By default each would hold 2 MiB, for ever.
const CACHE_KIB: i32 = -512;

/// A file, and the connections to it that nobody uses at this moment: at most as many as there are threads that ask.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

/// A connection, and until when its statement may run.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    until: Until,
}

impl File {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// The rows that a statement finds, which selects the columns of an entity and also these.
    pub(super) fn rows<E: Readable>(&self, statement: &Statement, also: &[Also]) -> Result<Vec<Found<E::Model>>> {
        let idle = self.idle().pop();
        let reader = idle.map_or_else(|| open(&self.path), Ok)?;
        reader.until.set(Some(Instant::now() + LONGEST));
        let rows = rows::<E>(&reader.connection, statement, also);
        self.idle().push(reader);
        rows
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing is written here, and nobody waits for a file that is busy.
fn open(path: &Path) -> Result<Reader> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    let until = Until::default();
    let watched = until.clone();
    connection.progress_handler(STEPS, Some(move || !watched.is_ahead()))?;
    Ok(Reader { connection, until })
}

fn rows<E: Readable>(connection: &Connection, statement: &Statement, also: &[Also]) -> Result<Vec<Found<E::Model>>> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let mut places = Places::of(&prepared);
    let own = E::Column::iter().map(|column| Ok((places.of_column(column.as_str())?, column))).collect::<Result<Vec<_>>>()?;
    let others = also.iter().map(|(name, kind)| Ok((places.of_column(name)?, kind))).collect::<Result<Vec<_>>>()?;
    let bound = statement.values.iter().flat_map(|values| &values.0).map(Bound);
    let found = prepared.query_map(params_from_iter(bound), |row| {
        let values = own.iter().map(|(index, column)| Ok((*column, typed(row, *index, column.def().get_column_type())?)));
        let also = others.iter().map(|(index, kind)| typed(row, *index, kind)).collect::<Result<_>>()?;
        Ok(Found { model: model::<E>(values.collect::<Result<Vec<_>>>()?.into_iter()).map_err(unreadable)?, also })
    })?;
    found.collect()
}

/// Finds the columns of a statement by their names.
struct Places<'a> {
    statement: &'a rusqlite::Statement<'a>,
    /// Most are asked for in the order in which they stand.
    next: usize,
}

impl<'a> Places<'a> {
    const fn of(statement: &'a rusqlite::Statement<'a>) -> Self {
        Self { statement, next: 0 }
    }

    fn of_column(&mut self, name: &str) -> Result<usize> {
        let is_next = self.statement.column_name(self.next).is_ok_and(|next| next == name);
        let place = if is_next { self.next } else { self.statement.column_index(name)? };
        self.next = place + 1;
        Ok(place)
    }
}

fn unreadable(error: DbErr) -> Error {
    Error::FromSqlConversionFailure(0, Type::Null, error.into())
}

/// What is stored, as a value of this type: `SQLite` knows fewer types than its columns are declared with.
fn typed(row: &Row<'_>, index: usize, kind: &ColumnType) -> Result<Value> {
    Ok(match kind {
        ColumnType::Boolean => Value::Bool(row.get(index)?),
        ColumnType::Integer => Value::Int(row.get(index)?),
        ColumnType::BigInteger => Value::BigInt(row.get(index)?),
        ColumnType::String(_) | ColumnType::Text => Value::String(row.get(index)?),
        ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob => Value::Bytes(row.get(index)?),
        ColumnType::Uuid => Value::Uuid(row.get(index)?),
        _ => return Err(Error::InvalidColumnType(index, String::new(), row.get_ref(index)?.data_type())),
    })
}

/// A value as sqlx binds it.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        match self.0 {
            Value::Bool(value) => value.to_sql(),
            Value::Int(value) => value.to_sql(),
            Value::BigInt(value) => value.to_sql(),
            Value::String(value) => value.to_sql(),
            Value::Bytes(value) => value.to_sql(),
            Value::Uuid(value) => value.to_sql(),
            _ => Err(Error::ToSqlConversionFailure("no look-up binds a value of this type".into())),
        }
    }
}
