//! Members: adding, replacing, taking out, at the same time too.

use futures::future::join_all;
use rekey_testing::Backend;
use sea_orm::{
    ConnectionTrait, Statement,
    sea_query::{Expr, Query as Sql},
};
use serde_json::json;
use uuid::Uuid;

use super::{House, SeaStore, TENANT, group, listed, next_moment, now, object};
use crate::{
    domain::{Group, Member, MemberChange, MemberId},
    ports::{CommitError, GroupWrite, Groups, Store, Write},
};
use rekey_runtime::database::Database;

async fn ids(house: &House, count: usize) -> Vec<MemberId> {
    let mut ids = Vec::with_capacity(count);
    for n in 0..count {
        ids.push(MemberId::User(house.add(json!({ "userName": format!("u{n}") })).await.id));
    }
    ids
}

async fn change(house: &House, group: &Group, members: MemberChange) -> Group {
    let group = Group { modified: next_moment(), ..group.clone() };
    Groups::commit(&house.store, &GroupWrite::Update { group, expected: None, members: Some(members) }).await.unwrap().unwrap()
}

async fn members(house: &House, group: &Group) -> Vec<Member> {
    Groups::members(&house.store, TENANT, &[group.id]).await.unwrap().into_iter().map(|(_, member)| member).collect()
}

fn add(members: &[MemberId]) -> MemberChange {
    MemberChange::Some { add: listed(members), remove: Vec::new() }
}

fn called(id: MemberId, display: &str) -> Member {
    Member { id, display: Some(display.to_owned()) }
}

async fn members_stand_in_the_order_in_which_they_came(on: Backend) {
    let house = House::new(on).await;
    let ids = ids(&house, 4).await;
    let group = house.group("g", &[ids[2], ids[0], ids[2]]).await;
    assert_eq!(members(&house, &group).await, listed(&[ids[2], ids[0]]));
    change(&house, &group, add(&[ids[3], ids[0], ids[1]])).await;
    change(&house, &group, MemberChange::Some { add: vec![], remove: vec![ids[2], ids[2]] }).await;
    change(&house, &group, add(&[ids[2]])).await;
    assert_eq!(members(&house, &group).await, listed(&[ids[0], ids[3], ids[1], ids[2]]));
    let replaced = change(&house, &group, MemberChange::All(listed(&[ids[1], ids[0]]))).await;
    assert_eq!((members(&house, &group).await, replaced.version), (listed(&[ids[0], ids[1]]), 5));
    change(&house, &group, MemberChange::All(Vec::new())).await;
    assert!(members(&house, &group).await.is_empty());
}

