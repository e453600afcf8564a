//! Groups that contain each other: whoever changes them does not wait for others in a circle, or gives way.

use futures::future::{join, join_all};
use rekey_testing::Backend;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::{House, TENANT, group, listed, next_moment, now};
use crate::{
    domain::{Group, MemberChange, MemberId},
    ports::{CommitError, GroupWrite, Groups},
};

/// Groups each of which lists them all.
async fn circle(house: &House, count: usize) -> Vec<Group> {
    let mut groups = Vec::new();
    for n in 0..count {
        groups.push(house.group(&format!("g{n}"), &[]).await);
    }
    for group in &groups {
        Groups::commit(&house.store, &replace(group, &groups)).await.unwrap();
    }
    groups
}

fn replace(group: &Group, members: &[Group]) -> GroupWrite {
    let members: Vec<_> = members.iter().map(|group| MemberId::Group(group.id)).collect();
    let group = Group { modified: next_moment(), ..group.clone() };
    GroupWrite::Update { group, expected: None, members: Some(MemberChange::All(listed(&members))) }
}

fn delete(group: &Group) -> GroupWrite {
    GroupWrite::Delete { tenant: TENANT, group: group.id, expected: None, now: now() }
}

async fn all_are_deleted_at_once_and_nobody_gives_way(on: Backend) {
    let house = House::new(on).await;
    let groups = circle(&house, 8).await;
    let deletes: Vec<_> = groups.iter().map(delete).collect();
    let done = join_all(deletes.iter().map(|write| Groups::commit(&house.store, write))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
}

async fn some_come_into_others_that_are_deleted_and_nobody_gives_way(on: Backend) {
    let house = House::new(on).await;
    for _round in 0..8 {
        let groups = circle(&house, 4).await;
        let fresh = group(json!({"displayName": "new"}));
        Groups::commit(&house.store, &GroupWrite::Insert(fresh.clone(), Vec::new())).await.unwrap();
        let members: Vec<_> = groups.iter().chain([&fresh]).cloned().collect();
        let (ends, changes): (Vec<_>, Vec<_>) = groups.iter().map(|group| (delete(group), replace(group, &members))).unzip();
        let commit = |write| Groups::commit(&house.store, write);
        let (deleted, added) = join(join_all(ends.iter().map(commit)), join_all(changes.iter().map(commit))).await;
        assert!(deleted.iter().all(Result::is_ok), "{deleted:?}");
        // The group itself is gone, or one that it should have contained.
        assert!(added.iter().all(|added| matches!(added, Ok(_) | Err(CommitError::Overtaken | CommitError::NoSuchMember(_)))), "{added:?}");
        Groups::commit(&house.store, &delete(&fresh)).await.unwrap();
    }
}

/// Waits until somebody waits for a lock of this database.
async fn somebody_waits(house: &House) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let count = async || {
        let row = house.database.reader().query_one_raw(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await.unwrap();
        row.unwrap().try_get_by_index::<i64>(0).unwrap()
    };
    while count().await == 0 {}
}

async fn whoever_is_made_to_give_way_is_overtaken(on: Backend) {
    // SQLite has one writer: nobody waits for anybody there.
    if on == Backend::Sqlite {
        return;
    }
    let house = House::new(on).await;
    let groups = circle(&house, 2).await;
    let transaction = house.database.begin().await.unwrap();
    let lock = async |group: &Group| transaction.execute_unprepared(&format!("UPDATE groups SET version = version WHERE id = '{}'", group.id)).await;
    lock(&groups[1]).await.unwrap();
    let write = delete(&groups[0]);
    let other = async {
        somebody_waits(&house).await;
        lock(&groups[0]).await
    };
    // The one that waits first looks first whether it waits in a circle.
    let (deleted, locked) = join(Groups::commit(&house.store, &write), other).await;
    assert!(locked.is_ok() && matches!(deleted, Err(CommitError::Overtaken)), "{deleted:?} {locked:?}");
    transaction.rollback().await.unwrap();
    Groups::commit(&house.store, &write).await.unwrap();
}

rekey_testing::on_both_databases![
    all_are_deleted_at_once_and_nobody_gives_way,
    some_come_into_others_that_are_deleted_and_nobody_gives_way,
    whoever_is_made_to_give_way_is_overtaken,
];
