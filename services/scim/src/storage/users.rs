//! Users as rows.

use rekey_kernel::{Failure, TenantId, Timestamp, UserId};
use rekey_runtime::database::{failure, only};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::Expr};

use super::{
    convert::signed,
    groups::leave,
    memberships,
    row::user::{Column, Entity, Model},
    values,
};
use crate::domain::{Account, User, account::PENDING_RESET};

/// Does a state of the same revision change the projection? It does when it comes from the change itself being applied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Equal {
    Wins,
    Loses,
}

/// A user with its groups.
pub(super) async fn find(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
    let mut select = row(tenant, user).into_query();
    let Some(row) = connection.query_one(select.expr_as(memberships::any(), IS_MEMBER)).await.map_err(failure)? else { return Ok(None) };
    let mut found = User::try_from(Model::from_query_result(&row, "").map_err(failure)?)?;
    if row.try_get::<bool>("", IS_MEMBER).map_err(failure)? {
        found.groups = memberships::of(connection, tenant, &[user.as_uuid()]).await?.remove(&user.as_uuid()).unwrap_or_default();
    }
    Ok(Some(found))
}

/// The name of the selected answer to: does it belong to any group?
const IS_MEMBER: &str = "is_member";

fn row(tenant: TenantId, user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(user.as_uuid())).filter(Column::TenantId.eq(tenant.as_uuid()))
}

/// A user whom nobody else changes before the transaction ends.
pub(super) async fn lock(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
    only(row(tenant, user).lock_exclusive(), connection).await?.map(User::try_from).transpose()
}

/// Brings the projection of a locked user up to date; the version grows when a client could see it.
pub(super) async fn follow(connection: &impl ConnectionTrait, mut user: User, account: &Account, equal: Equal, now: Timestamp) -> Result<User, Failure> {
    let newer = account.revision > user.account.revision || account.revision == user.account.revision && equal == Equal::Wins;
    if !newer || *account == user.account {
        return Ok(user);
    }
    if !account.looks_like(&user.account) {
        user.version += 1;
        user.modified = now;
    }
    user.account = account.clone();
    store_projection(connection, &user).await?;
    Ok(user)
}

async fn store_projection(connection: &impl ConnectionTrait, user: &User) -> Result<(), Failure> {
    Entity::update_many()
        .col_expr(Column::Version, Expr::value(signed(user.version)))
        .col_expr(Column::ModifiedAt, Expr::value(user.modified.as_micros()))
        .col_expr(Column::Locked, Expr::value(user.account.locked))
        .col_expr(Column::LockedReason, Expr::value(user.account.locked_reason.clone()))
        .col_expr(Column::AccountState, Expr::value(user.account.state.clone()))
        .col_expr(Column::Revision, Expr::value(signed(user.account.revision)))
        .filter(Column::Id.eq(user.id.as_uuid()))
        .exec(connection)
        .await
        .map(drop)
        .map_err(failure)
}

pub(super) async fn pending(connection: &impl ConnectionTrait, after: Option<UserId>, limit: u64) -> Result<Vec<(TenantId, UserId)>, Failure> {
    let mut query = Entity::find().select_only().column(Column::TenantId).column(Column::Id).filter(Column::AccountState.eq(PENDING_RESET));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.as_uuid()));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit).into_tuple().all(connection).await.map_err(failure)?;
    Ok(rows.into_iter().map(|(tenant, user)| (TenantId::from_uuid(tenant), UserId::from_uuid(user))).collect())
}

/// Deletes a user, which leaves its groups.
pub(super) async fn delete(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId, now: Timestamp) -> Result<(), Failure> {
    let deleted = Entity::delete_many().filter(Column::Id.eq(user.as_uuid())).filter(Column::TenantId.eq(tenant.as_uuid()));
    deleted.exec(connection).await.map_err(failure)?;
    forget(connection, tenant, user, now).await.map_err(failure)
}

/// Takes along what lies elsewhere of a user whose row is gone.
pub(super) async fn forget(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId, now: Timestamp) -> Result<(), DbErr> {
    values::delete(connection, user.as_uuid()).await?;
    leave::all(connection, tenant, user.as_uuid(), now).await
}

/// Every user of the tenant is gone, and every group.
pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::TenantId.eq(tenant.as_uuid())).exec(connection).await.map_err(failure)?;
    values::purge(connection, tenant.as_uuid()).await.map_err(failure)?;
    leave::purge(connection, tenant).await.map_err(failure)
}
