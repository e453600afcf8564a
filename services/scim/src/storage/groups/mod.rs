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

    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<Group>, Failure> {
        page::page(self.database.reader(), tenant, query).await
    }

    async fn commit(&self, write: &GroupWrite) -> Result<Option<Group>, CommitError> {
        write::commit(&self.database, write).await
    }

    async fn known(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<MemberId>, Failure> {
        known(self.database.reader(), tenant, ids, Hold::Nothing).await
    }
}

/// Ids for one statement: `SQLite` binds 32,766 values at most.
const AT_ONCE: usize = 10_000;

/// May those that are found be deleted before the transaction ends?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// They may.
    Nothing,
    /// Whoever wants to delete them waits.
    Found,
}

/// What these ids stand for in the tenant.
async fn known(connection: &impl ConnectionTrait, tenant: TenantId, ids: &[Uuid], hold: Hold) -> Result<Vec<MemberId>, Failure> {
    let mut known = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        known.extend(present(connection, "users", tenant, ids, hold).await?.into_iter().map(|id| MemberId::User(UserId::from_uuid(id))));
        known.extend(present(connection, "groups", tenant, ids, hold).await?.into_iter().map(|id| MemberId::Group(GroupId::from_uuid(id))));
    }
    Ok(known)
}

async fn present(connection: &impl ConnectionTrait, table: &'static str, tenant: TenantId, ids: &[Uuid], hold: Hold) -> Result<Vec<Uuid>, Failure> {
    let mut select = Sql::select();
    select.column("id").from(table).and_where(Expr::col("tenant_id").eq(tenant.as_uuid())).and_where(Expr::col("id").is_in(ids.iter().copied()));
    if hold == Hold::Found {
        // In id order: two that hold the same do not wait for each other in a circle.
        select.order_by("id", Order::Asc).lock(LockType::KeyShare);
    }
    let rows = connection.query_all(&select).await.map_err(failure)?;
    rows.iter().map(|row| row.try_get("", "id").map_err(failure)).collect()
}
