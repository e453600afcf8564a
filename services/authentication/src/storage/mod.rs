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
use rekey_runtime::database::failure;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

use crate::domain::StateName;

/// Where to read: the readers' pool, or a transaction that sees its own writes.
trait Source: Send + Sync {
    type Connection: ConnectionTrait + Send + Sync;

    fn connection(&self) -> &Self::Connection;
}

/// A transaction; dropping it rolls back.
struct SeaTx {
    transaction: DatabaseTransaction,
    published: AtomicBool,
    /// The states that resets came into; counted once they are committed.
    entered: Mutex<Vec<StateName>>,
    /// Told when events were committed.
    wake: Arc<Notify>,
}

impl Source for SeaTx {
    type Connection = DatabaseTransaction;

    fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }
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
