//! To which groups users belong, directly and through groups within groups.

use rekey_kernel::{Failure, GroupId, TenantId};
use rekey_runtime::database::failure;
use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{CommonTableExpression, Expr, ExprTrait, Order, Query, SelectStatement, UnionType, WithClause},
};
use std::collections::HashMap;
use uuid::Uuid;

use crate::domain::Membership;

/// The groups found on the way up: whose (`who`), which (`found`), and how near (`direct`).
const UP: &str = "up";

/// Only members that are groups. The literal, not a bound value, is what lets an index over nothing else be used.
pub(super) fn nested() -> Expr {
    Expr::cust("group_members.kind = 'Group'")
}

/// Is the user of this row a member of any group? Most are not: whoever asks for users asks this with them, and saves a statement.
pub(super) fn any() -> Expr {
    let own = Expr::col(("group_members", "member_id")).equals(("users", "id"));
    Expr::exists(Query::select().expr(Expr::cust("1")).from("group_members").and_where(own).take())
}

/// The groups of these users, those that list them first; then in id order.
pub(super) async fn of(connection: &impl ConnectionTrait, tenant: TenantId, users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Membership>>, Failure> {
    let mut all: HashMap<Uuid, Vec<Membership>> = HashMap::new();
    if users.is_empty() {
        return Ok(all);
    }
    for row in connection.query_all(&select(tenant.as_uuid(), users)).await.map_err(failure)? {
        let (user, membership) = read(&row).map_err(failure)?;
        let of_user = all.entry(user).or_default();
        // Whoever is in a group both ways is in it directly, which comes first.
        if of_user.iter().all(|other| other.group != membership.group) {
            of_user.push(membership);
        }
    }
    Ok(all)
}

fn read(row: &QueryResult) -> Result<(Uuid, Membership), DbErr> {
    let membership = Membership {
        group: GroupId::from_uuid(row.try_get("", "found")?),
        display: row.try_get("", "display_name")?,
        direct: row.try_get::<i32>("", "direct")? == 1,
    };
    Ok((row.try_get("", "who")?, membership))
}

fn select(tenant: Uuid, users: &[Uuid]) -> SelectStatement {
    let up = CommonTableExpression::new().table_name(UP).columns(["who", "found", "direct"]).query(all_found(tenant, users)).to_owned();
    let mut select = Query::select();
    select.columns([(UP, "who"), (UP, "found"), (UP, "direct")]).column(("groups", "display_name")).from(UP);
    select.inner_join("groups", Expr::col(("groups", "id")).equals((UP, "found")));
    select.order_by((UP, "direct"), Order::Desc).order_by((UP, "found"), Order::Asc);
    select.with_cte(WithClause::new().recursive(true).cte(up).to_owned()).take()
}

/// UNION passes over what was found before: circles of groups end.
fn all_found(tenant: Uuid, users: &[Uuid]) -> SelectStatement {
    let own = || Expr::col(("group_members", "tenant_id")).eq(tenant);
    let mut step = Query::select();
    step.column((UP, "who")).column(("group_members", "group_id")).expr(Expr::cust("0")).from(UP);
    step.inner_join("group_members", Expr::col(("group_members", "member_id")).equals((UP, "found"))).and_where(own()).and_where(nested());
    let mut direct = Query::select();
    direct.column(("group_members", "member_id")).column(("group_members", "group_id")).expr(Expr::cust("1")).from("group_members");
    direct.and_where(own()).and_where(Expr::col(("group_members", "member_id")).is_in(users.iter().copied()));
    direct.union(UnionType::Distinct, step).take()
}
