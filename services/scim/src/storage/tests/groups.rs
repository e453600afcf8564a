//! Groups as such, and what users see of them.

use rekey_kernel::{TenantId, UserId};
use rekey_scim_protocol::schema::USERS;
use rekey_testing::Backend;
use serde_json::json;

use super::{House, TENANT, group, listed, next_moment, now, object, query};
use crate::{
    domain::{Group, MemberId, Membership, Part, User},
    ports::{CommitError, GroupWrite, Groups, Store, Write},
};

fn of(group: &Group, direct: bool) -> Membership {
    Membership { group: group.id, display: group.profile["displayName"].as_str().unwrap().to_owned(), direct }
}

async fn a_group_is_created_changed_found_and_deleted(on: Backend) {
    let house = House::new(on).await;
    let made = group(json!({"displayName": "Cooks", "externalId": "X"}));
    assert_eq!(Groups::commit(&house.store, &GroupWrite::Insert(made.clone(), Vec::new())).await.unwrap(), Some(made.clone()));
    for filter in
        [r#"displayName eq "COOKS""#, r#"externalId eq "X""#, &format!(r#"id eq "{}""#, made.id), "not (members pr)", r#"meta.resourceType eq "Group""#]
    {
        assert_eq!(house.group_names(filter).await, ["Cooks"], "{filter}");
    }
    let renamed = Group { profile: object(json!({"displayName": "Bakers"})), modified: next_moment(), ..made.clone() };
    let stored = Groups::commit(&house.store, &GroupWrite::Update { group: renamed.clone(), expected: Some(1), members: None }).await.unwrap();
    assert_eq!(stored, Some(Group { version: 2, ..renamed.clone() }));
    assert!(house.group_names("externalId pr").await.is_empty());
    let stale = Groups::commit(&house.store, &GroupWrite::Update { group: renamed, expected: Some(1), members: None }).await;
    assert!(matches!(stale, Err(CommitError::Overtaken)));
    let delete = GroupWrite::Delete { tenant: TENANT, group: made.id, expected: Some(2), now: now() };
    assert_eq!(Groups::commit(&house.store, &delete).await.unwrap(), None);
    assert_eq!(Groups::find(&house.store, TENANT, made.id).await.unwrap(), None);
    assert!(matches!(Groups::commit(&house.store, &delete).await, Err(CommitError::Overtaken)));
}

async fn users_see_direct_and_indirect_groups_at_once_and_circles_end(on: Backend) {
    let house = House::new(on).await;
    let (ann, bob) = (house.add(json!({"userName": "ann"})).await, house.add(json!({"userName": "bob"})).await);
    let inner = house.group("inner", &[MemberId::User(ann.id)]).await;
    let outer = house.group("outer", &[MemberId::Group(inner.id), MemberId::User(bob.id)]).await;
    let both = house.group("both", &[MemberId::Group(outer.id), MemberId::User(ann.id)]).await;
    let circle = GroupWrite::Update {
        group: inner.clone(),
        expected: None,
        members: Some(crate::domain::MemberChange::Some { add: listed(&[MemberId::Group(both.id)]), remove: vec![] }),
    };
    Groups::commit(&house.store, &circle).await.unwrap();
    let anns = vec![of(&inner, true), of(&both, true), of(&outer, false)];
    let bobs = vec![of(&outer, true), of(&inner, false), of(&both, false)];
    assert_eq!(house.user(&ann).await.unwrap().groups, anns);
    let page = house.found(&query(&USERS, "", "", Part::Offset(0), 10)).await;
    assert_eq!(page.items.into_iter().map(|user| user.groups).collect::<Vec<_>>(), [anns, bobs]);
    let unwanted = crate::domain::Query { groups: false, ..query(&USERS, "groups pr", "", Part::Offset(0), 10) };
    assert!(house.found(&unwanted).await.items.iter().all(|user| user.groups.is_empty()));
    for filter in [format!(r#"groups.value eq "{}""#, inner.id), r#"groups[display eq "OUTER"]"#.into(), r#"groups.type eq "indirect""#.into()] {
        assert_eq!(house.names(&filter).await, ["ann", "bob"], "{filter}");
    }
    assert_eq!(house.names(r#"groups[display eq "both" and type eq "direct"]"#).await, ["ann"]);
    assert!(house.names(r#"groups.display eq "none" or not (groups pr)"#).await.is_empty());
}

async fn whoever_goes_leaves_its_groups_which_change(on: Backend) {
    let house = House::new(on).await;
    let (ann, bob) = (house.add(json!({"userName": "ann"})).await, house.add(json!({"userName": "bob"})).await);
    let inner = house.group("inner", &[MemberId::User(ann.id), MemberId::User(bob.id)]).await;
    let outer = house.group("outer", &[MemberId::Group(inner.id)]).await;
    let later = next_moment();
    house.write(&Write::Delete { tenant: TENANT, user: ann.id, expected: 1, now: later }).await.unwrap();
    let stored = Groups::find(&house.store, TENANT, inner.id).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.modified), (2, later));
    assert_eq!(Groups::find(&house.store, TENANT, outer.id).await.unwrap().unwrap().version, 1);
    let members = Groups::members(&house.store, TENANT, &[inner.id, outer.id]).await.unwrap();
    assert_eq!(members.iter().map(|(_, member)| member.id).collect::<Vec<_>>(), [MemberId::User(bob.id), MemberId::Group(inner.id)]);
    Groups::commit(&house.store, &GroupWrite::Delete { tenant: TENANT, group: inner.id, expected: None, now: later }).await.unwrap();
    let stored = Groups::find(&house.store, TENANT, outer.id).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.modified), (2, later));
    assert!(house.user(&bob).await.unwrap().groups.is_empty());
    assert!(house.group_names("members pr").await.is_empty());
}

async fn the_groups_of_tenants_are_apart(on: Backend) {
    let house = House::new(on).await;
    let other = TenantId::from_uuid(uuid::Uuid::from_u128(7));
    let stranger = User { tenant: other, ..super::user(json!({"userName": "ann"})) };
    house.write(&Write::Insert(stranger.clone())).await.unwrap();
    let theirs = Group { tenant: other, ..group(json!({"displayName": "theirs"})) };
    Groups::commit(&house.store, &GroupWrite::Insert(theirs.clone(), listed(&[MemberId::User(stranger.id)]))).await.unwrap();
    for id in [MemberId::User(stranger.id), MemberId::Group(theirs.id), MemberId::User(UserId::from_uuid(theirs.id.as_uuid()))] {
        let refused = Groups::commit(&house.store, &GroupWrite::Insert(group(json!({"displayName": "ours"})), listed(&[id]))).await;
        assert!(matches!(&refused, Err(CommitError::NoSuchMember(named)) if *named == id.to_string()), "{refused:?}");
    }
    assert!(house.group_names("").await.is_empty() && Groups::find(&house.store, TENANT, theirs.id).await.unwrap().is_none());
    let known = Groups::known(&house.store, other, &[theirs.id.as_uuid(), uuid::Uuid::from_u128(9), stranger.id.as_uuid()]).await.unwrap();
    assert_eq!(known, [MemberId::User(stranger.id), MemberId::Group(theirs.id)]);
    assert!(Groups::known(&house.store, TENANT, &[theirs.id.as_uuid()]).await.unwrap().is_empty());
    house.store.purge(other).await.unwrap();
    assert!(Groups::members(&house.store, other, &[theirs.id]).await.unwrap().is_empty());
}

rekey_testing::on_both_databases![
    a_group_is_created_changed_found_and_deleted,
    users_see_direct_and_indirect_groups_at_once_and_circles_end,
    whoever_goes_leaves_its_groups_which_change,
    the_groups_of_tenants_are_apart,
];
