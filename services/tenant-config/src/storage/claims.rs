//! What tenants say otherwise about claims, in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use std::collections::HashMap;

use super::{SeaStore, row::claim, tenants};
use crate::{domain::claim::Change, events::Section, ports::Claims};

#[async_trait]
impl Claims for SeaStore {
    async fn load(&self, tenant: TenantId) -> Result<HashMap<String, Change>, Failure> {
        let own = claim::Entity::find().filter(claim::Column::Tenant.eq(tenant.as_uuid()));
        let rows = own.all(self.database.reader()).await.map_err(failure)?;
        Ok(rows.into_iter().map(|row| (row.name.clone(), read(row))).collect())
    }

    async fn change(&self, tenant: TenantId, claim: &str, change: Change, now: Timestamp) -> Result<Change, Failure> {
        let transaction = self.database.begin().await?;
        tenants::lock(&transaction, tenant).await?;
        let key = (tenant.as_uuid(), claim.to_owned());
        let before = claim::Entity::find_by_id(key).one(&transaction).await.map_err(failure)?.map(read).unwrap_or_default();
        let held = change.over(before);
        let put = claim::Entity::insert(write(tenant, claim, &held)).on_conflict(replacing());
        put.exec_without_returning(&transaction).await.map_err(failure)?;
        self.commit(transaction, tenant, Section::Claims, now).await?;
        Ok(held)
    }
}

fn replacing() -> OnConflict {
    use claim::Column as C;
    OnConflict::columns([C::Tenant, C::Name]).update_columns([C::DisplayName, C::Description, C::SupportedByDefault]).to_owned()
}

fn write(tenant: TenantId, claim: &str, change: &Change) -> claim::ActiveModel {
    claim::ActiveModel {
        tenant: Set(tenant.as_uuid()),
        name: Set(claim.to_owned()),
        display_name: Set(change.display_name.clone()),
        description: Set(change.description.clone()),
        supported_by_default: Set(change.supported_by_default),
    }
}

fn read(row: claim::Model) -> Change {
    Change { display_name: row.display_name, description: row.description, supported_by_default: row.supported_by_default }
}
