//! Several statements of which all count or none.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, Statement};
use std::{fmt, time::Instant};
use tokio::sync::{Mutex, OwnedSemaphorePermit};

use super::pool::{Lease, Pool};

/// An open transaction. One that is dropped is taken back before anybody else gets its connection.
pub struct Transaction {
    backend: DatabaseBackend,
    lease: Mutex<Lease>,
}

impl Transaction {
    /// Begins one with this statement.
    pub(super) async fn begin(pool: &Pool, sql: &str, lane: Option<OwnedSemaphorePermit>) -> Result<Self, DbErr> {
        let mut lease = pool.lease().await?;
        if let Some(lane) = lane {
            lease.hold(lane);
        }
        lease.begin(sql).await?;
        Ok(Self { backend: pool.get_database_backend(), lease: Mutex::new(lease) })
    }

    /// Makes it count.
    ///
    /// # Errors
    /// The database's own. Whether it counts is not known when the connection broke.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.lease.into_inner().end("COMMIT").await
    }

    /// Takes it back, and waits until it is.
    ///
    /// # Errors
    /// The database's own. Nothing of it counts all the same.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.lease.into_inner().end("ROLLBACK").await
    }

    /// Until when its statements may run, where the connection is watched.
    pub(super) fn end_at(&mut self, until: Instant) {
        self.lease.get_mut().end_at(until);
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lease.lock().await.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lease.lock().await.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.lease.lock().await.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.lease.lock().await.query_all(statement).await
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Transaction").field("backend", &self.backend).finish_non_exhaustive()
    }
}
