//! What many ask for at the same time, and what is much: nobody has to wait for somebody else's search.

use rekey_kernel::Kind;
use rekey_runtime::database::Scan;
use rekey_scim_protocol::schema::USERS;
use rekey_testing::Backend;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

use super::{House, TENANT, query, user};
use crate::{
    domain::{Group, MemberChange, MemberId, Part, User},
    ports::{GroupWrite, Groups, Store},
    storage::tests::listed,
};

const GROUPS_THERE: usize = 60;
const USERS_THERE: usize = 300;

async fn users(house: &House) -> Vec<MemberId> {
    let transaction = house.database.begin().await.unwrap();
    let mut ids = Vec::new();
    for n in 0..USERS_THERE {
        let user = user(json!({ "userName": format!("user{n}") }));
        crate::storage::commit::insert(&transaction, &user).await.unwrap();
        ids.push(MemberId::User(user.id));
    }
    transaction.commit().await.unwrap();
    ids
}

/// Groups that all list each other. The users are in the first; every third is in the last as well.
async fn circle(house: &House) -> Vec<Group> {
    let users = users(house).await;
    let mut groups = Vec::new();
    for n in 0..GROUPS_THERE {
        groups.push(house.group(&format!("g{n}"), &[]).await);
    }
    let all: Vec<_> = groups.iter().map(|group| MemberId::Group(group.id)).collect();
    for (n, group) in groups.iter().enumerate() {
        let of_group: Vec<_> = match n {
            0 => all.iter().chain(&users).copied().collect(),
            _ if n == GROUPS_THERE - 1 => all.iter().chain(users.iter().step_by(3)).copied().collect(),
            _ => all.clone(),
        };
        let write = GroupWrite::Update { group: group.clone(), expected: None, members: Some(MemberChange::All(listed(&of_group))) };
        Groups::commit(&house.store, &write).await.unwrap();
    }
    groups
}

async fn circles_of_groups_cost_as_much_as_their_listings(on: Backend) {
    let house = House::new(on).await;
    let groups = circle(&house).await;
    let filter = format!(r#"groups.value eq "{}""#, groups[7].id);
    // With a way up from each user it would be hundreds of times as much: more than the ten seconds that a call has.
    let found = timeout(Duration::from_secs(10), house.found(&query(&USERS, &filter, "", Part::Offset(0), 1_000))).await;
    let page = found.expect("it takes a fraction of a second");
    assert_eq!(page.items.len(), USERS_THERE);
    for (n, user) in page.items.iter().enumerate() {
        let direct: Vec<_> = user.groups.iter().take_while(|group| group.direct).map(|group| group.display.as_str()).collect();
        assert_eq!(direct, if n % 3 == 0 { vec!["g0", "g59"] } else { vec!["g0"] });
        let indirect: Vec<_> = user.groups.iter().filter(|group| !group.direct).map(|group| group.group).collect();
        assert!(indirect.is_sorted() && indirect.len() + direct.len() == GROUPS_THERE, "{}", indirect.len());
    }
}

/// As many as may search at the same time.
async fn searching(house: &House) -> Vec<Scan> {
    let mut all = Vec::new();
    while let Ok(scan) = house.database.scan().await {
        all.push(scan);
    }
    all
}

async fn ann(on: Backend) -> (House, User) {
    let house = House::new(on).await;
    let ann = house.add(json!({"userName": "ann", "title": "x", "emails": [{"value": "a@x.org"}]})).await;
    (house, ann)
}

async fn who_looks_something_up_does_not_wait_for_those_who_search(on: Backend) {
    let (house, ann) = ann(on).await;
    let _searching = searching(&house).await;
    // Whoever waited for a lane would be refused after three seconds.
    assert_eq!(house.user(&ann).await.unwrap().id, ann.id);
    for (filter, sort) in [
        ("", ""),
        ("", "userName desc"),
        ("", "meta.lastModified"),
        (r#"userName eq "ann""#, "title"),
        (r#"userName sw "a""#, ""),
        (r#"emails eq "a@x.org" and (title ne "y" or addresses.locality co "z")"#, ""),
        (&format!(r#"id eq "{}" and title co "x""#, ann.id), "emails.type"),
    ] {
        assert_eq!(house.found(&query(&USERS, filter, sort, Part::Offset(0), 10)).await.total, 1, "{filter}");
    }
}

async fn who_searches_while_too_many_do_is_told_to_ask_again(on: Backend) {
    let (house, _) = ann(on).await;
    let searching = searching(&house).await;
    let refused = [
        (r#"title eq "x""#, ""),
        (r#"emails ne "y""#, ""),
        (r#"userName sw "a" and emails ne "y""#, ""),
        (r#"userName sw "a" and addresses.locality co "z""#, ""),
        (r#"not (userName eq "a")"#, ""),
        (r#"addresses.locality co "z""#, ""),
        ("", "title"),
    ]
    .map(|(filter, sort)| {
        let (store, query) = (house.store.clone(), query(&USERS, filter, sort, Part::Offset(0), 10));
        async move { Store::page(&store, TENANT, &query).await.unwrap_err() }
    });
    for refused in futures::future::join_all(refused).await {
        assert_eq!((refused.kind, refused.retry_after.is_some()), (Kind::Unavailable, true), "{refused:?}");
    }
    drop(searching);
    assert_eq!(house.names(r#"title eq "x""#).await, ["ann"]);
}

rekey_testing::on_both_databases![
    circles_of_groups_cost_as_much_as_their_listings,
    who_looks_something_up_does_not_wait_for_those_who_search,
    who_searches_while_too_many_do_is_told_to_ask_again,
];