async fn what_changes_nothing_leaves_version_and_time_alone(on: Backend) {
    let house = House::new(on).await;
    let ids = ids(&house, 3).await;
    let made = Groups::commit(&house.store, &GroupWrite::Insert(group(json!({"displayName": "g"})), vec![called(ids[0], "Ann"), called(ids[1], "Bob")])).await;
    let made = made.unwrap().unwrap();
    for nothing in [
        add(&[ids[0]]),
        add(&[]),
        MemberChange::Some { add: vec![called(ids[1], "Bob")], remove: vec![ids[2]] },
        MemberChange::Some { add: listed(&[ids[2]]), remove: vec![ids[2]] },
        MemberChange::All(vec![called(ids[1], "Bob"), called(ids[0], "Ann")]),
    ] {
        assert_eq!(change(&house, &made, nothing.clone()).await, made, "{nothing:?}");
    }
    let renamed = change(&house, &made, MemberChange::Some { add: vec![called(ids[0], "Anna")], remove: Vec::new() }).await;
    assert_eq!((renamed.version, members(&house, &made).await), (2, vec![called(ids[0], "Anna"), called(ids[1], "Bob")]));
    change(&house, &made, MemberChange::All(vec![Member { id: ids[0], display: None }, called(ids[1], "Bob")])).await;
    assert_eq!(members(&house, &made).await, [Member { id: ids[0], display: None }, called(ids[1], "Bob")]);
    assert_eq!(house.group_names(r#"members.display eq "BOB" and not (members.display co "ann")"#).await, ["g"]);
}

async fn an_unknown_member_is_named_and_nothing_happens(on: Backend) {
    let house = House::new(on).await;
    let ids = ids(&house, 2).await;
    let group = house.group("g", &[ids[0]]).await;
    let Some(MemberId::User(gone)) = ids.get(1).copied() else { panic!("a user") };
    house.write(&Write::Delete { tenant: TENANT, user: gone, expected: 1, now: now() }).await.unwrap();
    for members in [add(&[ids[0], ids[1]]), MemberChange::All(listed(&[ids[1]]))] {
        let refused = Groups::commit(&house.store, &GroupWrite::Update { group: group.clone(), expected: None, members: Some(members) }).await;
        assert!(matches!(&refused, Err(CommitError::NoSuchMember(id)) if *id == gone.to_string()), "{refused:?}");
    }
    assert_eq!((members(&house, &group).await, Groups::find(&house.store, TENANT, group.id).await.unwrap()), (listed(&[ids[0]]), Some(group)));
}

async fn a_group_may_be_a_member_of_itself(on: Backend) {
    let house = House::new(on).await;
    let itself = group(json!({"displayName": "g"}));
    Groups::commit(&house.store, &GroupWrite::Insert(itself.clone(), listed(&[MemberId::Group(itself.id)]))).await.unwrap();
    assert_eq!(house.group_names(&format!(r#"members[value eq "{}" and type eq "GROUP"]"#, itself.id)).await, ["g"]);
    Groups::commit(&house.store, &GroupWrite::Delete { tenant: TENANT, group: itself.id, expected: Some(1), now: now() }).await.unwrap();
    assert!(members(&house, &itself).await.is_empty());
}

async fn who_only_changes_members_undoes_no_rename(on: Backend) {
    let house = House::new(on).await;
    let ids = ids(&house, 1).await;
    let read = house.group("old", &[]).await;
    let renamed = Group { profile: object(json!({"displayName": "new"})), ..read.clone() };
    Groups::commit(&house.store, &GroupWrite::Update { group: renamed, expected: Some(1), members: None }).await.unwrap();
    let stored = change(&house, &read, add(&ids)).await;
    assert_eq!((stored.version, &stored.profile["displayName"]), (3, &json!("new")));
    assert_eq!(house.group_names(r#"displayName eq "new" and members pr"#).await, ["new"]);
}

async fn many_adds_at_the_same_time_lose_nobody(on: Backend) {
    let house = House::new(on).await;
    let all = ids(&house, 32).await;
    let group = house.group("g", &[]).await;
    let other = SeaStore::new(Database::open(house.place.url()).await.unwrap());
    let adds = all.iter().enumerate().map(|(n, id)| {
        let write = GroupWrite::Update { group: group.clone(), expected: None, members: Some(add(&[*id, all[0]])) };
        let store = if n % 2 == 0 { house.store.clone() } else { other.clone() };
        async move { Groups::commit(&store, &write).await.unwrap() }
    });
    join_all(adds).await;
    let mut present: Vec<_> = members(&house, &group).await.iter().map(|member| member.id).collect();
    present.sort();
    let version = Groups::find(&house.store, TENANT, group.id).await.unwrap().unwrap().version;
    // One add may have come after another had brought both of its members.
    assert!((32..=33).contains(&version), "{version}");
    assert_eq!(present, all);
}

async fn whoever_is_deleted_while_being_added_is_no_member_afterwards(on: Backend) {
    let house = House::new(on).await;
    let all = ids(&house, 16).await;
    let group = house.group("g", &[]).await;
    let races = all.iter().map(|id| {
        let MemberId::User(user) = *id else { panic!("a user") };
        let write = GroupWrite::Update { group: group.clone(), expected: None, members: Some(add(&[*id])) };
        let delete = Write::Delete { tenant: TENANT, user, expected: 1, now: now() };
        let store = house.store.clone();
        async move {
            let (added, deleted) = futures::future::join(Groups::commit(&store, &write), Store::commit(&store, &delete, None)).await;
            assert!(matches!(added, Ok(_) | Err(CommitError::NoSuchMember(_))), "{added:?}");
            deleted.unwrap();
        }
    });
    join_all(races).await;
    assert!(members(&house, &group).await.is_empty());
}

/// Groups of which somebody is the only member.
async fn write_groups(house: &House, member: Uuid, ids: &[Uuid]) {
    let (mut groups, mut members) = (Sql::insert(), Sql::insert());
    let columns = ["id", "tenant_id", "display_name", "display_name_folded", "profile", "version", "created_at", "modified_at", "next_position"];
    groups.into_table("groups").columns(columns);
    members.into_table("group_members").columns(["tenant_id", "group_id", "member_id", "position", "kind"]);
    let tenant = TENANT.as_uuid();
    for id in ids {
        let texts = ["g", "g", r#"{"displayName":"g"}"#].map(Expr::from);
        let row = [Expr::from(*id), tenant.into()].into_iter().chain(texts).chain([1, 0, 0, 1].map(Expr::from));
        groups.values_panic(row);
        members.values_panic([tenant.into(), (*id).into(), member.into(), 0.into(), "User".into()]);
    }
    for insert in [groups, members] {
        house.database.writer().execute(&insert).await.unwrap();
    }
}

async fn a_user_in_more_groups_than_a_statement_binds_values_leaves_them_all(on: Backend) {
    let house = House::new(on).await;
    let ann = house.add(json!({"userName": "ann"})).await;
    // PostgreSQL binds 65,535, SQLite half of that.
    let groups: Vec<_> = (0..66_000).map(|n| Uuid::from_u128(0x7000_0000 + n)).collect();
    for some in groups.chunks(2_000) {
        write_groups(&house, ann.id.as_uuid(), some).await;
    }
    house.write(&Write::Delete { tenant: TENANT, user: ann.id, expected: 1, now: now() }).await.unwrap();
    let connection = house.database.reader();
    for sql in ["SELECT count(*) AS n FROM group_members", "SELECT count(*) AS n FROM groups WHERE version <> 2"] {
        let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{sql}");
    }
}

rekey_testing::on_both_databases![
    a_user_in_more_groups_than_a_statement_binds_values_leaves_them_all,
    members_stand_in_the_order_in_which_they_came,
    what_changes_nothing_leaves_version_and_time_alone,
    an_unknown_member_is_named_and_nothing_happens,
    a_group_may_be_a_member_of_itself,
    who_only_changes_members_undoes_no_rename,
    many_adds_at_the_same_time_lose_nobody,
    whoever_is_deleted_while_being_added_is_no_member_afterwards,
];
