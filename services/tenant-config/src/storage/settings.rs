//! Governance values in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{SeaStore, row::setting, tenants};
use crate::{
    domain::governance::Overrides,
    events::Section,
    ports::{Decide, Settings},
};

#[async_trait]
impl Settings for SeaStore {
    async fn load(&self, tenant: TenantId) -> Result<Overrides, Failure> {
        load(self.database.reader(), tenant).await
    }

    async fn change(&self, tenant: TenantId, now: Timestamp, decide: Decide) -> Result<Overrides, Failure> {
        let transaction = self.database.begin().await?;
        tenants::lock(&transaction, tenant).await?;
        let changed = decide(&load(&transaction, tenant).await?)?;
        replace(&transaction, tenant, &changed).await?;
        self.commit(transaction, tenant, Section::Governance, now).await?;
        Ok(changed)
    }
}

async fn load(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<Overrides, Failure> {
    let rows = setting::Entity::find().filter(setting::Column::Tenant.eq(tenant.as_uuid())).all(connection).await.map_err(failure)?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

async fn replace(connection: &impl ConnectionTrait, tenant: TenantId, overrides: &Overrides) -> Result<(), Failure> {
    setting::Entity::delete_many().filter(setting::Column::Tenant.eq(tenant.as_uuid())).exec(connection).await.map_err(failure)?;
    let row = |(name, value): (&String, &String)| setting::ActiveModel { tenant: Set(tenant.as_uuid()), name: Set(name.clone()), value: Set(value.clone()) };
    if overrides.is_empty() {
        return Ok(());
    }
    setting::Entity::insert_many(overrides.iter().map(row)).exec_without_returning(connection).await.map(drop).map_err(failure)
}
