//! What can be listed: users and groups.

use rekey_kernel::{Failure, GroupId, TenantId};
use rekey_runtime::database::Readable;
use rekey_scim_protocol::{
    Filter, Object,
    schema::{GROUPS, ResourceType, USERS},
};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, sea_query::Expr};
use std::{collections::HashMap, sync::LazyLock};
use uuid::Uuid;

use super::super::{
    groups::members,
    memberships,
    row::{group, user},
};
use crate::domain::{Group, Member, Query, User, render};

/// A type of resource as it is listed.
pub(in super::super) trait Listed: Sized + Send + Sync {
    /// Its rows.
    type Entity: Readable;
    /// The name of their table, whose key is `id`.
    const TABLE: &'static str;

    /// The columns of a row, as they stand in a statement. A list of them is the same each time: it is put together once.
    fn columns() -> &'static str;

    /// What names in filters mean.
    fn resource_type() -> &'static ResourceType;

    /// From its row.
    fn read(row: <Self::Entity as EntityTrait>::Model) -> Result<Self, Failure>;

    /// The bytes of a row's profile.
    fn weight(row: &<Self::Entity as EntityTrait>::Model) -> usize;

    /// Its id.
    fn id(&self) -> Uuid;

    /// Does a row need [`Self::complete`]? `None`: none does.
    fn incomplete() -> Option<Expr>;

    /// Adds what does not lie in the rows themselves.
    fn complete(connection: &impl ConnectionTrait, tenant: TenantId, items: &mut [Self]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// They as clients read them, as far as the query looks at them.
    fn shown(
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        items: &mut [Self],
        query: &Query,
    ) -> impl Future<Output = Result<Vec<Object>, Failure>> + Send;
}

static USER_COLUMNS: LazyLock<String> = LazyLock::new(columns_of::<user::Entity>);
static GROUP_COLUMNS: LazyLock<String> = LazyLock::new(columns_of::<group::Entity>);

fn columns_of<E: EntityTrait>() -> String {
    let names: Vec<_> = E::Column::iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    names.join(", ")
}

impl Listed for User {
    type Entity = user::Entity;
    const TABLE: &'static str = "users";

    fn columns() -> &'static str {
        &USER_COLUMNS
    }

    fn resource_type() -> &'static ResourceType {
        &USERS
    }

    fn read(row: user::Model) -> Result<Self, Failure> {
        row.try_into()
    }

    fn weight(row: &user::Model) -> usize {
        row.profile.len()
    }

    fn id(&self) -> Uuid {
        self.id.as_uuid()
    }

    fn incomplete() -> Option<Expr> {
        Some(memberships::any())
    }

    async fn complete(connection: &impl ConnectionTrait, tenant: TenantId, items: &mut [Self]) -> Result<(), Failure> {
        let ids: Vec<_> = items.iter().map(Listed::id).collect();
        let mut found = memberships::of(connection, tenant, &ids).await?;
        for item in items {
            item.groups = found.remove(&item.id.as_uuid()).unwrap_or_default();
        }
        Ok(())
    }

    async fn shown(connection: &impl ConnectionTrait, tenant: TenantId, items: &mut [Self], query: &Query) -> Result<Vec<Object>, Failure> {
        if looks_at(query, &USERS, "groups") {
            Self::complete(connection, tenant, items).await?;
        }
        let shown = |user: &Self| render::user(user.clone(), render::Shown { groups: true, reset: None, code: None, base: &query.base }).json;
        Ok(items.iter().map(shown).collect())
    }
}

impl Listed for Group {
    type Entity = group::Entity;
    const TABLE: &'static str = "groups";

    fn columns() -> &'static str {
        &GROUP_COLUMNS
    }

    fn resource_type() -> &'static ResourceType {
        &GROUPS
    }

    fn read(row: group::Model) -> Result<Self, Failure> {
        row.try_into()
    }

    fn weight(row: &group::Model) -> usize {
        row.profile.len()
    }

    fn id(&self) -> Uuid {
        self.id.as_uuid()
    }

    fn incomplete() -> Option<Expr> {
        None
    }

    async fn complete(_: &impl ConnectionTrait, _: TenantId, _: &mut [Self]) -> Result<(), Failure> {
        Ok(())
    }

    async fn shown(connection: &impl ConnectionTrait, tenant: TenantId, items: &mut [Self], query: &Query) -> Result<Vec<Object>, Failure> {
        let mut members: HashMap<GroupId, Vec<Member>> = HashMap::new();
        // Members may be very many.
        if looks_at(query, &GROUPS, "members") {
            let ids: Vec<_> = items.iter().map(|group| group.id).collect();
            for (group, member) in members::of(connection, tenant, &ids).await? {
                members.entry(group).or_default().push(member);
            }
        }
        let shown = |group: &Self| render::group(group, members.get(&group.id).map(Vec::as_slice), &query.base).json;
        Ok(items.iter().map(shown).collect())
    }
}

/// Does the query name this attribute?
pub(super) fn looks_at(query: &Query, of: &'static ResourceType, attribute: &str) -> bool {
    let sorted = query.sort.as_ref().is_some_and(|sort| sort.target.attribute.name == attribute);
    sorted || query.filter.as_ref().is_some_and(|filter| names(filter, of, attribute))
}

fn names(filter: &Filter, of: &'static ResourceType, attribute: &str) -> bool {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => names(left, of, attribute) || names(right, of, attribute),
        Filter::Not(inner) => names(inner, of, attribute),
        Filter::Present(name) | Filter::Compare { name, .. } | Filter::Element { name, .. } => {
            of.target(name).is_some_and(|target| target.attribute.name == attribute)
        }
    }
}
