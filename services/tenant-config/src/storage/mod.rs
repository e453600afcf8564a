//! The service's tables. Nothing outside this folder sees a row.

mod claims;
mod m20261124_060000_create_tenant_tables;
mod migration;
mod row;
mod settings;
mod templates;
mod tenants;

pub use migration::Migrator;

use rekey_kernel::{Failure, TenantId, Timestamp};
use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::{Database, Transaction, failure};
use std::sync::Arc;
use tokio::sync::Notify;

use crate::events::{Section, config_changed};

/// The ports over the service's own database.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
    wake_relay: Arc<Notify>,
}

impl SeaStore {
    /// Over a migrated database. Every committed event notifies `wake_relay`.
    pub const fn new(database: Database, wake_relay: Arc<Notify>) -> Self {
        Self { database, wake_relay }
    }

    /// Commits, with the event that tells of it.
    async fn commit(&self, transaction: Transaction, tenant: TenantId, section: Section, now: Timestamp) -> Result<(), Failure> {
        enqueue(&transaction, &config_changed(tenant, section, now), Confirm::OnPublish).await.map_err(failure)?;
        transaction.commit().await.map_err(failure)?;
        self.wake_relay.notify_one();
        Ok(())
    }
}

fn corrupt(what: &str) -> Failure {
    Failure::internal(format!("a stored {what} cannot be read"))
}
