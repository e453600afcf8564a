//! Databases: SQLite files and PostgreSQL from the same entities and migrations.

use rekey_kernel::Failure;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaDatabase, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use sea_orm_migration::MigratorTrait;
use std::time::Duration;

/// Connections of `SQLite`'s pool of readers.
const READERS: u32 = 4;
/// Connections to `PostgreSQL`.
const CONNECTIONS: u32 = 16;
/// `pg_advisory_xact_lock` key under which one replica migrates while the others wait.
const MIGRATION_LOCK: i64 = 0x0072_656b_6579;

/// A service's database. `SQLite` gets one writing connection and a pool of readers: sixteen writers wait for each other up to
/// seconds there, one writer with a queue waits milliseconds. `PostgreSQL` gets one pool for both.
#[derive(Clone, Debug)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Database {
    /// Opens `sqlite://path?mode=rwc` or `postgres://…`.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        let connect = |limit| async move { SeaDatabase::connect(options(url, limit)).await.map_err(failure) };
        if url.starts_with("sqlite:") {
            return Ok(Self { writer: connect(1).await?, reader: connect(READERS).await? });
        }
        let pool = connect(CONNECTIONS).await?;
        Ok(Self { writer: pool.clone(), reader: pool })
    }

    /// Brings the schema up to date, one process at a time.
    ///
    /// # Errors
    /// `Internal` when a migration fails; nothing of it stays.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Failure> {
        let transaction = self.begin().await?;
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            transaction.execute_unprepared(&lock).await.map_err(failure)?;
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

    /// For reading.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For a single writing statement, which is its own transaction.
    pub const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }
}

fn options(url: &str, limit: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(limit).min_connections(1).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
    if url.starts_with("sqlite:") {
        // Idle connections of a file cost nothing, and opening one costs its page cache.
        options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // NORMAL may roll back a committed transaction when the power fails.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
        });
    }
    options
}

/// The failure that a database error stands for: unavailable when asking again may help, else a defect.
pub fn failure(error: DbErr) -> Failure {
    let transient = match &error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_transient(&cause.to_string()),
        _ => false,
    };
    if transient {
        return Failure::unavailable("the database is not available; ask again").because(error);
    }
    Failure::internal("the database refused a statement").because(error)
}

/// Busy, full or gone: by the text, since the drivers have no common code for it.
fn is_transient(text: &str) -> bool {
    const SIGNS: [&str; 8] =
        ["database is locked", "disk is full", "disk I/O error", "pool timed out", "connection", "Connection", "Broken pipe", "could not serialize"];
    SIGNS.iter().any(|sign| text.contains(sign))
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
