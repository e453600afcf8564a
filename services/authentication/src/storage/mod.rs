//! The database, through sea-orm: private rows, conversions, migrations. `SQLite` and `PostgreSQL` from one source.

mod accounts;
mod convert;
mod migration;
mod preparations;
mod reads;
mod resets;
mod rows;
mod sessions;
mod store;

pub use migration::Migrator;
pub use store::SeaStore;

use rekey_kernel::Failure;
use rekey_runtime::database::{Readable, Rows, Transaction, failure};
use sea_orm::{ConnectionTrait, DbErr, QueryTrait, Select, Statement};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

use crate::domain::StateName;

/// Where to read: outside of any transaction, or in one that sees its own writes.
trait Source: Send + Sync {
    type Connection: ConnectionTrait + Send + Sync;

    fn connection(&self) -> &Self::Connection;

    /// The row that a statement by a unique key finds.
    fn row<E: Readable>(&self, statement: Statement) -> impl Future<Output = Result<Option<E::Model>, Failure>> + Send;

    /// The same, of a query.
    fn only<E: Readable>(&self, query: Select<E>) -> impl Future<Output = Result<Option<E::Model>, Failure>> + Send {
        self.row::<E>(query.build(self.connection().get_database_backend()))
    }
}

/// A transaction; dropping it rolls back.
struct SeaTx {
    transaction: Transaction,
    published: AtomicBool,
    /// The states that resets came into; counted once they are committed.
    entered: Mutex<Vec<StateName>>,
    /// Told when events were committed.
    wake: Arc<Notify>,
}

impl Source for SeaTx {
    type Connection = Transaction;

    fn connection(&self) -> &Transaction {
        &self.transaction
    }

    async fn row<E: Readable>(&self, statement: Statement) -> Result<Option<E::Model>, Failure> {
        row::<E>(&self.transaction, statement).await
    }
}

async fn row<E: Readable>(rows: &impl Rows, statement: Statement) -> Result<Option<E::Model>, Failure> {
    let rows = rows.rows::<E>(statement, &[]).await.map_err(failure)?;
    Ok(rows.into_iter().next().map(|found| found.model))
}

#[async_trait::async_trait]
impl crate::ports::Tx for SeaTx {
    async fn commit(self: Box<Self>) -> Result<(), Failure> {
        self.transaction.commit().await.map_err(failure)?;
        self.entered.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().for_each(|state| count_entry(state, 1));
        if self.published.load(Ordering::Relaxed) {
            self.wake.notify_one();
        }
        Ok(())
    }
}

impl SeaTx {
    fn note_entry(&self, state: StateName) {
        self.entered.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }
}

fn count_entry(state: StateName, resets: u64) {
    metrics::counter!("rekey_password_resets_total", "state" => state.as_str()).increment(resets);
}

/// For the many statements whose answer does not matter.
fn done<T>(result: Result<T, DbErr>) -> Result<(), Failure> {
    result.map(drop).map_err(failure)
}
