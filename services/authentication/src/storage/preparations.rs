//! Preparations in a transaction.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, TenantId, Timestamp};
use rekey_runtime::database::{failure, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{SeaTx, convert, done, rows::preparation};
use crate::{
    domain::{Outcome, Preparation},
    ports::{Held, PreparationWrites},
};

pub(super) async fn insert(preparation: &Preparation, connection: &impl ConnectionTrait) -> Result<Held, Failure> {
    let row = convert::preparation_row(preparation)?;
    // Doing nothing keeps PostgreSQL's transaction alive where a violated key would end it.
    let insert = preparation::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    let inserted = insert.exec_without_returning(connection).await.map_err(failure)?;
    Ok(if inserted == 0 { Held::NameHeld } else { Held::Yes })
}

#[async_trait]
impl PreparationWrites for SeaTx {
    async fn lock_preparation(&self, tenant: TenantId, intent: IntentId) -> Result<Option<Preparation>, Failure> {
        let query = preparation::Entity::find_by_id(intent.as_uuid()).filter(preparation::Column::Tenant.eq(tenant.as_uuid())).lock_exclusive();
        only(query, &self.transaction).await?.map(Preparation::try_from).transpose()
    }

    async fn hold(&self, preparation: &Preparation) -> Result<Held, Failure> {
        insert(preparation, &self.transaction).await
    }

    async fn settle(&self, intent: IntentId, outcome: Outcome, now: Timestamp) -> Result<(), Failure> {
        let update = preparation::Entity::update_many()
            .col_expr(preparation::Column::Outcome, Expr::value(outcome.as_str()))
            .col_expr(preparation::Column::SettledAt, Expr::value(now.as_micros()))
            .col_expr(preparation::Column::Change, Expr::value(None::<String>))
            .col_expr(preparation::Column::HeldName, Expr::value(None::<String>))
            .filter(preparation::Column::Intent.eq(intent.as_uuid()));
        done(update.exec(&self.transaction).await)
    }

    async fn release(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure> {
        let delete = preparation::Entity::delete_many()
            .filter(preparation::Column::Intent.eq(intent.as_uuid()))
            .filter(preparation::Column::Tenant.eq(tenant.as_uuid()))
            .filter(preparation::Column::Outcome.is_null());
        done(delete.exec(&self.transaction).await)
    }
}
