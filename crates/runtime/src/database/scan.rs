//! Reading whole tables: by few at a time, so that everybody else finds a connection, and by none for longer than anybody waits for it.

#[cfg(test)]
mod tests;

use rekey_kernel::Failure;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, SqlxSqliteConnector, TransactionTrait,
    sqlx::{
        SqliteConnection,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{
        Mutex as AsyncMutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    time::timeout,
};

use super::{PATIENCE, failure};
use crate::grpc::left;

/// No scan takes longer, however long its caller would wait.
const LONGEST: Duration = Duration::from_secs(10);
/// `SQLite` asks after so many steps whether it may go on: about each millisecond.
const STEPS: i32 = 20_000;
/// So long a file stays open for the next scan.
const IDLE: Duration = Duration::from_mins(1);
/// A scan reads pages at random, more of them than `SQLite`'s own cache takes: through a map it needs a third of the time. Only scans
/// get one: what they touched counts as memory of the process, and is given back when their connection is closed.
const MAP: (&str, &str) = ("mmap_size", "268435456");

/// The ways to a database for those who read whole tables.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    free: Arc<AsyncMutex<UnboundedReceiver<Lane>>>,
    back: UnboundedSender<Lane>,
}

#[derive(Clone, Debug)]
struct Lane {
    pool: DatabaseConnection,
    until: Until,
}

/// Until when the statements of a connection of `SQLite` may run; `None`: no longer. `PostgreSQL` is told by its own means.
#[derive(Clone, Debug, Default)]
struct Until(Arc<Mutex<Option<Instant>>>);

/// One who may read whole tables, in a transaction that writes nothing. What was begun ends when this is dropped, at the deadline of
/// the call that we are in, or after ten seconds.
#[derive(Debug)]
pub struct Scan(Arc<Open>);

/// In this order: who gives back a lane has no transaction on it.
#[derive(Debug)]
struct Open {
    transaction: DatabaseTransaction,
    held: Held,
}

/// A lane that nobody else has.
#[derive(Debug)]
struct Held {
    lane: Lane,
    back: UnboundedSender<Lane>,
}

impl Lanes {
    /// So many over a pool.
    pub(super) fn over(pool: &DatabaseConnection, count: u32) -> Self {
        Self::new((0..count).map(|_| Lane { pool: pool.clone(), until: Until::default() }))
    }

    /// So many to a file, each with a connection of its own, which is opened when it is needed.
    pub(super) fn to_file(options: &SqliteConnectOptions, count: u32) -> Self {
        let options = options.clone().pragma(MAP.0, MAP.1);
        Self::new((0..count).map(|_| Lane::to_file(options.clone())))
    }

    fn new(lanes: impl Iterator<Item = Lane>) -> Self {
        let (back, free) = unbounded_channel();
        for lane in lanes {
            Held { lane, back: back.clone() };
        }
        Self { free: Arc::new(AsyncMutex::new(free)), back }
    }

    pub(super) async fn scan(&self) -> Result<Scan, Failure> {
        let free = timeout(PATIENCE, async { self.free.lock().await.recv().await }).await;
        let Ok(Some(lane)) = free else {
            return Err(Failure::unavailable("too many ask at this moment for what no index finds; ask again, or in a way that names what is wanted"));
        };
        let held = Held { lane, back: self.back.clone() };
        let transaction = held.lane.begin().await?;
        Ok(Scan(Arc::new(Open { transaction, held })))
    }
}

impl Lane {
    fn to_file(options: SqliteConnectOptions) -> Self {
        let until = Until::default();
        let watched = until.clone();
        let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).idle_timeout(IDLE).max_lifetime(None).test_before_acquire(false);
        let pool = pool.after_connect(move |connection, _| Box::pin(watch(connection, watched.clone())));
        Self { pool: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_lazy_with(options)), until }
    }

    async fn begin(&self) -> Result<DatabaseTransaction, Failure> {
        let transaction = self.pool.begin().await.map_err(failure)?;
        let time = left().min(LONGEST);
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            // Zero would be for ever.
            let limit = format!("SET LOCAL statement_timeout = {}", time.as_millis().max(1));
            transaction.execute_unprepared(&limit).await.map_err(failure)?;
        }
        self.until.set(Some(Instant::now() + time));
        Ok(transaction)
    }
}

async fn watch(connection: &mut SqliteConnection, until: Until) -> Result<(), sea_orm::sqlx::Error> {
    connection.lock_handle().await?.set_progress_handler(STEPS, move || until.is_ahead());
    Ok(())
}

impl Until {
    fn set(&self, until: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn is_ahead(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }
}

impl Scan {
    /// Where its statements run.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.0.transaction
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        let open = Arc::clone(&self.0);
        open.held.lane.until.set(None);
        let Ok(runtime) = Handle::try_current() else { return };
        // The statement of a caller who is gone may still run, and as long as it does the lane is not free: this waits for its end. What
        // it answers is nothing to us: a transaction in which a statement was ended refuses it.
        runtime.spawn(async move {
            let _refused = open.transaction.execute_unprepared("SELECT 1").await;
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // When nobody is there to take it, the database itself is gone.
        let _gone = self.back.send(self.lane.clone());
    }
}
