//! Members as rows.

use rekey_kernel::{Failure, GroupId, TenantId, UserId};
use rekey_runtime::database::failure;
use rekey_scim_protocol::fold;
use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::domain::{Member, MemberId};

const COLUMNS: [&str; 7] = ["tenant_id", "group_id", "member_id", "position", "kind", "display", "display_folded"];
/// Rows for one statement: `SQLite` binds 32,766 values at most.
const AT_ONCE: usize = 4_000;

/// The members of these groups, each group's in the order in which they came in.
pub(in super::super) async fn of(connection: &impl ConnectionTrait, tenant: TenantId, groups: &[GroupId]) -> Result<Vec<(GroupId, Member)>, Failure> {
    let mut found = Vec::new();
    for groups in groups.chunks(AT_ONCE) {
        let mut select = select(tenant);
        select.and_where(Expr::col("group_id").is_in(groups.iter().map(|group| group.as_uuid())));
        let rows = connection.query_all(select.order_by("group_id", Order::Asc).order_by("position", Order::Asc)).await.map_err(failure)?;
        for row in &rows {
            found.push(read(row).map_err(failure)?);
        }
    }
    Ok(found)
}

/// Has the group more members than so many?
pub(super) async fn are_more(connection: &impl ConnectionTrait, tenant: TenantId, group: GroupId, than: u64) -> Result<bool, Failure> {
    let mut next = Query::select();
    next.expr(Expr::val(1)).from("group_members").and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).and_where(Expr::col("group_id").eq(group.as_uuid()));
    let row = connection.query_one(next.offset(than).limit(1)).await.map_err(failure)?;
    Ok(row.is_some())
}

/// Those of these that are members of the group.
pub(super) async fn among(connection: &impl ConnectionTrait, tenant: TenantId, group: GroupId, ids: &[Uuid]) -> Result<Vec<Member>, Failure> {
    let mut found = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let mut select = select(tenant);
        select.and_where(Expr::col("group_id").eq(group.as_uuid())).and_where(Expr::col("member_id").is_in(ids.iter().copied()));
        for row in &connection.query_all(&select).await.map_err(failure)? {
            found.push(read(row).map_err(failure)?.1);
        }
    }
    Ok(found)
}

fn select(tenant: TenantId) -> SelectStatement {
    Query::select().columns(["group_id", "member_id", "kind", "display"]).from("group_members").and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).take()
}

fn read(row: &QueryResult) -> Result<(GroupId, Member), DbErr> {
    let id: Uuid = row.try_get("", "member_id")?;
    let user = MemberId::User(UserId::from_uuid(id));
    let id = if row.try_get::<String>("", "kind")? == user.kind() { user } else { MemberId::Group(GroupId::from_uuid(id)) };
    Ok((GroupId::from_uuid(row.try_get("", "group_id")?), Member { id, display: row.try_get("", "display")? }))
}

/// Members that come in now, from this position on.
pub(super) async fn insert(connection: &impl ConnectionTrait, tenant: TenantId, group: GroupId, members: &[Member], position: i64) -> Result<(), DbErr> {
    let rows: Vec<_> = members.iter().zip(position..).map(|(member, position)| row(tenant, group, member, position)).collect();
    for some in rows.chunks(AT_ONCE) {
        let mut insert = Query::insert();
        insert.into_table("group_members").columns(COLUMNS);
        for row in some {
            insert.values_panic(row.clone());
        }
        connection.execute(&insert).await?;
    }
    Ok(())
}

fn row(tenant: TenantId, group: GroupId, member: &Member, position: i64) -> [Expr; 7] {
    let (display, folded) = (member.display.clone(), member.display.as_deref().map(fold));
    [tenant.as_uuid().into(), group.as_uuid().into(), member.id.as_uuid().into(), position.into(), member.id.kind().into(), display.into(), folded.into()]
}

/// Another display for a member.
pub(super) async fn rename(connection: &impl ConnectionTrait, group: GroupId, member: &Member) -> Result<(), DbErr> {
    let mut update = Query::update();
    update.table("group_members").value("display", member.display.clone()).value("display_folded", member.display.as_deref().map(fold));
    update.and_where(Expr::col("group_id").eq(group.as_uuid())).and_where(Expr::col("member_id").eq(member.id.as_uuid()));
    connection.execute(&update).await.map(drop)
}

/// These are members no longer.
pub(super) async fn remove(connection: &impl ConnectionTrait, group: GroupId, members: &[Uuid]) -> Result<(), DbErr> {
    for some in members.chunks(AT_ONCE) {
        let mut delete = Query::delete();
        delete.from_table("group_members").and_where(Expr::col("group_id").eq(group.as_uuid())).and_where(Expr::col("member_id").is_in(some.iter().copied()));
        connection.execute(&delete).await?;
    }
    Ok(())
}

/// The group has no members any longer.
pub(super) async fn remove_all(connection: &impl ConnectionTrait, group: GroupId) -> Result<(), DbErr> {
    connection.execute(Query::delete().from_table("group_members").and_where(Expr::col("group_id").eq(group.as_uuid()))).await.map(drop)
}
