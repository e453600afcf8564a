//! What a GET has shown, sent back: it lets nobody in, and orders nothing.

use rekey_kernel::{Kind, Method, UserId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};
use std::time::Duration;

use super::{House, account, admin};
use crate::app::{Resource, View};

async fn put(house: &House, id: UserId, body: &Value) -> Result<Resource, rekey_kernel::Failure> {
    house.users.replace(&admin(), &id.to_string(), body.to_string().as_bytes(), "", &View::default()).await
}

/// Alice, with a reset under way that has options of its own.
async fn with_a_reset(house: &House) -> UserId {
    house.settings.enable(&[Method::Link, Method::Otp]);
    let id = house.alice().await;
    let options = json!({"methods": ["otp"], "reason": "leak", "expiresAt": "2026-11-24T07:00:00Z"});
    house.patch(id, json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: options}}])).await.unwrap();
    id
}

/// The document of a GET, and the trigger in it.
async fn with_the_trigger(house: &House, id: UserId) -> Value {
    let mut document = Value::Object(house.get(id).await.json);
    document[urn::WSO2]["forcePasswordReset"] = json!(true);
    document
}

async fn an_active_that_is_taken_away_lets_nobody_in(on: Backend) {
    let house = House::new(on).await;
    let bob = house.create(&json!({"userName": "bob", "active": false})).await;
    for operations in [
        json!([{"op": "remove", "path": "active"}]),
        json!([{"op": "replace", "path": "active", "value": null}]),
        json!([{"op": "add", "path": "active", "value": null}]),
        json!([{"op": "replace", "value": {"active": null}}]),
    ] {
        let after = house.patch(bob, operations.clone()).await.unwrap();
        assert!(after.json.get("active").is_none() || operations[0]["op"] == "add", "{operations}");
        assert_eq!(account(&after, "accountState"), json!("DISABLED"), "{operations}");
        house.patch(bob, json!([{"op": "add", "path": "active", "value": false}])).await.unwrap();
    }
    let renamed = house.patch(bob, json!([{"op": "replace", "value": {"active": null, "title": "Dr"}}])).await.unwrap();
    assert_eq!((renamed.json.get("active"), account(&renamed, "accountState")), (None, json!("DISABLED")));
    let active = house.patch(bob, json!([{"op": "replace", "path": "active", "value": true}])).await.unwrap();
    assert_eq!((&active.json["active"], account(&active, "accountState")), (&json!(true), json!("UNLOCKED")));
}

async fn what_a_get_has_shown_orders_a_reset_like_any_other(on: Backend) {
    let expected = (json!(["link", "otp"]), Value::Null, json!("2026-11-25T06:00:00Z"));
    for by_put in [true, false] {
        let house = House::new(on).await;
        let id = with_a_reset(&house).await;
        let echoed = with_the_trigger(&house, id).await;
        let new = if by_put { put(&house, id, &echoed).await } else { house.patch(id, json!([{"op": "replace", "value": echoed}])).await }.unwrap();
        let reset = &new.json[urn::RESET];
        assert_eq!((reset["methods"].clone(), reset["reason"].clone(), reset["expiresAt"].clone()), expected, "nothing is left of the old reset");
        assert_ne!(reset["resetId"], echoed[urn::RESET]["resetId"]);
    }
}

async fn options_that_an_operation_of_their_own_gives_are_meant(on: Backend) {
    let path = json!({"op": "replace", "path": format!("{}:reason", urn::RESET), "value": "leak"});
    let value = json!({"op": "add", "value": {urn::RESET: {"reason": "leak"}}});
    for options in [path, value] {
        let house = House::new(on).await;
        let id = with_a_reset(&house).await;
        house.clock.advance(Duration::from_hours(2));
        let shown = with_the_trigger(&house, id).await;
        let new = house.patch(id, json!([{"op": "replace", "value": shown}, options])).await.unwrap();
        let reset = &new.json[urn::RESET];
        assert_eq!((&reset["reason"], &reset["methods"]), (&json!("leak"), &json!(["link", "otp"])), "{options}");
        assert_eq!(reset["expiresAt"], json!("2026-11-25T08:00:00Z"), "the old one's time is up");
    }
}

async fn what_cannot_be_told_from_what_was_shown_is_asked_again(on: Backend) {
    let house = House::new(on).await;
    let id = with_a_reset(&house).await;
    let mut echoed = with_the_trigger(&house, id).await;
    echoed[urn::RESET]["methods"] = json!(["link"]);
    house.accounts.goes_down(&["states"]);
    assert!(put(&house, id, &echoed).await.unwrap_err().is(Kind::Unavailable));
    assert!(house.patch(id, json!([{"op": "replace", "value": echoed}])).await.unwrap_err().is(Kind::Unavailable));
    house.accounts.goes_down(&[]);
    assert_eq!(put(&house, id, &echoed).await.unwrap().json[urn::RESET]["methods"], json!(["link"]));
}

