//! What would be more than an answer can hold: groups with very many members, users with very many groups, and profiles without end.

use rekey_kernel::{Caller, Kind};
use rekey_testing::Backend;
use serde_json::json;
use std::time::Duration;

use super::{
    House, admin, at, caller, document, each, filtered,
    groups::{BASE, members, put},
};
use crate::app::{Listing, View};

async fn more_members_than_an_answer_holds_are_no_defect(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G", "members": [{"value": alice, "display": "x"}]})).await;
    let id = group.id.to_string();
    // A long `display`, of which none can be stored any more, stands for very many members.
    house.rewrite("group_members", "display", "\u{1}".repeat(2_000_000)).await;
    let changed = house.patch_group(group.id, json!([{"op": "add", "path": "externalId", "value": "e"}])).await.unwrap();
    assert_eq!((changed.json.get("members"), changed.version.as_str()), (None, "W/\"2\""), "the change is done, and said to be");
    let without = View { excluded: vec!["members".into()], ..View::default() };
    for refused in [house.groups.get(&admin(), &id, &at(BASE)).await.err(), house.groups.list(&admin(), &Listing::default(), &at(BASE)).await.err()] {
        let failure = refused.unwrap();
        assert!(failure.reason == "tooMany" && failure.detail.contains("excludedAttributes") && failure.detail.contains(&id), "{failure}");
    }
    assert_eq!(house.groups.get(&admin(), &id, &without).await.unwrap().version, changed.version);
    assert_eq!(house.groups.list(&admin(), &Listing::default(), &without).await.unwrap().total, 1);
}

async fn more_groups_than_an_answer_holds_are_no_defect(on: Backend) {
    let house = House::new(on).await;
    let (first, alice) = (house.create(&json!({"userName": "aaron"})).await, house.alice().await);
    house.create_group(&json!({"displayName": "G", "members": [{"value": alice.to_string()}]})).await;
    // A long name, of which none can be stored, stands for very many groups.
    house.rewrite("groups", "display_name", "\u{1}".repeat(2_000_000)).await;
    let (id, oneself) = (alice.to_string(), Caller { user: Some(alice), ..admin() });
    let alone = filtered("userName eq \"alice\"");
    for refused in [
        house.users.get(&admin(), &id, &at(BASE)).await.err(),
        house.users.me(&oneself, &at(BASE)).await.err(),
        house.users.list(&admin(), &alone, &at(BASE)).await.err(),
    ] {
        let failure = refused.unwrap();
        assert!(failure.reason == "tooMany" && failure.detail.contains("excludedAttributes=groups") && failure.detail.contains(&id), "{failure}");
    }
    let all = document(&house.users.list(&admin(), &Listing { sort_by: "userName".into(), ..Listing::default() }, &at(BASE)).await.unwrap());
    assert_eq!((each(&all, "id"), &all["totalResults"]), (vec![json!(first.to_string())], &json!(2)), "the page ends before it");
    let changed = house.patch(alice, json!([{"op": "add", "path": "title", "value": "Dr"}])).await.unwrap();
    assert_eq!((changed.json.get("groups"), &changed.json["title"]), (None, &json!("Dr")), "the change is done, and said to be");
    let without = View { excluded: vec!["groups".into()], ..at(BASE) };
    assert_eq!(house.users.get(&admin(), &id, &without).await.unwrap().version, changed.version);
    assert_eq!(house.users.list(&admin(), &alone, &without).await.unwrap().resources.len(), 1);
}

async fn a_profile_that_grows_by_patches_ends_at_a_mebibyte(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let caller = Caller { user: Some(id), ..caller(&[]) };
    let add = |text: &str| json!({"Operations": [{"op": "add", "path": "addresses", "value": [{"streetAddress": text}]}]}).to_string();
    let grow = async |text: String| house.users.patch_me(&caller, add(&text).as_bytes(), "", &View::default()).await;
    grow("x".repeat(900_000)).await.unwrap();
    let before = house.get(id).await;
    let failure = grow("y".repeat(900_000)).await.unwrap_err();
    assert!(failure.is(Kind::Invalid) && failure.reason == "invalidValue" && failure.detail.contains("1048576"), "{failure}");
    assert_eq!(house.get(id).await, before);
    grow("z".repeat(1_000)).await.unwrap();
    assert_eq!(house.list(&Listing::default()).await["totalResults"], json!(1));
}

async fn no_verb_stores_a_profile_of_more_than_a_mebibyte(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let large = |name: &str| json!({"userName": name, "displayName": "L", "nickName": "x".repeat(1 << 20), "password": "correct horse battery"}).to_string();
    let post = house.users.create(&admin(), large("bob").as_bytes(), &View::default()).await;
    let put = house.users.replace(&admin(), &id.to_string(), large("alice").as_bytes(), "", &View::default()).await;
    for failure in [post.unwrap_err(), put.unwrap_err()] {
        assert!(failure.reason == "invalidValue" && failure.detail.contains("1048576"), "{failure}");
    }
    let operations = json!([{"op": "add", "path": "title", "value": "x".repeat(1 << 20)}]);
    let bulk = json!({"Operations": [{"method": "PATCH", "path": format!("/Users/{id}"), "data": {"Operations": operations}}]}).to_string();
    let answer = house.bulk().run(&admin(), bulk.as_bytes(), BASE).await.unwrap();
    assert_eq!((&answer["Operations"][0]["status"], &answer["Operations"][0]["response"]["scimType"]), (&json!("400"), &json!("invalidValue")));
    assert_eq!((house.version(id).await, house.accounts.held(), house.list(&Listing::default()).await["totalResults"].clone()), (1, 0, json!(1)));
}

