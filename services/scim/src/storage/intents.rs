//! Intents as rows.

use rekey_kernel::{Failure, IntentId, TenantId, Timestamp, UserId};
use rekey_messaging::outbox::close;
use rekey_runtime::database::{failure, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{OnConflict, Query, UpdateStatement},
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
    let recorded = connection.execute(&finishing(intent, applied, now)).await.map_err(failure)?;
    if let Some(reset) = intent.reset_id().filter(|_| !applied.announces_reset()) {
        close(connection, &event_id(reset)).await.map_err(failure)?;
    }
    Ok(recorded.rows_affected() > 0)
}

/// Records the outcome, unless there is one.
pub(super) fn finishing(intent: &Intent, applied: &Applied, now: Timestamp) -> UpdateStatement {
    let mut update = Query::update();
    update.table(Entity).value(Column::State, FINISHED).value(Column::Outcome, applied.outcome.as_str()).value(Column::Epoch, signed(applied.epoch));
    update.value(Column::ExpiresAt, applied.expires_at.as_micros()).value(Column::FinishedAt, now.as_micros());
    update.and_where(Column::Id.eq(intent.id.as_uuid())).and_where(Column::State.eq(UNFINISHED)).take()
}

pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::TenantId.eq(tenant.as_uuid())).exec(connection).await.map(drop).map_err(failure)
}