async fn a_put_of_a_reset_whose_time_is_up_begins_another(on: Backend) {
    let house = House::new(on).await;
    let id = with_a_reset(&house).await;
    house.clock.advance(Duration::from_hours(2));
    let mut echoed = with_the_trigger(&house, id).await;
    echoed[urn::RESET]["reason"] = json!("again");
    let new = put(&house, id, &echoed).await.unwrap();
    assert_eq!((&new.json[urn::RESET]["reason"], &new.json[urn::RESET]["expiresAt"]), (&json!("again"), &json!("2026-11-25T08:00:00Z")));
}

async fn options_that_a_put_was_given_stand_however_often_it_is_sent(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[Method::Link, Method::Otp]);
    let id = house.alice().await;
    let body = json!({"userName": "alice", "emails": [{"value": "alice@example.com"}], urn::WSO2: {"forcePasswordReset": true}, urn::RESET: {"methods": ["otp"], "reason": "leak", "expiresAt": "2026-11-24T07:00:00Z"}});
    for _ in 0..2 {
        let answer = put(&house, id, &body).await.unwrap();
        assert_eq!((&answer.json[urn::RESET]["methods"], &answer.json[urn::RESET]["reason"]), (&json!(["otp"]), &json!("leak")));
    }
    let past = json!({"userName": "alice", urn::WSO2: {"forcePasswordReset": true}, urn::RESET: {"expiresAt": "2020-01-01T00:00:00Z"}});
    assert!(put(&house, id, &past).await.unwrap_err().detail.contains("past"));
}

async fn a_patch_of_the_whole_document_orders_nothing(on: Backend) {
    let house = House::new(on).await;
    let id = with_a_reset(&house).await;
    let shown = house.get(id).await;
    for verb in ["add", "replace"] {
        assert_eq!(house.patch(id, json!([{"op": verb, "value": shown.json}])).await.unwrap(), shown, "{verb}");
    }
    for operation in [
        json!({"op": "replace", "path": format!("{}:reason", urn::RESET), "value": "x"}),
        json!({"op": "replace", "path": urn::RESET, "value": {"reason": "x"}}),
    ] {
        let failure = house.patch(id, json!([operation])).await.unwrap_err();
        assert!(failure.is(Kind::Invalid) && failure.detail.contains("forcePasswordReset"), "{operation}: {failure}");
    }
    assert_eq!(house.get(id).await, shown);
}

async fn an_address_that_is_none_is_told_from_one_that_is_missing(on: Backend) {
    let house = House::new(on).await;
    let refused = async |name: &str, emails: Value| {
        let id = house.create(&json!({"userName": name, "emails": emails})).await;
        house.trigger(id).await.unwrap_err().detail
    };
    assert!(refused("bob", json!([{"type": "work"}])).await.starts_with("the user has no e-mail address"));
    assert!(refused("carol", json!([{"value": "carol at home"}])).await.contains("none that mail can be sent to"));
    let dave = house.create(&json!({"userName": "dave", "emails": [{"type": "work", "primary": true}, {"value": "dave@example.com"}]})).await;
    assert!(house.trigger(dave).await.is_ok());
}

async fn a_groups_name_may_be_as_long_as_the_schema_says(on: Backend) {
    let house = House::new(on).await;
    let group = house.create_group(&json!({"displayName": "x".repeat(512)})).await;
    let longer = json!([{"op": "replace", "path": "displayName", "value": "x".repeat(513)}]);
    assert!(house.patch_group(group.id, longer).await.unwrap_err().detail.contains("512"));
    let widest = json!([{"op": "replace", "path": "displayName", "value": "\u{10FFFD}".repeat(512)}]);
    assert!(house.patch_group(group.id, widest).await.is_ok(), "an index holds it");
    assert_eq!(house.group(group.id).await.json["displayName"], json!("\u{10FFFD}".repeat(512)));
}

rekey_testing::on_both_databases![
    an_active_that_is_taken_away_lets_nobody_in,
    what_a_get_has_shown_orders_a_reset_like_any_other,
    options_that_an_operation_of_their_own_gives_are_meant,
    what_cannot_be_told_from_what_was_shown_is_asked_again,
    a_put_of_a_reset_whose_time_is_up_begins_another,
    options_that_a_put_was_given_stand_however_often_it_is_sent,
    a_patch_of_the_whole_document_orders_nothing,
    an_address_that_is_none_is_told_from_one_that_is_missing,
    a_groups_name_may_be_as_long_as_the_schema_says,
];
