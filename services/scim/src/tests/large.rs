//! Groups with more members than an answer can hold.

use rekey_testing::Backend;
use serde_json::json;
use std::time::Duration;

use super::{
    House, admin, at, document, each,
    groups::{BASE, members},
};
use crate::app::{Listing, View};

async fn more_members_than_an_answer_holds_are_no_defect(on: Backend) {
    let house = House::new(on).await;
    let alice = house.alice().await.to_string();
    let group = house.create_group(&json!({"displayName": "G"})).await;
    let id = group.id.to_string();
    // A long `display` stands for very many members.
    let add = json!([{"op": "add", "path": "members", "value": [{"value": alice, "display": "x".repeat(12_000_000)}]}]);
    let changed = house.patch_group(group.id, add).await.unwrap();
    assert_eq!((changed.json.get("members"), changed.version.as_str()), (None, "W/\"2\""), "the change is done, and said to be");
    let without = View { excluded: vec!["members".into()], ..View::default() };
    for refused in [house.groups.get(&admin(), &id, &at(BASE)).await.err(), house.groups.list(&admin(), &Listing::default(), &at(BASE)).await.err()] {
        let failure = refused.unwrap();
        assert!(failure.reason == "tooMany" && failure.detail.contains("excludedAttributes") && failure.detail.contains(&id), "{failure}");
    }
    assert_eq!(house.groups.get(&admin(), &id, &without).await.unwrap().version, changed.version);
    assert_eq!(house.groups.list(&admin(), &Listing::default(), &without).await.unwrap().total, 1);
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
    house.patch_group(second, json!([{"op": "add", "path": "members", "value": [{"value": alice, "display": "x".repeat(12_000_000)}]}])).await.unwrap();
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
    a_patch_does_not_answer_with_very_many_members_unless_they_are_asked_for,
    a_page_ends_before_a_group_that_no_answer_holds
];
