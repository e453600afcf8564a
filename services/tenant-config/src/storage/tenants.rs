//! Tenants in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    SeaStore, corrupt,
    row::{claim, setting, template, tenant},
};
use crate::{
    domain::tenant::{DEFAULT_DOMAIN, DEFAULT_NAME, Tenant, TenantDomain, TenantName, TenantState},
    events::Section,
    ports::{Claimed, Tenants},
};

impl SeaStore {
    /// The tenant `default` is there from the first start.
    ///
    /// # Errors
    /// The database's.
    pub async fn ensure_default(&self, now: Timestamp) -> Result<(), Failure> {
        let row = tenant::Model {
            id: TenantId::DEFAULT.as_uuid(),
            domain: DEFAULT_DOMAIN.to_owned(),
            name: DEFAULT_NAME.to_owned(),
            state: TenantState::Active.as_str().to_owned(),
            created_at: now.as_micros(),
            attempt: 1,
        };
        insert_unless_taken(self.database.writer(), row).await.map(drop)
    }

    async fn set_state(&self, id: TenantId, state: TenantState, now: Timestamp) -> Result<(), Failure> {
        let transaction = self.database.begin().await?;
        tenant::Entity::update_many()
            .col_expr(tenant::Column::State, Expr::value(state.as_str()))
            .filter(tenant::Column::Id.eq(id.as_uuid()))
            .exec(&transaction)
            .await
            .map_err(failure)?;
        self.commit(transaction, id, Section::Tenant, now).await
    }
}

#[async_trait]
impl Tenants for SeaStore {
    async fn by_domain(&self, domain: &TenantDomain) -> Result<Option<Tenant>, Failure> {
        by_domain(self.database.reader(), domain.as_str()).await
    }

    async fn by_id(&self, id: TenantId) -> Result<Option<Tenant>, Failure> {
        let row = tenant::Entity::find_by_id(id.as_uuid()).one(self.database.reader()).await.map_err(failure)?;
        row.as_ref().map(read).transpose()
    }

    async fn list(&self) -> Result<Vec<Tenant>, Failure> {
        let active = tenant::Entity::find().filter(tenant::Column::State.eq(TenantState::Active.as_str()));
        let rows = active.order_by_asc(tenant::Column::Domain).all(self.database.reader()).await.map_err(failure)?;
        rows.iter().map(read).collect()
    }

    async fn claim(&self, draft: Tenant) -> Result<Claimed, Failure> {
        let transaction = self.database.begin().await?;
        if insert_unless_taken(&transaction, write(&draft)).await? {
            transaction.commit().await.map_err(failure)?;
            return Ok(Claimed::New(draft));
        }
        let taken_over = take_over(&transaction, draft).await?;
        transaction.commit().await.map_err(failure)?;
        Ok(taken_over.unwrap_or(Claimed::Taken))
    }

    async fn activate(&self, tenant: &Tenant, now: Timestamp) -> Result<bool, Failure> {
        let transaction = self.database.begin().await?;
        let updated = tenant::Entity::update_many()
            .col_expr(tenant::Column::State, Expr::value(TenantState::Active.as_str()))
            .filter(tenant::Column::Id.eq(tenant.id.as_uuid()))
            .filter(tenant::Column::State.eq(TenantState::Creating.as_str()))
            .filter(tenant::Column::Attempt.eq(tenant.attempt))
            .exec(&transaction)
            .await
            .map_err(failure)?;
        if updated.rows_affected == 0 {
            return Ok(false);
        }
        self.commit(transaction, tenant.id, Section::Tenant, now).await.map(|()| true)
    }

    async fn abandon(&self, tenant: &Tenant) -> Result<bool, Failure> {
        let deleted = tenant::Entity::delete_many()
            .filter(tenant::Column::Id.eq(tenant.id.as_uuid()))
            .filter(tenant::Column::State.eq(TenantState::Creating.as_str()))
            .filter(tenant::Column::Attempt.eq(tenant.attempt))
            .exec(self.database.writer())
            .await
            .map_err(failure)?;
        Ok(deleted.rows_affected > 0)
    }

    async fn rename(&self, id: TenantId, name: &TenantName, now: Timestamp) -> Result<(), Failure> {
        let transaction = self.database.begin().await?;
        tenant::Entity::update_many()
            .col_expr(tenant::Column::Name, Expr::value(name.as_str()))
            .filter(tenant::Column::Id.eq(id.as_uuid()))
            .exec(&transaction)
            .await
            .map_err(failure)?;
        self.commit(transaction, id, Section::Tenant, now).await
    }

