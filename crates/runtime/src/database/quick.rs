//! Looking up a few rows by an index.
//!
//! A connection of sqlx to a file lives in a thread of its own, and handing a statement over and its rows back takes several times as
//! long as looking a row up. So what an index finds at once is read in the thread that asks. `PostgreSQL` is asked as always.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, ExecResult, FromQueryResult, QueryResult, Statement, TryGetable, TryIntoModel,
    Value, sea_query::ColumnType,
};
use std::{path::Path, sync::Arc};

use super::{Transaction, file::File, pool::Pool};

/// The way for statements whose few rows an index finds, outside of any transaction. Any other would hold up whatever else its thread
/// has to do: those go through the pool.
#[derive(Clone, Debug)]
pub struct Quick {
    file: Option<Arc<File>>,
    pool: Pool,
}

/// A column that is selected together with those of an entity: its name, and what it holds.
pub type Also = (&'static str, ColumnType);

/// A row of an entity, and what was selected together with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<M> {
    /// The entity's own columns.
    pub model: M,
    /// The others, in the order in which they were named.
    pub also: Vec<Value>,
}

/// An entity whose rows are made from their values.
pub trait Readable: EntityTrait {
    /// The row with these values.
    ///
    /// # Errors
    /// When one is missing.
    fn model(values: Self::ActiveModel) -> Result<Self::Model, DbErr>;
}

impl<E: EntityTrait> Readable for E
where
    E::ActiveModel: TryIntoModel<E::Model>,
{
    fn model(values: E::ActiveModel) -> Result<E::Model, DbErr> {
        values.try_into_model()
    }
}

/// Where rows of an entity are read.
pub trait Rows: ConnectionTrait {
    /// The rows that a statement finds, which selects the columns of an entity, and also these.
    ///
    /// # Errors
    /// The database's own.
    fn rows<E: Readable>(&self, statement: Statement, also: &[Also]) -> impl Future<Output = Result<Vec<Found<E::Model>>, DbErr>> + Send;
}

macro_rules! by_sea_orm {
    ($($connection:ty),*) => {
        $(impl Rows for $connection {
            async fn rows<E: Readable>(&self, statement: Statement, also: &[Also]) -> Result<Vec<Found<E::Model>>, DbErr> {
                self.query_all_raw(statement).await?.iter().map(|row| found::<E>(row, also)).collect()
            }
        })*
    };
}

by_sea_orm!(Pool, Transaction);

impl Rows for Quick {
    async fn rows<E: Readable>(&self, statement: Statement, also: &[Also]) -> Result<Vec<Found<E::Model>>, DbErr> {
        match self.at_once::<E>(&statement, also) {
            Some(rows) => Ok(rows),
            None => self.pool.rows::<E>(statement, also).await,
        }
    }
}

/// Whatever is not rows of an entity goes through the pool.
#[async_trait]
impl ConnectionTrait for Quick {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.pool.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.pool.query_all_raw(statement).await
    }
}

impl Quick {
    pub(super) fn to_file(path: &Path, pool: Pool) -> Self {
        Self { file: Some(Arc::new(File::new(path))), pool }
    }

    pub(super) const fn over(pool: Pool) -> Self {
        Self { file: None, pool }
    }

    /// What is found at once. Whatever goes wrong is left to the pool, which waits for a file that is busy, and knows what to tell.
    fn at_once<E: Readable>(&self, statement: &Statement, also: &[Also]) -> Option<Vec<Found<E::Model>>> {
        let found = self.file.as_ref()?.rows::<E>(statement, also);
        found.inspect_err(|error| tracing::debug!(%error, "a look-up is left to the pool")).ok()
    }
}

fn found<E: EntityTrait>(row: &QueryResult, also: &[Also]) -> Result<Found<E::Model>, DbErr> {
    let also = also.iter().map(|(name, kind)| value(row, name, kind)).collect::<Result<_, _>>()?;
    Ok(Found { model: E::Model::from_query_result(row, "")?, also })
}

fn value(row: &QueryResult, name: &str, kind: &ColumnType) -> Result<Value, DbErr> {
    Ok(match kind {
        ColumnType::Boolean => Value::Bool(get(row, name)?),
        ColumnType::BigInteger => Value::BigInt(get(row, name)?),
        ColumnType::Text => Value::String(get(row, name)?),
        _ => return Err(DbErr::Type(format!("nothing of the type of `{name}` is selected together with rows"))),
    })
}

fn get<T: TryGetable>(row: &QueryResult, name: &str) -> Result<Option<T>, DbErr> {
    row.try_get("", name)
}

/// The row with these values, in the order of the entity's columns.
pub(super) fn model<E: Readable>(values: impl Iterator<Item = (E::Column, Value)>) -> Result<E::Model, DbErr> {
    let mut row = <E::ActiveModel as ActiveModelTrait>::default();
    for (column, value) in values {
        row.try_set(column, value)?;
    }
    E::model(row)
}
