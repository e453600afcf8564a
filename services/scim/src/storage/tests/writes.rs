//! What writing users does to the columns and rows that they are found by.

use rekey_testing::Backend;
use serde_json::json;

use super::{House, TENANT, now, object, user};
use crate::{
    domain::User,
    ports::{CommitError, Store, Write},
};

async fn a_changed_user_is_found_by_what_it_has_become(on: Backend) {
    let house = House::new(on).await;
    let before = house.add(json!({"userName": "a", "title": "old", "displayName": "A", "emails": [{"value": "old@x.org", "type": "work"}]})).await;
    let profile = json!({"userName": "a", "nickName": "new", "displayName": "A", "emails": [{"value": "new@x.org", "type": "home"}, {"value": "c@x.org"}]});
    let after = User { profile: object(profile), version: 2, ..before.clone() };
    house.write(&Write::Update { user: after.clone(), before: Box::new(before.clone()) }).await.unwrap();
    assert_eq!(house.user(&after).await, Some(after));
    for gone in ["title pr", r#"emails eq "old@x.org""#, r#"emails[type eq "home" and value sw "old"]"#, r#"emails.type eq "work""#] {
        assert!(house.names(gone).await.is_empty(), "{gone}");
    }
    for there in [r#"nickName eq "NEW""#, r#"displayName eq "a""#, r#"emails[type eq "home" and value eq "NEW@x.org"]"#, r#"emails eq "c@x.org""#] {
        assert_eq!(house.names(there).await, ["a"], "{there}");
    }
}

async fn only_one_of_two_changes_of_the_same_version_happens(on: Backend) {
    let house = House::new(on).await;
    let before = house.add(json!({"userName": "a"})).await;
    let change = |title: &str| {
        let user = User { profile: object(json!({"userName": "a", "title": title})), version: 2, ..before.clone() };
        Write::Update { user, before: Box::new(before.clone()) }
    };
    house.write(&change("first")).await.unwrap();
    assert!(matches!(house.write(&change("second")).await, Err(CommitError::Overtaken)));
    assert_eq!(house.names(r#"title eq "first""#).await, ["a"]);
}

async fn names_are_taken_whatever_their_case(on: Backend) {
    let house = House::new(on).await;
    house.add(json!({"userName": "Älice"})).await;
    let bob = house.add(json!({"userName": "bob"})).await;
    assert!(matches!(house.write(&Write::Insert(user(json!({"userName": "äLICE"})))).await, Err(CommitError::UserNameTaken)));
    let renamed = User { profile: object(json!({"userName": "ÄLICE"})), version: 2, ..bob.clone() };
    assert!(matches!(house.write(&Write::Update { user: renamed, before: Box::new(bob) }).await, Err(CommitError::UserNameTaken)));
}

async fn a_user_that_goes_leaves_no_trace(on: Backend) {
    let house = House::new(on).await;
    let profile = json!({"userName": "a", "emails": [{"value": "a@x.org"}], "roles": [{"value": "admin"}]});
    let one = house.add(profile.clone()).await;
    let stale = Write::Delete { tenant: TENANT, user: one.id, expected: 7, now: now() };
    assert!(matches!(house.write(&stale).await, Err(CommitError::Overtaken)));
    house.write(&Write::Delete { tenant: TENANT, user: one.id, expected: 1, now: now() }).await.unwrap();
    assert_eq!(house.user(&one).await, None);
    house.write(&Write::Insert(User { profile: object(profile), ..one })).await.unwrap();
    assert_eq!(house.names(r#"emails eq "a@x.org" and roles eq "ADMIN""#).await, ["a"]);
    house.store.purge(TENANT).await.unwrap();
    house.add(json!({"userName": "a"})).await;
    assert!(house.names("emails pr").await.is_empty());
}

async fn what_no_index_can_take_is_refused_by_its_name(on: Backend) {
    let house = House::new(on).await;
    let long = "ß".repeat(513);
    for (profile, attribute) in [
        (json!({"userName": "a", "displayName": long}), "displayName"),
        (json!({"userName": "a", "name": {"familyName": long}}), "name.familyName"),
        (json!({"userName": "a", "emails": [{"value": "x"}, {"value": long}]}), "emails.value"),
    ] {
        let refused = house.write(&Write::Insert(user(profile))).await;
        assert!(matches!(&refused, Err(CommitError::Refused(failure)) if failure.detail.contains(attribute)), "{refused:?}");
    }
    // Other texts have no limit, and four-byte characters fit as well.
    let widest =
        json!({"userName": "a", "title": long, "displayName": "\u{10FFFF}".repeat(512), "emails": [{"value": "\u{10FFFF}".repeat(512), "display": long}]});
    house.add(widest).await;
    for attribute in ["displayName", "emails"] {
        assert_eq!(house.names(&format!(r#"{attribute} eq "{}""#, "\u{10FFFF}".repeat(512))).await.len(), 1, "{attribute}");
    }
}

rekey_testing::on_both_databases![
    a_changed_user_is_found_by_what_it_has_become,
    only_one_of_two_changes_of_the_same_version_happens,
    names_are_taken_whatever_their_case,
    a_user_that_goes_leaves_no_trace,
    what_no_index_can_take_is_refused_by_its_name,
];
