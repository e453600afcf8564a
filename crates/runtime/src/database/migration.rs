//! Bringing a schema up to date, over a connection that serves for nothing else: sea-orm migrates over its own alone.

use rekey_kernel::Failure;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions,
    TransactionTrait,
    sqlx::{postgres::PgPoolOptions, sqlite::SqlitePoolOptions},
};
use sea_orm_migration::MigratorTrait;

use super::{PATIENCE, QUEUE_PATIENCE, connection::Address, failure};

/// One replica migrates while the others wait, each for as long as it takes.
const LOCK: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
     SELECT pg_advisory_xact_lock(491294188921)";

pub(super) async fn run<M: MigratorTrait>(address: &Address) -> Result<(), Failure> {
    let connection = connect(address);
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
    let transaction = connection.begin_with_options(options).await.map_err(failure)?;
    if transaction.get_database_backend() == DatabaseBackend::Postgres {
        transaction.execute_unprepared(LOCK).await.map_err(failure)?;
    }
    M::up(&transaction, None).await.map_err(failure)?;
    transaction.commit().await.map_err(failure)?;
    connection.close().await.map_err(failure)
}

fn connect(address: &Address) -> DatabaseConnection {
    match address {
        Address::File { options, .. } => {
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(QUEUE_PATIENCE);
            SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_lazy_with(options.clone()))
        }
        Address::Server(options) => {
            let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
            SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with(options.clone()))
        }
    }
}
