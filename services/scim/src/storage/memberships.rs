//! To which groups users belong, directly and through groups within groups.

use rekey_kernel::{Failure, GroupId, TenantId};
use rekey_runtime::database::failure;
use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause},
};
use std::collections::{HashMap, HashSet, hash_map::Entry};
use uuid::Uuid;

use crate::domain::Membership;

/// The groups found on the way up from all the users together. Many users share their groups: a way up from each of them would be as
/// many times longer, and in circles of groups longer again by as many as list each other.
const UP: &str = "up";

/// Only members that are groups. The literal, not a bound value, is what lets an index over nothing else be used.
pub(super) fn nested() -> Expr {
    Expr::cust("group_members.kind = 'Group'")
}

/// Is the user of this row a member of any group? Most are not: whoever asks for users asks this with them, and saves a statement. It is the
/// same each time, and stands there as it is written.
pub(super) fn any() -> Expr {
    Expr::cust(r#"EXISTS(SELECT 1 FROM "group_members" WHERE "group_members"."member_id" = "users"."id")"#)
}

/// The groups of these users, those that list them first; then in id order.
pub(super) async fn of(connection: &impl ConnectionTrait, tenant: TenantId, users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Membership>>, Failure> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = connection.query_all(&select(tenant.as_uuid(), users)).await.map_err(failure)?;
    let mut listed = Listed::default();
    rows.iter().try_for_each(|row| listed.add(row)).map_err(failure)?;
    // Whole classes are in the same groups.
    let mut known: HashMap<&[Uuid], Vec<Membership>> = HashMap::new();
    let direct = users.iter().filter_map(|user| Some((*user, listed.by.get(user)?.as_slice())));
    Ok(direct.map(|(user, direct)| (user, known.entry(direct).or_insert_with(|| listed.above(direct)).clone())).collect())
}

/// Who is listed by whom, as far as it matters to some users.
#[derive(Default)]
struct Listed {
    /// The groups that list a user or a group.
    by: HashMap<Uuid, Vec<Uuid>>,
    /// The names of groups.
    names: HashMap<Uuid, String>,
}

impl Listed {
    fn add(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let group = row.try_get("", "group_id")?;
        if let Entry::Vacant(unnamed) = self.names.entry(group) {
            unnamed.insert(row.try_get("", "display_name")?);
        }
        self.by.entry(row.try_get("", "member_id")?).or_default().push(group);
        Ok(())
    }

    /// These groups, which are direct ones, and all above them. Whoever is in a group both ways is in it directly.
    fn above(&self, direct: &[Uuid]) -> Vec<Membership> {
        let mut seen: HashSet<_> = direct.iter().copied().collect();
        let (mut todo, mut indirect) = (direct.to_vec(), Vec::new());
        while let Some(group) = todo.pop() {
            for above in self.by.get(&group).into_iter().flatten().filter(|above| seen.insert(**above)) {
                todo.push(*above);
                indirect.push(*above);
            }
        }
        let mut direct = direct.to_vec();
        direct.sort_unstable();
        indirect.sort_unstable();
        let all = direct.into_iter().map(|group| (group, true)).chain(indirect.into_iter().map(|group| (group, false)));
        all.map(|(group, direct)| self.membership(group, direct)).collect()
    }

    fn membership(&self, group: Uuid, direct: bool) -> Membership {
        Membership { group: GroupId::from_uuid(group), display: self.names.get(&group).cloned().unwrap_or_default(), direct }
    }
}

/// Who lists the users, and who lists the groups found on the way up: each once, however many ways lead to it.
fn select(tenant: Uuid, users: &[Uuid]) -> SelectStatement {
    let up = CommonTableExpression::new().table_name(UP).column("found").query(all_found(tenant, users)).to_owned();
    let mut all = listings(tenant);
    all.column(("groups", "display_name")).inner_join("groups", the_group()).and_where(is_one_of(users));
    let mut nested_ones = listings(tenant);
    nested_ones.column(("groups", "display_name")).inner_join(UP, is_found()).inner_join("groups", the_group()).and_where(nested());
    all.union(UnionType::All, nested_ones);
    all.with_cte(WithClause::new().recursive(true).cte(up).to_owned()).take()
}

/// UNION passes over what was found before: circles of groups end.
fn all_found(tenant: Uuid, users: &[Uuid]) -> SelectStatement {
    let own = || Expr::col(("group_members", "tenant_id")).eq(tenant);
    let mut step = Query::select();
    step.column(("group_members", "group_id")).from(UP).inner_join("group_members", is_found()).and_where(own()).and_where(nested());
    let mut direct = Query::select();
    direct.column(("group_members", "group_id")).from("group_members").and_where(own()).and_where(is_one_of(users));
    direct.union(UnionType::Distinct, step).take()
}

fn listings(tenant: Uuid) -> SelectStatement {
    let mut select = Query::select();
    select.columns([("group_members", "member_id"), ("group_members", "group_id")]).from("group_members");
    select.and_where(Expr::col(("group_members", "tenant_id")).eq(tenant)).take()
}

fn is_one_of(users: &[Uuid]) -> Expr {
    Expr::col(("group_members", "member_id")).is_in(users.iter().copied())
}

fn is_found() -> Expr {
    Expr::col(("group_members", "member_id")).equals((UP, "found"))
}

fn the_group() -> Expr {
    Expr::col(("groups", "id")).equals(("group_members", "group_id"))
}
