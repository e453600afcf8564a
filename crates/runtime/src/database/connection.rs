//! One connection, to whichever database.

use sea_orm::{
    DatabaseBackend, ExecResult, QueryResult, Statement, Values,
    sqlx::{
        self, AssertSqlSafe, Connection as _, Executor, PgConnection, SqliteConnection, postgres::PgConnectOptions, query_with, sqlite::SqliteConnectOptions,
    },
};
use sea_query_sqlx::SqlxValues;
use std::{fmt, io::ErrorKind, time::Duration};
use tokio::time::sleep;

use super::until::Until;

/// How long to wait before a server that is just starting is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// Where connections lead.
#[derive(Clone)]
pub(super) enum Address {
    /// A file. Statements of a watched connection end at a time that is set for each.
    File { options: SqliteConnectOptions, is_watched: bool },
    /// A server.
    Server(PgConnectOptions),
}

/// One connection.
pub(super) enum Connection {
    Sqlite(SqliteConnection, Until),
    Postgres(PgConnection),
}

macro_rules! on_either {
    ($connection:expr, $inner:ident => $work:expr) => {
        match $connection {
            Connection::Sqlite($inner, _) => $work,
            Connection::Postgres($inner) => $work,
        }
    };
}

impl Address {
    pub(super) const fn backend(&self) -> DatabaseBackend {
        match self {
            Self::File { .. } => DatabaseBackend::Sqlite,
            Self::Server(_) => DatabaseBackend::Postgres,
        }
    }

    /// A new connection. While a server restarts it is tried again and again, for as long as the caller waits.
    pub(super) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        match self {
            Self::File { options, is_watched } => open(options, *is_watched).await,
            Self::Server(options) => loop {
                match PgConnection::connect_with(options).await {
                    Err(error) if is_starting(&error) => sleep(AGAIN).await,
                    connected => return connected.map(Connection::Postgres),
                }
            },
        }
    }
}

impl fmt::Debug for Address {
    /// Not the address itself: it may hold a password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.backend())
    }
}

async fn open(options: &SqliteConnectOptions, is_watched: bool) -> Result<Connection, sqlx::Error> {
    let (mut connection, until) = (SqliteConnection::connect_with(options).await?, Until::default());
    if is_watched {
        until.watch(&mut connection).await?;
    }
    Ok(Connection::Sqlite(connection, until))
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

impl Connection {
    /// Until when its statements may run, where it is watched.
    pub(super) const fn until(&self) -> Option<&Until> {
        match self {
            Self::Sqlite(_, until) => Some(until),
            Self::Postgres(_) => None,
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        on_either!(self, inner => inner.ping().await)
    }

    /// Takes a transaction back, or else sees whether the connection answers.
    pub(super) async fn end(&mut self, transaction: bool) -> Result<(), sqlx::Error> {
        if transaction { self.execute_unprepared("ROLLBACK").await.map(drop) } else { self.ping().await }
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, sqlx::Error> {
        let (sql, values) = parts(statement);
        on_either!(self, inner => query_with(sql, values).execute(inner).await.map(ExecResult::from))
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        on_either!(self, inner => inner.execute(sql).await.map(ExecResult::from))
    }

    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, sqlx::Error> {
        let (sql, values) = parts(statement);
        on_either!(self, inner => Ok(query_with(sql, values).fetch_optional(inner).await?.map(QueryResult::from)))
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        let (sql, values) = parts(statement);
        on_either!(self, inner => Ok(query_with(sql, values).fetch_all(inner).await?.into_iter().map(QueryResult::from).collect()))
    }
}

/// sea-query writes the text, and it holds no value.
fn parts(statement: Statement) -> (AssertSqlSafe<String>, SqlxValues) {
    (AssertSqlSafe(statement.sql), SqlxValues(statement.values.unwrap_or(Values(Vec::new()))))
}
