//! Databases: SQLite files and PostgreSQL from the same entities and migrations.

mod failure;
mod scan;

pub use failure::{failure, gave_way};
pub use scan::Scan;

use rekey_kernel::Failure;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaDatabase, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, RuntimeErr, Select,
    SqliteTransactionMode, SqlxPostgresConnector, TransactionOptions, TransactionTrait,
    sqlx::{
        self, ConnectOptions as _, Connection as _,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::MigratorTrait;
use std::{sync::Arc, time::Duration};

use scan::Lanes;

/// Connections of `SQLite`'s pool of readers.
const READERS: u32 = 4;
/// Connections to `PostgreSQL`.
const CONNECTIONS: u32 = 16;
/// How long to wait for a connection: where the server is away, that long until 503.
const PATIENCE: Duration = Duration::from_secs(3);
/// A connection to `PostgreSQL` that was used so lately is taken to be alive. One that broke is thrown away, and its pool opens another.
const FRESH: Duration = Duration::from_secs(1);
/// `SQLite` has one writer, and a queue of those that want to write is no outage.
const QUEUE_PATIENCE: Duration = Duration::from_secs(10);
/// What every session of `PostgreSQL` is told. The code relies on READ COMMITTED: a lock that was waited for shows the newest row.
/// A replica that freezes in the middle of a transaction must not hold the others up for ever.
const SESSION: [(&str, &str); 4] =
    [("default_transaction_isolation", "read committed"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "15s"), ("statement_timeout", "60s")];
/// One replica migrates while the others wait, each for as long as it takes.
const MIGRATION_LOCK: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
     SELECT pg_advisory_xact_lock(491294188921)";

/// A service's database. `SQLite` gets one writing connection and a pool of readers: sixteen writers wait for each other up to
/// seconds there, one writer with a queue waits milliseconds. `PostgreSQL` gets one pool for both. Whoever reads whole tables waits for
/// one of a few lanes: half as many as there are connections for reading.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    lanes: Lanes,
}

impl Database {
    /// Opens `sqlite://path?mode=rwc` or `postgres://…`. The address may hold a password: no failure and no log shows it.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached; `Invalid` for an address that is none.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        if url.starts_with("sqlite:") {
            let (writer, reader) = (file(url, 1).await?, file(url, READERS).await?);
            let options: SqliteConnectOptions = url.parse().map_err(bad_address)?;
            let lanes = Lanes::to_file(&as_we_want_it(options).disable_statement_logging(), READERS / 2);
            return Ok(Self { writer, reader, lanes });
        }
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Failure::invalid("invalid_database_url", "a database's address begins with sqlite:// or postgres://"));
        }
        let pool = server(url).await?;
        Ok(Self { writer: pool.clone(), lanes: Lanes::over(&pool, CONNECTIONS / 2), reader: pool })
    }

    /// Brings the schema up to date, one process at a time.
    ///
    /// # Errors
    /// `Internal` when a migration fails; nothing of it stays.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Failure> {
        let transaction = self.begin().await?;
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared(MIGRATION_LOCK).await.map_err(failure)?;
        }
        M::up(&transaction, None).await.map_err(failure)?;
        transaction.commit().await.map_err(failure)
    }

    /// A write transaction, immediate on `SQLite`. While it is open the writer must not be used otherwise: there is only one.
    ///
    /// # Errors
    /// `Unavailable` when no connection is to be had in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Failure> {
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        self.writer.begin_with_options(options).await.map_err(failure)
    }

    /// # Errors
    /// `Unavailable` when the database does not answer.
    pub async fn ping(&self) -> Result<(), Failure> {
        self.reader.ping().await.map_err(failure)
    }

    /// For statements that no index serves: those that read whole tables, or whatever is left of one.
    ///
    /// # Errors
    /// `Unavailable` when too many read whole tables already.
    pub async fn scan(&self) -> Result<Scan, Failure> {
        self.lanes.scan().await
    }

    /// For reading.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For a single writing statement, which is its own transaction.
    pub const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }
}

/// The row that a query by a unique key finds. Not by sea-orm's `one`, which adds `LIMIT ?`: `SQLite` compiles a statement with a bound
/// limit anew each time it is carried out, and that takes several times as long as to look one row up.
///
/// # Errors
/// As [`failure`] reads the database's own.
pub async fn only<E: EntityTrait>(query: Select<E>, connection: &impl ConnectionTrait) -> Result<Option<E::Model>, Failure> {
    Ok(query.all(connection).await.map_err(failure)?.into_iter().next())
}

async fn file(url: &str, connections: u32) -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).acquire_timeout(QUEUE_PATIENCE).sqlx_logging(false);
    // Idle connections of a file cost nothing, and opening one costs its page cache.
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    // Nobody can hang up: trying a connection out before each use would only double the way to its thread.
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(as_we_want_it);
    SeaDatabase::connect(options).await.map_err(failure)
}

fn as_we_want_it(options: SqliteConnectOptions) -> SqliteConnectOptions {
    // NORMAL may roll back a committed transaction when the power fails.
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    options.foreign_keys(true).busy_timeout(Duration::from_secs(5))
}

fn sea(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}

fn bad_address(error: sqlx::Error) -> Failure {
    Failure::invalid("invalid_database_url", "a database's address cannot be read").because(sea(error))
}

/// Not by sea-orm's own options: they would show the address with its password in a span.
async fn server(url: &str) -> Result<DatabaseConnection, Failure> {
    let options: PgConnectOptions = url.parse().map_err(bad_address)?;
    let options = options.application_name("rekey").options(SESSION).disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).min_connections(1).acquire_timeout(PATIENCE);
    let pool = pool.test_before_acquire(false).before_acquire(|connection, used| {
        Box::pin(async move {
            if used.idle_for > FRESH {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    let pool = pool.connect_with(options).await.map_err(|error| failure(sea(error)))?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_transaction_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&format!("sqlite://{}/t.db", folder.path().display())).await.unwrap();
        database.writer().execute_unprepared("CREATE TABLE t (n INTEGER)").await.unwrap();
        let transaction = database.begin().await.unwrap();
        transaction.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        drop(transaction);
        let row = database.reader().query_one_raw(sea_orm::Statement::from_string(DatabaseBackend::Sqlite, "SELECT count(*) AS n FROM t")).await.unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "n").unwrap(), 0);
    }
}
