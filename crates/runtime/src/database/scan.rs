//! Reading whole tables: by few at a time, so that everybody else finds a connection, and by none for longer than anybody waits for it.

#[cfg(test)]
mod tests;

use rekey_kernel::Failure;
use sea_orm::{ConnectionTrait, DatabaseBackend, sqlx::sqlite::SqliteConnectOptions};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    PATIENCE, Transaction,
    connection::Address,
    failure,
    pool::{Pool, Terms},
};
use crate::grpc::left;

/// No scan takes longer, however long its caller would wait.
const LONGEST: Duration = Duration::from_secs(10);
/// So long a file stays open for the next scan.
const IDLE: Duration = Duration::from_mins(1);
/// A scan reads pages at random, more of them than `SQLite`'s own cache takes: through a map it needs a third of the time. Only scans
/// get one: what they touched counts as memory of the process, and is given back when their connection is closed.
const MAP: (&str, &str) = ("mmap_size", "268435456");

/// The ways to a database for those who read whole tables.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    pool: Pool,
    free: Arc<Semaphore>,
}

/// One who may read whole tables, in a transaction that writes nothing. What was begun ends when this is dropped, at the deadline of
/// the call that we are in, or after ten seconds. Its lane is free again when it has really ended.
#[derive(Debug)]
pub struct Scan(Transaction);

impl Lanes {
    /// So many over a pool.
    pub(super) fn over(pool: &Pool, count: usize) -> Self {
        Self { pool: pool.clone(), free: Arc::new(Semaphore::new(count)) }
    }

    /// So many to a file, each with a connection of its own, which is opened when it is needed.
    pub(super) fn to_file(options: &SqliteConnectOptions, count: usize) -> Result<Self, Failure> {
        let address = Address::File { options: options.clone().pragma(MAP.0, MAP.1), is_watched: true };
        let pool = Pool::new(address, Terms { most: count, patience: PATIENCE, idle: Some(IDLE) })?;
        Ok(Self::over(&pool, count))
    }

    pub(super) async fn scan(&self) -> Result<Scan, Failure> {
        let Ok(Ok(lane)) = timeout(PATIENCE, Arc::clone(&self.free).acquire_owned()).await else {
            return Err(Failure::unavailable("too many ask at this moment for what no index finds; ask again, or in a way that names what is wanted"));
        };
        let transaction = Transaction::begin(&self.pool, "BEGIN", Some(lane)).await.map_err(failure)?;
        limit(transaction, left().min(LONGEST)).await.map(Scan)
    }
}

/// Lets statements run for so long.
async fn limit(mut transaction: Transaction, time: Duration) -> Result<Transaction, Failure> {
    if transaction.get_database_backend() == DatabaseBackend::Postgres {
        // Zero would be for ever.
        let limit = format!("SET LOCAL statement_timeout = {}", time.as_millis().max(1));
        transaction.execute_unprepared(&limit).await.map_err(failure)?;
    }
    transaction.end_at(Instant::now() + time);
    Ok(transaction)
}

impl Scan {
    /// Where its statements run.
    pub const fn connection(&self) -> &Transaction {
        &self.0
    }
}
