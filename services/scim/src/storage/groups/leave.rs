//! Whoever ceases to be leaves its groups.

use rekey_kernel::{TenantId, Timestamp};
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, LockType, Order, Query},
};
use uuid::Uuid;

use super::AT_ONCE;

/// Takes a deleted user or group out of all groups, which change with it. Its own row must be gone by then: nobody can add it to a
/// group any more, and whoever was about to has either committed or will find it missing.
pub(in super::super) async fn all(connection: &impl ConnectionTrait, tenant: TenantId, member: Uuid, now: Timestamp) -> Result<(), DbErr> {
    let groups = groups(connection, tenant, member).await?;
    if groups.is_empty() {
        return Ok(());
    }
    for some in groups.chunks(AT_ONCE) {
        let mut update = Query::update();
        update.table("groups").value("version", Expr::col("version").add(1)).value("modified_at", now.as_micros());
        connection.execute(update.and_where(Expr::col("id").is_in(some.iter().copied()))).await?;
    }
    let mut delete = Query::delete();
    delete.from_table("group_members").and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).and_where(Expr::col("member_id").eq(member));
    connection.execute(&delete).await.map(drop)
}

/// Locks a group that is about to go, and those that list it: groups that list each other must not wait for each other in a circle.
pub(super) async fn lock(connection: &impl ConnectionTrait, tenant: TenantId, group: Uuid) -> Result<(), DbErr> {
    let either = Expr::col("id").eq(group).or(listing(group));
    locked(connection, tenant, either, LockType::Update).await.map(drop)
}

/// The groups that list it.
async fn groups(connection: &impl ConnectionTrait, tenant: TenantId, member: Uuid) -> Result<Vec<Uuid>, DbErr> {
    locked(connection, tenant, listing(member), LockType::NoKeyUpdate).await
}

fn listing(member: Uuid) -> Expr {
    Expr::col("id").in_subquery(Query::select().column("group_id").from("group_members").and_where(Expr::col("member_id").eq(member)).take())
}

/// Groups, locked in id order.
async fn locked(connection: &impl ConnectionTrait, tenant: TenantId, which: Expr, lock: LockType) -> Result<Vec<Uuid>, DbErr> {
    let mut select = Query::select();
    select.column("id").from("groups").and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).and_where(which);
    let rows = connection.query_all(select.order_by("id", Order::Asc).lock(lock)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Every group and member of the tenant is gone.
pub(in super::super) async fn purge(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), DbErr> {
    for table in ["group_members", "groups"] {
        connection.execute(Query::delete().from_table(table).and_where(Expr::col("tenant_id").eq(tenant.as_uuid()))).await?;
    }
    Ok(())
}