    async fn begin_deletion(&self, id: TenantId, now: Timestamp) -> Result<(), Failure> {
        self.set_state(id, TenantState::Deleting, now).await
    }

    async fn remove(&self, id: TenantId) -> Result<(), Failure> {
        let id = id.as_uuid();
        let transaction = self.database.begin().await?;
        // Its own row first: whoever changes something of the tenant at the same time was before us, or finds it gone.
        tenant::Entity::delete_by_id(id).exec(&transaction).await.map_err(failure)?;
        setting::Entity::delete_many().filter(setting::Column::Tenant.eq(id)).exec(&transaction).await.map_err(failure)?;
        claim::Entity::delete_many().filter(claim::Column::Tenant.eq(id)).exec(&transaction).await.map_err(failure)?;
        template::Entity::delete_many().filter(template::Column::Tenant.eq(id)).exec(&transaction).await.map_err(failure)?;
        transaction.commit().await.map_err(failure)
    }
}

/// `None` when the domain is in use, or just free again.
async fn take_over(connection: &impl ConnectionTrait, draft: Tenant) -> Result<Option<Claimed>, Failure> {
    let in_creation = tenant::Column::Domain.eq(draft.domain.as_str()).and(tenant::Column::State.eq(TenantState::Creating.as_str()));
    let Some(found) = tenant::Entity::find().filter(in_creation).lock_exclusive().one(connection).await.map_err(failure)? else { return Ok(None) };
    let tenant = Tenant { attempt: found.attempt + 1, ..draft };
    tenant::Entity::update_many()
        .col_expr(tenant::Column::Id, Expr::value(tenant.id.as_uuid()))
        .col_expr(tenant::Column::Name, Expr::value(tenant.name.as_str()))
        .col_expr(tenant::Column::CreatedAt, Expr::value(tenant.created_at.as_micros()))
        .col_expr(tenant::Column::Attempt, Expr::value(tenant.attempt))
        .filter(tenant::Column::Id.eq(found.id))
        .exec(connection)
        .await
        .map_err(failure)?;
    Ok(Some(Claimed::TakenOver { tenant, former: TenantId::from_uuid(found.id) }))
}

/// The tenant's row, at which all changes of one tenant queue up: PostgreSQL lets several replicas write at once.
pub(super) async fn lock(connection: &impl ConnectionTrait, id: TenantId) -> Result<(), Failure> {
    let row = tenant::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(connection).await.map_err(failure)?;
    row.map(drop).ok_or_else(|| Failure::not_found("there is no such tenant"))
}

async fn by_domain(connection: &impl ConnectionTrait, domain: &str) -> Result<Option<Tenant>, Failure> {
    let row = tenant::Entity::find().filter(tenant::Column::Domain.eq(domain)).one(connection).await.map_err(failure)?;
    row.as_ref().map(read).transpose()
}

/// `false` when there is a tenant of this domain already.
async fn insert_unless_taken(connection: &impl ConnectionTrait, row: tenant::Model) -> Result<bool, Failure> {
    let row = tenant::ActiveModel {
        id: Set(row.id),
        domain: Set(row.domain),
        name: Set(row.name),
        state: Set(row.state),
        created_at: Set(row.created_at),
        attempt: Set(row.attempt),
    };
    let keep = OnConflict::column(tenant::Column::Domain).do_nothing().to_owned();
    let inserted = tenant::Entity::insert(row).on_conflict(keep).exec_without_returning(connection).await.map_err(failure)?;
    Ok(inserted > 0)
}

fn write(tenant: &Tenant) -> tenant::Model {
    tenant::Model {
        id: tenant.id.as_uuid(),
        domain: tenant.domain.as_str().to_owned(),
        name: tenant.name.as_str().to_owned(),
        state: tenant.state.as_str().to_owned(),
        created_at: tenant.created_at.as_micros(),
        attempt: tenant.attempt,
    }
}

fn read(row: &tenant::Model) -> Result<Tenant, Failure> {
    Ok(Tenant {
        id: TenantId::from_uuid(row.id),
        domain: row.domain.parse().map_err(|_| corrupt("tenant domain"))?,
        name: row.name.parse().map_err(|_| corrupt("tenant name"))?,
        state: TenantState::ALL.into_iter().find(|state| state.as_str() == row.state).ok_or_else(|| corrupt("tenant state"))?,
        created_at: Timestamp::from_micros(row.created_at),
        attempt: row.attempt,
    })
}