async fn a_member_is_shown_by_five_hundred_and_twelve_characters_at_most(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let member = |length: usize| json!([{"value": alice, "display": "ä".repeat(length)}]);
    let body = json!({"displayName": "G", "members": member(513)}).to_string();
    let post = house.groups.create(&admin(), body.as_bytes(), &at(BASE)).await.unwrap_err();
    let group = house.create_group(&json!({"displayName": "G", "members": member(512)})).await;
    let put = put(&house, group.id, &json!({"displayName": "G", "members": member(513)}), "").await.unwrap_err();
    let add = house.patch_group(group.id, json!([{"op": "add", "path": "members", "value": member(513)}])).await.unwrap_err();
    let path = format!("members[value eq \"{alice}\"].display");
    let replace = house.patch_group(group.id, json!([{"op": "replace", "path": path, "value": "x".repeat(513)}])).await.unwrap_err();
    for failure in [post, put, add, replace] {
        assert!(failure.reason == "invalidValue" && failure.detail.contains("`members.display`") && failure.detail.contains("512"), "{failure}");
    }
    assert_eq!(house.group(group.id).await, group);
}

async fn a_patch_does_not_answer_with_very_many_members_unless_they_are_asked_for(on: Backend) {
    let house = House::new(on).await;
    let mut named = Vec::new();
    for n in 0..1_001 {
        named.push(json!({ "value": house.create_group(&json!({ "displayName": n.to_string() })).await.id.to_string() }));
    }
    let last = named.pop().unwrap();
    let group = house.create_group(&json!({"displayName": "G", "members": named})).await;
    let few = house.patch_group(group.id, json!([{"op": "add", "path": "externalId", "value": "a thousand"}])).await.unwrap();
    assert_eq!((members(&few).len(), few.version.as_str()), (1_000, "W/\"2\""));
    let many = house.patch_group(group.id, json!([{"op": "add", "path": "members", "value": [last]}])).await.unwrap();
    assert!(many.json.is_empty() && many.version == "W/\"3\"" && many.location == group.location, "{many:?}");
    let body = json!({"Operations": [{"op": "add", "path": "externalId", "value": "more"}]}).to_string();
    let asked = View { attributes: vec!["members".into()], ..at(BASE) };
    let id = group.id.to_string();
    assert_eq!(members(&house.groups.patch(&admin(), &id, body.as_bytes(), "", &asked).await.unwrap()).len(), 1_001);
    let without = View { excluded: vec!["members".into()], ..at(BASE) };
    let shown = house.groups.patch(&admin(), &id, body.as_bytes(), "", &without).await.unwrap();
    assert_eq!((&shown.json["externalId"], members(&shown).len()), (&json!("more"), 0));
}

async fn a_page_ends_before_a_group_that_no_answer_holds(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    for name in ["A", "B", "C"] {
        house.create_group(&json!({ "displayName": name })).await;
        house.clock.advance(Duration::from_secs(1));
    }
    let groups = document(&house.groups.list(&admin(), &Listing::default(), &View::default()).await.unwrap());
    let second = groups["Resources"][1]["id"].as_str().unwrap().parse().unwrap();
    house.patch_group(second, json!([{"op": "add", "path": "members", "value": [{"value": alice, "display": "x"}]}])).await.unwrap();
    house.rewrite("group_members", "display", "x".repeat(12_000_000)).await;
    let names = async |listing: Listing| house.groups.list(&admin(), &listing, &at(BASE)).await.map(|page| each(&document(&page), "displayName"));
    assert_eq!(names(Listing::default()).await.unwrap(), ["A"]);
    assert_eq!(names(Listing { start_index: Some(2), ..Listing::default() }).await.unwrap_err().reason, "tooMany");
    assert_eq!(names(Listing { start_index: Some(3), ..Listing::default() }).await.unwrap(), ["C"]);
    let first = house.groups.list(&admin(), &Listing { cursor: Some(String::new()), ..Listing::default() }, &at(BASE)).await.unwrap();
    let rest = Listing { cursor: first.next_cursor, ..Listing::default() };
    assert_eq!(names(rest.clone()).await.unwrap_err().reason, "tooMany");
    let without = View { excluded: vec!["members".into()], ..View::default() };
    assert_eq!(each(&document(&house.groups.list(&admin(), &rest, &without).await.unwrap()), "displayName"), ["B", "C"]);
    let root = house.search().run(&admin(), &Listing::default(), &at(BASE)).await.unwrap();
    assert_eq!((root.resources.len(), root.total), (2, 4), "the user and the first group");
}

rekey_testing::on_both_databases![
    more_members_than_an_answer_holds_are_no_defect,
    more_groups_than_an_answer_holds_are_no_defect,
    a_profile_that_grows_by_patches_ends_at_a_mebibyte,
    no_verb_stores_a_profile_of_more_than_a_mebibyte,
    a_member_is_shown_by_five_hundred_and_twelve_characters_at_most,
    a_patch_does_not_answer_with_very_many_members_unless_they_are_asked_for,
    a_page_ends_before_a_group_that_no_answer_holds
];
