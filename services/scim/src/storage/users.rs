//! Users as rows.

use rekey_kernel::{Failure, TenantId, Timestamp, UserId};
use rekey_runtime::database::failure;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr};

use super::{
    convert::signed,
    row::user::{Column, Entity},
};
use crate::{
    domain::{Account, Lookup, User, account::PENDING_RESET},
    ports::Page,
};

/// Does a state of the same revision change the projection? It does when it comes from the change itself being applied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Equal {
    Wins,
    Loses,
}

pub(super) async fn find(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
    row(tenant, user).one(connection).await.map_err(failure)?.map(User::try_from).transpose()
}

fn row(tenant: TenantId, user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::Id.eq(user.as_uuid())).filter(Column::TenantId.eq(tenant.as_uuid()))
}

pub(super) async fn page(connection: &impl ConnectionTrait, tenant: TenantId, lookup: &Lookup, offset: u64, limit: u64) -> Result<Page, Failure> {
    let Some(query) = matching(tenant, lookup) else { return Ok(Page { users: Vec::new(), total: 0 }) };
    let total = query.clone().count(connection).await.map_err(failure)?;
    if limit == 0 || offset >= total {
        return Ok(Page { users: Vec::new(), total });
    }
    let rows = query.order_by_asc(Column::Id).offset(offset).limit(limit).all(connection).await.map_err(failure)?;
    Ok(Page { users: rows.into_iter().map(User::try_from).collect::<Result<_, _>>()?, total })
}

fn matching(tenant: TenantId, lookup: &Lookup) -> Option<Select<Entity>> {
    let query = Entity::find().filter(Column::TenantId.eq(tenant.as_uuid()));
    match lookup {
        Lookup::All => Some(query),
        Lookup::Nobody => None,
        Lookup::UserName(folded) => Some(query.filter(Column::UserNameFolded.eq(folded))),
        Lookup::ExternalId(id) => Some(query.filter(Column::ExternalId.eq(id))),
        Lookup::Id(id) => Some(query.filter(Column::Id.eq(id.as_uuid()))),
    }
}

/// A user whom nobody else changes before the transaction ends.
pub(super) async fn lock(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
    row(tenant, user).lock_exclusive().one(connection).await.map_err(failure)?.map(User::try_from).transpose()
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

pub(super) async fn delete(connection: &impl ConnectionTrait, tenant: TenantId, user: UserId) -> Result<(), Failure> {
    let deleted = Entity::delete_many().filter(Column::Id.eq(user.as_uuid())).filter(Column::TenantId.eq(tenant.as_uuid()));
    deleted.exec(connection).await.map(drop).map_err(failure)
}

pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::TenantId.eq(tenant.as_uuid())).exec(connection).await.map(drop).map_err(failure)
}
