//! Databases: SQLite files and PostgreSQL from the same entities and migrations.

mod connection;
mod failure;
mod file;
mod migration;
mod once;
mod pool;
mod quick;
mod scan;
mod transaction;
mod until;

pub use failure::{failure, gave_way};
pub use once::Once;
pub use pool::Pool;
pub use quick::{Also, Found, Quick, Readable, Rows};
pub use scan::Scan;
pub use transaction::Transaction;

use connection::Address;
use pool::{Terms, sqlx_error};
use rekey_kernel::Failure;
use scan::Lanes;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Select,
    sqlx::{
        self, ConnectOptions as _,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::MigratorTrait;
use std::time::Duration;

/// Connections of `SQLite`'s pool of readers.
const READERS: usize = 4;
/// Connections to `PostgreSQL`.
const CONNECTIONS: usize = 16;
/// How long to wait for a connection: where the server is away, that long until 503.
const PATIENCE: Duration = Duration::from_secs(3);
/// So long a connection to `PostgreSQL` stays open that nobody needs.
const IDLE: Duration = Duration::from_mins(10);
/// `SQLite` has one writer, and a queue of those that want to write is no outage.
const QUEUE_PATIENCE: Duration = Duration::from_secs(10);
/// What every session of `PostgreSQL` is told. The code relies on READ COMMITTED: a lock that was waited for shows the newest row.
/// A replica that freezes in the middle of a transaction must not hold the others up for ever.
const SESSION: [(&str, &str); 4] =
    [("default_transaction_isolation", "read committed"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "15s"), ("statement_timeout", "60s")];
/// A service's database. `SQLite` gets one writing connection and a pool of readers: sixteen writers wait for each other up to
/// seconds there, one writer with a queue waits milliseconds. `PostgreSQL` gets one pool for both. Whoever reads whole tables waits for
/// one of a few lanes: half as many as there are connections for reading.
#[derive(Clone, Debug)]
pub struct Database {
    address: Address,
    writer: Pool,
    reader: Pool,
    quick: Quick,
    lanes: Lanes,
}

impl Database {
    /// Opens `sqlite://path?mode=rwc` or `postgres://…`. The address may hold a password: no failure and no log shows it.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be reached; `Invalid` for an address that is none.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        let database = if url.starts_with("sqlite:") {
            Self::file(url)?
        } else if ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            Self::server(url)?
        } else {
            return Err(Failure::invalid("invalid_database_url", "a database's address begins with sqlite:// or postgres://"));
        };
        database.ping().await?;
        Ok(database)
    }

    fn file(url: &str) -> Result<Self, Failure> {
        let options = as_we_want_it(url.parse().map_err(bad_address)?);
        let (lanes, path) = (Lanes::to_file(&options, READERS / 2)?, options.get_filename().to_owned());
        let address = Address::File { options, is_watched: false };
        let pool = |most| Pool::new(address.clone(), Terms { most, patience: QUEUE_PATIENCE, idle: None });
        let reader = pool(READERS)?;
        Ok(Self { writer: pool(1)?, quick: Quick::to_file(&path, reader.clone()), reader, lanes, address })
    }

    fn server(url: &str) -> Result<Self, Failure> {
        let options: PgConnectOptions = url.parse().map_err(bad_address)?;
        let address = Address::Server(options.application_name("rekey").options(SESSION).disable_statement_logging());
        let pool = Pool::new(address.clone(), Terms { most: CONNECTIONS, patience: PATIENCE, idle: Some(IDLE) })?;
        Ok(Self { writer: pool.clone(), quick: Quick::over(pool.clone()), lanes: Lanes::over(&pool, CONNECTIONS / 2), reader: pool, address })
    }

    /// Brings the schema up to date, one process at a time.
    ///
    /// # Errors
    /// `Internal` when a migration fails; nothing of it stays.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), Failure> {
        migration::run::<M>(&self.address).await
    }

    /// A write transaction, immediate on `SQLite`. While it is open the writer must not be used otherwise: there is only one.
    ///
    /// # Errors
    /// `Unavailable` when no connection is to be had in time.
    pub async fn begin(&self) -> Result<Transaction, Failure> {
        let sql = if matches!(self.address, Address::File { .. }) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        Transaction::begin(&self.writer, sql, None).await.map_err(failure)
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
    pub const fn reader(&self) -> &Pool {
        &self.reader
    }

    /// For looking a few rows up by an index.
    pub const fn quick(&self) -> &Quick {
        &self.quick
    }

    /// For a single writing statement, which is its own transaction.
    pub const fn writer(&self) -> &Pool {
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

fn as_we_want_it(options: SqliteConnectOptions) -> SqliteConnectOptions {
    // NORMAL may roll back a committed transaction when the power fails.
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    options.foreign_keys(true).busy_timeout(Duration::from_secs(5)).disable_statement_logging()
}

fn bad_address(error: sqlx::Error) -> Failure {
    Failure::invalid("invalid_database_url", "a database's address cannot be read").because(DbErr::Conn(sqlx_error(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DatabaseBackend;

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
