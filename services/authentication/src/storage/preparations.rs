//! Preparations in a transaction.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, TenantId, Timestamp};
use rekey_runtime::database::failure;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Statement,
    sea_query::{Expr, OnConflict},
};

use super::{
    SeaTx, convert, done,
    rows::{account, preparation},
};
use crate::{
    domain::{Outcome, Preparation},
    ports::{Held, Locked, PreparationWrites},
};

pub(super) async fn insert(preparation: &Preparation, connection: &impl ConnectionTrait) -> Result<Held, Failure> {
    let row = convert::preparation_row(preparation)?;
    // Doing nothing keeps PostgreSQL's transaction alive where a violated key would end it.
    let insert = preparation::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    let inserted = insert.exec_without_returning(connection).await.map_err(failure)?;
    Ok(if inserted == 0 { Held::NameHeld } else { Held::Yes })
}

/// Holds a preparation that makes an account, unless that or its name is there or held.
const HOLD_NEW: &str = "INSERT INTO preparations (intent, tenant, \"user\", actor, change, creates, held_name, prepared_at, committed) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 \
     WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = $3) AND NOT EXISTS (SELECT 1 FROM accounts WHERE tenant = $2 AND folded = $7) \
     ON CONFLICT DO NOTHING";

/// By [`HOLD_NEW`]; false when nothing was inserted.
pub(super) async fn insert_new(preparation: &Preparation, connection: &impl ConnectionTrait) -> Result<bool, Failure> {
    use preparation::Column as C;
    let row = convert::preparation_row(preparation)?;
    let columns = [C::Intent, C::Tenant, C::User, C::Actor, C::Change, C::Creates, C::HeldName, C::PreparedAt, C::Committed];
    let values = columns.into_iter().map(|column| row.get(column).into_value()).collect::<Option<Vec<_>>>();
    let values = values.ok_or_else(|| Failure::internal("a preparation lacks a value"))?;
    let insert = Statement::from_sql_and_values(connection.get_database_backend(), HOLD_NEW, values);
    Ok(connection.execute_raw(insert).await.map_err(failure)?.rows_affected() == 1)
}

/// A preparation as it is found when it is locked.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    preparation: preparation::Model,
    has_account: bool,
}

impl TryFrom<Found> for Locked {
    type Error = Failure;

    fn try_from(found: Found) -> Result<Self, Failure> {
        Ok(Self { preparation: found.preparation.try_into()?, has_account: found.has_account })
    }
}

#[async_trait]
impl PreparationWrites for SeaTx {
    async fn lock_preparation(&self, tenant: TenantId, intent: IntentId) -> Result<Option<Locked>, Failure> {
        let account = account::Entity::find().filter(account::Column::Id.into_expr().eq(preparation::Column::User.into_expr())).into_query();
        let query = preparation::Entity::find_by_id(intent.as_uuid())
            .filter(preparation::Column::Tenant.eq(tenant.as_uuid()))
            .expr_as(Expr::exists(account), "has_account")
            .lock_exclusive();
        let found = query.into_model::<Found>().all(&self.transaction).await.map_err(failure)?.into_iter().next();
        found.map(Locked::try_from).transpose()
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
