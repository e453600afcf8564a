//! A database by hand: sqlx and nothing over it, with the connections and the durability that the product has.

use anyhow::{Result, bail};
use sea_orm::sqlx::{
    self, ConnectOptions, PgPool, Row, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, time::Duration};
use uuid::Uuid;

/// As many as the product has.
const READERS: u32 = 4;
const CONNECTIONS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(10);

/// One database.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// SQLite has one writer.
    Sqlite { reader: SqlitePool, writer: SqlitePool },
    /// PostgreSQL has one pool for both.
    Postgres(PgPool),
}

/// A statement with its values; `$1` is read alike by both.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Id(Uuid),
    Text(String),
    Number(i64),
    Flag(bool),
}

macro_rules! bound {
    ($statement:expr) => {{
        let mut query = sqlx::query($statement.sql);
        for value in $statement.values {
            query = match value {
                Value::Id(id) => query.bind(id),
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Flag(flag) => query.bind(flag),
            };
        }
        query
    }};
}

impl Database {
    /// `sqlite://path?mode=rwc` or `postgres://…`
    pub(crate) async fn open(url: &str) -> Result<Self> {
        if !url.starts_with("sqlite:") {
            let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).test_before_acquire(false).connect_with(options).await?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).test_before_acquire(false);
        Ok(Self::Sqlite { writer: pool(1).connect_with(options.clone()).await?, reader: pool(READERS).connect_with(options).await? })
    }

    /// The last column of the one row that there must be, as bytes.
    pub(crate) async fn document(&self, statement: Statement) -> Result<Vec<u8>> {
        let text: String = match self {
            Self::Sqlite { reader, .. } => last(&bound!(statement).fetch_all(reader).await?)?,
            Self::Postgres(pool) => last(&bound!(statement).fetch_all(pool).await?)?,
        };
        Ok(text.into_bytes())
    }

    /// One durable transaction.
    pub(crate) async fn commit(&self, statements: Vec<Statement>) -> Result<()> {
        match self {
            Self::Sqlite { writer, .. } => {
                let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                for statement in statements {
                    bound!(statement).execute(&mut *transaction).await?;
                }
                Ok(transaction.commit().await?)
            }
            Self::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                for statement in statements {
                    bound!(statement).execute(&mut *transaction).await?;
                }
                Ok(transaction.commit().await?)
            }
        }
    }

    /// One statement, which is a durable transaction of its own.
    pub(crate) async fn change(&self, statement: Statement) -> Result<()> {
        let _rows = match self {
            Self::Sqlite { writer, .. } => bound!(statement).execute(writer).await?.rows_affected(),
            Self::Postgres(pool) => bound!(statement).execute(pool).await?.rows_affected(),
        };
        Ok(())
    }

    /// One number that a query gives.
    pub(crate) async fn number(&self, sql: &'static str) -> Result<i64> {
        Ok(match self {
            Self::Sqlite { reader, .. } => sqlx::query(sql).fetch_one(reader).await?.try_get(0)?,
            Self::Postgres(pool) => sqlx::query(sql).fetch_one(pool).await?.try_get(0)?,
        })
    }

    /// The texts that a query gives.
    pub(crate) async fn texts(&self, sql: &'static str) -> Result<Vec<String>> {
        Ok(match self {
            Self::Sqlite { reader, .. } => sqlx::query_scalar(sql).fetch_all(reader).await?,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await?,
        })
    }

    /// The ids that a query gives.
    pub(crate) async fn ids(&self, sql: &'static str) -> Result<Vec<Uuid>> {
        Ok(match self {
            Self::Sqlite { reader, .. } => sqlx::query_scalar(sql).fetch_all(reader).await?,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await?,
        })
    }

    /// Statements of an administrator, outside of any transaction.
    pub(crate) async fn administer(&self, sql: String) -> Result<()> {
        let sql = sqlx::AssertSqlSafe(sql);
        let _rows = match self {
            Self::Sqlite { writer, .. } => sqlx::raw_sql(sql).execute(writer).await?.rows_affected(),
            Self::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await?.rows_affected(),
        };
        Ok(())
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

fn last<R: Row>(rows: &[R]) -> Result<String>
where
    for<'r> String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    let [row] = rows else { bail!("{} rows instead of one", rows.len()) };
    Ok(row.try_get(row.len() - 1)?)
}
