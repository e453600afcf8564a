//! The service's tables. Nothing outside this folder sees a row.

mod columns;
mod commit;
mod convert;
mod fields;
mod filter;
mod finish;
mod groups;
mod intents;
mod m20261124_060000_create_users_and_intents;
mod m20261124_090000_columns_and_groups;
mod memberships;
mod migration;
mod page;
mod row;
#[cfg(test)]
mod tests;
mod text;
mod users;
mod values;

pub use migration::Migrator;

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, ResetId, TenantId, Timestamp, UserId};
use rekey_runtime::database::{Database, failure};

use crate::{
    domain::{Account, Applied, Intent, Page, Query, User},
    ports::{CommitError, Finished, Store, Write},
};

/// The store over the service's own database.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
}

impl SeaStore {
    /// Over a migrated database.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
        users::find(&self.database, tenant, user).await
    }

    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<User>, Failure> {
        page::page(&self.database, tenant, query).await
    }

    async fn commit(&self, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
        commit::commit(&self.database, write, intent).await
    }

    async fn intent(&self, intent: IntentId) -> Result<Option<Intent>, Failure> {
        intents::find(self.database.reader(), intent).await
    }

    async fn unfinished(&self, tenant: TenantId, user: UserId) -> Result<Vec<Intent>, Failure> {
        intents::unfinished(self.database.reader(), tenant, user).await
    }

    async fn waiting(&self, before: Timestamp, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure> {
        intents::waiting(self.database.reader(), before, limit).await
    }

    async fn resolve(&self, tenant: TenantId, intent: IntentId, now: Timestamp) -> Result<bool, Failure> {
        let transaction = self.database.begin().await?;
        let committed = intents::resolve(&transaction, tenant, intent, now).await?;
        transaction.commit().await.map_err(failure)?;
        Ok(committed)
    }

    async fn finish(&self, intent: &Intent, committed: Option<&User>, applied: &Applied, now: Timestamp) -> Result<Finished, Failure> {
        finish::finish(&self.database, intent, committed, applied, now).await
    }

    async fn project(&self, tenant: TenantId, user: UserId, account: &Account, now: Timestamp) -> Result<Option<User>, Failure> {
        let transaction = self.database.begin().await?;
        let Some(user) = users::lock(&transaction, tenant, user).await? else { return Ok(None) };
        let user = users::follow(&transaction, user, account, users::Equal::Loses, now).await?;
        transaction.commit().await.map_err(failure)?;
        Ok(Some(user))
    }

    async fn pending(&self, after: Option<UserId>, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure> {
        users::pending(self.database.reader(), after, limit).await
    }

    async fn confirm(&self, reset: ResetId) -> Result<(), Failure> {
        rekey_messaging::outbox::close(self.database.writer(), &crate::events::event_id(reset)).await.map_err(failure)
    }

    async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        let transaction = self.database.begin().await?;
        users::purge(&transaction, tenant).await?;
        intents::purge(&transaction, tenant).await?;
        transaction.commit().await.map_err(failure)
    }
}
