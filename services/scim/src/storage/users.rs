//! Users as rows.

use rekey_kernel::{Failure, TenantId, Timestamp, UserId};
use rekey_runtime::database::{Database, Once, Rows, failure, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{ColumnType, Expr, Query, UpdateStatement},
};

use super::{
    convert::signed,
    groups::leave,
    memberships,
    row::user::{Column, Entity},
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
pub(super) async fn find(database: &Database, tenant: TenantId, user: UserId) -> Result<Option<User>, Failure> {
    static BY_ID: Once = Once::new();
    let connection = database.quick();
    let query = || row(tenant, user).into_query().expr_as(memberships::any(), IS_MEMBER).take();
    let statement = BY_ID.statement(connection.get_database_backend(), vec![user.as_uuid().into(), tenant.as_uuid().into()], query);
    let rows = connection.rows::<Entity>(statement, &[(IS_MEMBER, ColumnType::Boolean)]).await.map_err(failure)?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut found = User::try_from(row.model)?;
    if row.also == [true.into()] {
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

/// Brings the projection of a locked user up to date.
pub(super) async fn follow(connection: &impl ConnectionTrait, user: User, account: &Account, equal: Equal, now: Timestamp) -> Result<User, Failure> {
    let newer = account.revision > user.account.revision || account.revision == user.account.revision && equal == Equal::Wins;
    if !newer || *account == user.account {
        return Ok(user);
    }
    let after = with_account(&user, account, now);
    connection.execute(&projection(&user, &after)).await.map_err(failure)?;
    Ok(after)
}

/// The user with this state of the account; the version grows when a client could see it.
pub(super) fn with_account(user: &User, account: &Account, now: Timestamp) -> User {
    let seen = !account.looks_like(&user.account);
    let (version, modified) = if seen { (user.version + 1, now) } else { (user.version, user.modified) };
    User { version, modified, account: account.clone(), ..user.clone() }
}

/// Stores what differs in a projection, if the row is still that of the user before: no two projections of a user have the same version
/// and the same revision.
pub(super) fn projection(before: &User, after: &User) -> UpdateStatement {
    let changed = projected_columns(after).into_iter().zip(projected_columns(before)).filter(|((_, after), (_, before))| after != before);
    let changed = changed.map(|((column, value), _)| (column, Expr::from(value)));
    let mut update = Query::update();
    update.table(Entity).values(changed).and_where(Column::Id.eq(before.id.as_uuid())).and_where(Column::TenantId.eq(before.tenant.as_uuid()));
    update.and_where(Column::Version.eq(signed(before.version))).and_where(Column::Revision.eq(signed(before.account.revision))).take()
}

fn projected_columns(user: &User) -> [(Column, Value); 6] {
    let account = &user.account;
    [
        (Column::Version, signed(user.version).into()),
        (Column::ModifiedAt, user.modified.as_micros().into()),
        (Column::Locked, account.locked.into()),
        (Column::LockedReason, account.locked_reason.as_str().into()),
        (Column::AccountState, account.state.as_str().into()),
        (Column::Revision, signed(account.revision).into()),
    ]
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
