//! Until when the statements of a connection of `SQLite` may run. `PostgreSQL` is told by its own means.

use sea_orm::sqlx::{self, SqliteConnection};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// `SQLite` asks after so many steps whether it may go on: about each millisecond.
pub(super) const STEPS: i32 = 20_000;

/// `None`: no longer.
#[derive(Clone, Debug, Default)]
pub(super) struct Until(Arc<Mutex<Option<Instant>>>);

impl Until {
    pub(super) fn set(&self, until: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Ends what runs on this connection when it has run long enough.
    pub(super) async fn watch(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let until = self.clone();
        connection.lock_handle().await?.set_progress_handler(STEPS, move || until.is_ahead());
        Ok(())
    }

    pub(super) fn is_ahead(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }
}
