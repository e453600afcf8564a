//! Intents as rows.

use rekey_kernel::{Failure, IntentId, TenantId, Timestamp, UserId};
use rekey_messaging::outbox::close;
use rekey_runtime::database::{failure, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    convert::{ABANDONED, FINISHED, UNFINISHED, abandoned_row, signed},
    row::intent::{Column, Entity},
};
use crate::{
    domain::{Applied, Intent},
    events::event_id,
};

pub(super) async fn find(connection: &impl ConnectionTrait, intent: IntentId) -> Result<Option<Intent>, Failure> {
    let query = Entity::find_by_id(intent.as_uuid()).filter(Column::State.ne(ABANDONED));
    only(query, connection).await?.map(Intent::try_from).transpose()
}

pub(super) async fn unfinished(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Vec<Intent>, Failure> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user.as_uuid()))
        .filter(Column::TenantId.eq(tenant.as_uuid()))
        .filter(Column::State.eq(UNFINISHED))
        .order_by_asc(Column::Version)
        .all(connection)
        .await
        .map_err(failure)?;
    rows.into_iter().map(Intent::try_from).collect()
}

pub(super) async fn waiting(connection: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure> {
    let query = Entity::find().select_only().column(Column::TenantId).column(Column::UserId).filter(Column::State.eq(UNFINISHED));
    let query = query.filter(Column::CreatedAt.lt(before.as_micros())).order_by_asc(Column::CreatedAt).limit(limit);
    let rows = query.into_tuple().all(connection).await.map_err(failure)?;
    let mut users: Vec<_> = rows.into_iter().map(|(tenant, user)| (TenantId::from_uuid(tenant), UserId::from_uuid(user))).collect();
    users.dedup();
    Ok(users)
}

/// On PostgreSQL a commit under the same id waits for this insert, or this insert for that commit: one of the two wins.
pub(super) async fn resolve(connection: &impl ConnectionTrait, tenant: TenantId, intent: IntentId, now: Timestamp) -> Result<bool, Failure> {
    let keep = OnConflict::column(Column::Id).do_nothing().to_owned();
    let abandoned = Entity::insert(abandoned_row(tenant, intent, now)).on_conflict(keep);
    abandoned.exec_without_returning(connection).await.map_err(failure)?;
    Ok(find(connection, intent).await?.is_some())
}

/// Records the outcome once, and takes back the announcement of a reset that is not there. True for the first.
pub(super) async fn finish(connection: &impl ConnectionTrait, intent: &Intent, applied: &Applied, now: Timestamp) -> Result<bool, Failure> {
    let recorded = Entity::update_many()
        .col_expr(Column::State, Expr::value(FINISHED))
        .col_expr(Column::Outcome, Expr::value(applied.outcome.as_str()))
        .col_expr(Column::Epoch, Expr::value(signed(applied.epoch)))
        .col_expr(Column::ExpiresAt, Expr::value(applied.expires_at.as_micros()))
        .col_expr(Column::FinishedAt, Expr::value(now.as_micros()))
        .filter(Column::Id.eq(intent.id.as_uuid()))
        .filter(Column::State.eq(UNFINISHED))
        .exec(connection)
        .await
        .map_err(failure)?;
    if let Some(reset) = intent.reset_id().filter(|_| !applied.announces_reset()) {
        close(connection, &event_id(reset)).await.map_err(failure)?;
    }
    Ok(recorded.rows_affected > 0)
}

pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::TenantId.eq(tenant.as_uuid())).exec(connection).await.map(drop).map_err(failure)
}
