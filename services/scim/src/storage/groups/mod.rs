//! Groups and their members as rows.

mod change;
mod convert;
pub(super) mod leave;
pub(super) mod members;
mod write;

use async_trait::async_trait;
use rekey_kernel::{Failure, GroupId, TenantId, UserId};
use rekey_runtime::database::{failure, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, LockType, Order, Query as Sql},
};
use uuid::Uuid;

use super::{SeaStore, page, row::group};
use crate::{
    domain::{Group, Member, MemberId, Page, Query},
    ports::{CommitError, GroupWrite, Groups},
};

#[async_trait]
impl Groups for SeaStore {
    async fn find(&self, tenant: TenantId, group: GroupId) -> Result<Option<Group>, Failure> {
        let row = group::Entity::find().filter(group::Column::Id.eq(group.as_uuid())).filter(group::Column::TenantId.eq(tenant.as_uuid()));
        only(row, self.database.reader()).await?.map(Group::try_from).transpose()
    }

    async fn members(&self, tenant: TenantId, groups: &[GroupId]) -> Result<Vec<(GroupId, Member)>, Failure> {
        members::of(self.database.reader(), tenant, groups).await
    }

    async fn has_more_members(&self, tenant: TenantId, group: GroupId, than: u64) -> Result<bool, Failure> {
        members::are_more(self.database.reader(), tenant, group, than).await
    }

    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<Group>, Failure> {
        page::page(&self.database, tenant, query).await
    }

    async fn commit(&self, write: &GroupWrite) -> Result<Option<Group>, CommitError> {
        write::commit(&self.database, write).await
    }

    async fn known(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<MemberId>, Failure> {
        known(self.database.reader(), tenant, ids).await
    }
}

/// Ids for one statement: `SQLite` binds 32,766 values at most.
const AT_ONCE: usize = 10_000;

/// What these ids stand for in the tenant.
async fn known(connection: &impl ConnectionTrait, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<MemberId>, Failure> {
    let users = present(connection, "users", tenant, ids, None).await?.into_iter().map(|id| MemberId::User(UserId::from_uuid(id)));
    let groups = present(connection, "groups", tenant, ids, None).await?.into_iter().map(|id| MemberId::Group(GroupId::from_uuid(id)));
    Ok(users.chain(groups).collect())
}

/// Those of these ids that are in the table. Locks are taken in id order: two that lock the same do not wait for each other in a circle.
async fn present(connection: &impl ConnectionTrait, table: &'static str, tenant: TenantId, ids: &[Uuid], lock: Option<LockType>) -> Result<Vec<Uuid>, Failure> {
    let (mut ids, mut present) = (ids.to_vec(), Vec::with_capacity(ids.len()));
    ids.sort_unstable();
    for ids in ids.chunks(AT_ONCE) {
        let mut select = Sql::select();
        select.column("id").from(table).and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).and_where(Expr::col("id").is_in(ids.iter().copied()));
        if let Some(lock) = lock {
            select.order_by("id", Order::Asc).lock(lock);
        }
        for row in connection.query_all(&select).await.map_err(failure)? {
            present.push(row.try_get("", "id").map_err(failure)?);
        }
    }
    Ok(present)
}
