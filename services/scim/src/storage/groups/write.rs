//! The commit of a change of a group. Locks are taken in one order everywhere: first users, then groups, each in id order.

use rekey_kernel::{Failure, GroupId, TenantId, Timestamp};
use rekey_runtime::database::{Database, Transaction, only};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, Query},
};

use super::{
    super::{
        columns::too_long,
        commit::{certain, over_limit, unknown},
        convert::signed,
        fields::{GROUP_TEXTS, MAX_INDEXED},
        row::group,
    },
    change::{self, Planned},
    convert::changing,
    leave, members,
};
use crate::{
    domain::{Group, Member, MemberChange},
    ports::{CommitError, GroupWrite},
};

pub(super) async fn commit(database: &Database, write: &GroupWrite) -> Result<Option<Group>, CommitError> {
    if let GroupWrite::Insert(group, _) | GroupWrite::Update { group, .. } = write
        && let Some(attribute) = too_long(&GROUP_TEXTS, &group.profile)
    {
        return Err(over_limit(&attribute));
    }
    let transaction = database.begin().await.map_err(CommitError::Unknown)?;
    match carry_out(&transaction, write).await {
        Ok(stored) => transaction.commit().await.map(|()| stored).map_err(unknown),
        Err(error) => {
            // A rollback that fails leaves nothing either: the connection is closed.
            let _rolled_back = transaction.rollback().await;
            Err(certain(error))
        }
    }
}

async fn carry_out(transaction: &Transaction, write: &GroupWrite) -> Result<Option<Group>, CommitError> {
    match write {
        GroupWrite::Insert(group, members) => insert(transaction, group, members).await.map(Some),
        GroupWrite::Update { group, expected, members } => update(transaction, group, *expected, members.as_ref()).await.map(Some),
        GroupWrite::Delete { tenant, group, expected, now } => delete(transaction, *tenant, *group, *expected, *now).await.map(|()| None),
    }
}

async fn insert(transaction: &Transaction, group: &Group, members: &[Member]) -> Result<Group, CommitError> {
    let members = change::distinct(members);
    check_displays(&members)?;
    let mut columns = changing(group);
    columns.extend([
        ("id", group.id.as_uuid().into()),
        ("tenant_id", group.tenant.as_uuid().into()),
        ("created_at", group.created.as_micros().into()),
        ("next_position", i64::try_from(members.len()).unwrap_or(i64::MAX).into()),
    ]);
    let mut insert = Query::insert();
    let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().map(|(name, value)| (name, Expr::from(value))).unzip();
    insert.into_table("groups").columns(names).values_panic(values);
    // Before its members, of which it may be one itself.
    transaction.execute(&insert).await.map_err(unknown)?;
    if let Some(missing) = change::missing(transaction, group, &members).await.map_err(CommitError::Unknown)? {
        return Err(CommitError::NoSuchMember(missing.to_string()));
    }
    members::insert(transaction, group.tenant, group.id, &members, 0).await.map_err(unknown)?;
    Ok(group.clone())
}

async fn update(transaction: &Transaction, group: &Group, expected: Option<u64>, change: Option<&MemberChange>) -> Result<Group, CommitError> {
    let newcomers = change::newcomers(transaction, group, change).await.map_err(CommitError::Unknown)?;
    let missing = change::missing(transaction, group, &newcomers).await.map_err(CommitError::Unknown)?;
    let row = locked(transaction, group.tenant, group.id).await.map_err(CommitError::Unknown)?.ok_or(CommitError::Overtaken)?;
    let position = row.next_position;
    let stored = Group::try_from(row).map_err(CommitError::Unknown)?;
    // Before anything is said about members: who read the group when another one was a member still has to read it again.
    if expected.is_some_and(|expected| expected != stored.version) {
        return Err(CommitError::Overtaken);
    }
    if let Some(missing) = missing {
        return Err(CommitError::NoSuchMember(missing.to_string()));
    }
    let planned = change::plan(transaction, &stored, change).await.map_err(CommitError::Unknown)?;
    if planned.has_others_than(&newcomers) {
        return Err(CommitError::Overtaken);
    }
    check_displays(planned.come.iter().chain(&planned.renamed))?;
    // Without an expected version the profile is one that was read some time ago: it must not undo what others wrote since.
    let profile = if expected.is_some() { &group.profile } else { &stored.profile };
    if planned.is_nothing() && *profile == stored.profile {
        return Ok(stored);
    }
    let next = Group { profile: profile.clone(), version: stored.version + 1, modified: group.modified, ..stored };
    store(transaction, &next, &planned, position).await.map_err(unknown)?;
    Ok(next)
}

/// There may be very many members: if each might say what it likes, no answer would hold even a few. Those that stay are not looked at.
fn check_displays<'a>(members: impl IntoIterator<Item = &'a Member>) -> Result<(), CommitError> {
    let is_long = |member: &Member| member.display.as_ref().is_some_and(|display| display.chars().count() > MAX_INDEXED);
    if members.into_iter().any(is_long) { Err(over_limit("members.display")) } else { Ok(()) }
}

async fn locked(transaction: &Transaction, tenant: TenantId, group: GroupId) -> Result<Option<group::Model>, Failure> {
    let row = group::Entity::find().filter(group::Column::Id.eq(group.as_uuid())).filter(group::Column::TenantId.eq(tenant.as_uuid()));
    only(row.lock(LockType::NoKeyUpdate), transaction).await
}

async fn store(transaction: &Transaction, group: &Group, planned: &Planned, position: i64) -> Result<(), sea_orm::DbErr> {
    let mut update = Query::update();
    update.table("groups").values(changing(group).into_iter().map(|(name, value)| (name, Expr::from(value))));
    let after = position.saturating_add(i64::try_from(planned.come.len()).unwrap_or(i64::MAX));
    update.value("next_position", after).and_where(Expr::col("id").eq(group.id.as_uuid()));
    transaction.execute(&update).await?;
    members::remove(transaction, group.id, &planned.go).await?;
    for member in &planned.renamed {
        members::rename(transaction, group.id, member).await?;
    }
    members::insert(transaction, group.tenant, group.id, &planned.come, position).await
}

async fn delete(transaction: &Transaction, tenant: TenantId, group: GroupId, expected: Option<u64>, now: Timestamp) -> Result<(), CommitError> {
    leave::lock(transaction, tenant, group.as_uuid()).await.map_err(unknown)?;
    let mut row = group::Entity::delete_many().filter(group::Column::Id.eq(group.as_uuid())).filter(group::Column::TenantId.eq(tenant.as_uuid()));
    if let Some(expected) = expected {
        row = row.filter(group::Column::Version.eq(signed(expected)));
    }
    if row.exec(transaction).await.map_err(unknown)?.rows_affected == 0 {
        return Err(CommitError::Overtaken);
    }
    members::remove_all(transaction, group).await.map_err(unknown)?;
    leave::all(transaction, tenant, group.as_uuid(), now).await.map_err(unknown)
}
