//! Lists by index, and what they show.

use rekey_kernel::{Kind, TenantId, UserId};
use rekey_scim_protocol::{fold, urn};
use rekey_testing::Backend;
use serde_json::{Value, json};
use std::time::Duration;

use super::{House, account, admin, at, document, each, filtered, now};
use crate::{
    app::{Listing, View},
    ports::{Store, Write},
};

/// Users of these names, one made after another.
pub(super) async fn people(house: &House, names: &[&str]) {
    for name in names {
        house.create(&json!({ "userName": name, "emails": [{"value": format!("{name}@example.com")}] })).await;
        house.clock.advance(Duration::from_secs(1));
    }
}

async fn pages_begin_at_one(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b", "c"]).await;
    let page = async |start_index, count| house.list(&Listing { start_index, count, ..Listing::default() }).await;
    assert_eq!(each(&page(Some(2), Some(1)).await, "userName"), [json!("b")]);
    assert_eq!(each(&page(Some(-5), Some(2)).await, "userName"), [json!("a"), json!("b")]);
    assert_eq!(page(Some(i64::MIN), None).await["startIndex"], json!(1));
    for (start, count) in [(Some(9), None), (Some(i64::MAX), None), (None, Some(0)), (None, Some(-1))] {
        let list = page(start, count).await;
        assert_eq!((each(&list, "id").len(), &list["totalResults"], &list["itemsPerPage"]), (0, &json!(3), &json!(0)), "{start:?} {count:?}");
    }
    assert_eq!(page(None, Some(i64::MAX)).await["itemsPerPage"], json!(3));
}

async fn a_page_ends_before_it_is_too_large_for_a_message(on: Backend) {
    let house = House::new(on).await;
    for name in ["a", "b", "c", "d"] {
        house.create(&json!({ "userName": name, "nickName": "x".repeat(900_000) })).await;
        house.clock.advance(Duration::from_secs(1));
    }
    let first = house.list(&Listing::default()).await;
    assert_eq!((each(&first, "userName").len(), &first["totalResults"], &first["itemsPerPage"]), (3, &json!(4), &json!(3)));
    let rest = house.list(&Listing { start_index: Some(4), ..Listing::default() }).await;
    assert_eq!(each(&rest, "userName"), [json!("d")]);
    let by_cursor = house.list(&Listing { cursor: Some(String::new()), ..Listing::default() }).await;
    let next = by_cursor["nextCursor"].as_str().map(str::to_owned);
    assert_eq!(
        (each(&by_cursor, "userName").len(), each(&house.list(&Listing { cursor: next, ..Listing::default() }).await, "userName")),
        (3, vec![json!("d")])
    );
}

async fn a_list_shows_what_reading_each_shows(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b", "c"]).await;
    let ids = each(&house.list(&Listing::default()).await, "id");
    let id = |n: usize| ids[n].as_str().unwrap().to_owned();
    house.create_group(&json!({"displayName": "Staff", "members": [{"value": id(0)}]})).await;
    house.trigger(id(1).parse().unwrap()).await.unwrap();
    let asked = house.accounts.states_asked();
    let list = document(&house.users.list(&admin(), &Listing::default(), &at("https://x/scim2")).await.unwrap());
    assert_eq!(house.accounts.states_asked(), asked + 1, "one question for the whole page");
    for (n, shown) in list["Resources"].as_array().unwrap().iter().enumerate() {
        let read = house.users.get(&admin(), &id(n), &at("https://x/scim2")).await.unwrap();
        assert_eq!((shown, &shown["meta"]["version"]), (&Value::Object(read.json), &json!(read.version)));
    }
    assert_eq!(list["Resources"][0]["groups"][0]["display"], json!("Staff"));
    assert_eq!(list["Resources"][1][urn::RESET]["state"], json!("pending"));
}

async fn what_is_not_shown_is_not_looked_up(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    let asked = house.accounts.states_asked();
    let view = View { attributes: vec!["userName".to_owned()], ..View::default() };
    let list = document(&house.users.list(&admin(), &Listing::default(), &view).await.unwrap());
    assert_eq!((house.accounts.states_asked(), each(&list, "userName")), (asked, vec![json!("alice")]));
    assert!(list["Resources"][0].get("meta").is_none() && list["Resources"][0].get(urn::WSO2).is_none());
}

async fn while_authentication_is_away_lists_show_the_projections(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.accounts.goes_down(&["states"]);
    let list = house.list(&Listing::default()).await;
    assert_eq!((&list["Resources"][0][urn::WSO2]["accountState"], list["Resources"][0].get(urn::RESET)), (&json!("PENDING_FUPR"), None));
}

async fn a_list_that_learns_of_a_newer_state_shows_it(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.accounts.complete(id);
    let list = house.list(&filtered("userName eq \"alice\"")).await;
    assert_eq!(list["Resources"][0][urn::WSO2]["accountState"], json!("UNLOCKED"));
    assert_eq!((account(&house.get(id).await, "accountState"), &list["Resources"][0]["meta"]["version"]), (json!("UNLOCKED"), &json!("W/\"3\"")));
}

async fn a_user_that_is_deleted_meanwhile_is_left_out_of_a_list(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b", "c"]).await;
    let id: UserId = each(&house.list(&filtered("userName eq \"b\"")).await, "id")[0].as_str().unwrap().parse().unwrap();
    house.trigger(id).await.unwrap();
    house.accounts.complete(id);
    let (shut, asked) = (house.accounts.shut_the_window().await, house.accounts.states_asked());
    let users = house.users.clone();
    let by_cursor = Listing { cursor: Some(String::new()), count: Some(2), ..Listing::default() };
    let first = tokio::spawn(async move { users.list(&admin(), &by_cursor, &View::default()).await });
    while house.accounts.states_asked() == asked {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let gone = Write::Delete { tenant: TenantId::DEFAULT, user: id, expected: house.version(id).await, now: now(&house) };
    house.store.commit(&gone, None).await.unwrap();
    drop(shut);
    let first = document(&first.await.unwrap().unwrap());
    assert_eq!(each(&first, "userName"), ["a"]);
    let next = Listing { cursor: first["nextCursor"].as_str().map(str::to_owned), ..Listing::default() };
    assert_eq!(each(&house.list(&next).await, "userName"), ["c"]);
}

async fn lists_are_sorted_and_filtered(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["bob", "Alice", "carol"]).await;
    let sorted = async |sort_order: &str| {
        let listing = Listing { filter: "userName ne \"nobody\"".into(), sort_by: "USERNAME".into(), sort_order: sort_order.into(), ..Listing::default() };
        each(&house.list(&listing).await, "userName")
    };
    assert_eq!(sorted("").await, [json!("Alice"), json!("bob"), json!("carol")]);
    assert_eq!(sorted("descending").await, [json!("carol"), json!("bob"), json!("Alice")]);
    let found = house.list(&filtered("emails[value ew \"@EXAMPLE.com\"] and not (userName sw \"c\")")).await;
    assert_eq!((&found["totalResults"], each(&found, "userName")), (&json!(2), vec![json!("bob"), json!("Alice")]));
}

async fn what_cannot_be_asked_is_refused_and_says_why(on: Backend) {
    let house = House::new(on).await;
    let refused = async |listing: Listing| {
        let failure = house.users.list(&admin(), &listing, &View::default()).await.unwrap_err();
        assert!(failure.is(Kind::Invalid), "{listing:?}: {failure}");
        failure.reason.into_owned()
    };
    assert_eq!(refused(filtered("nothing pr")).await, "invalidFilter");
    assert_eq!(refused(filtered("members pr")).await, "invalidFilter");
    assert_eq!(refused(filtered("userName eq")).await, "invalidFilter");
    assert_eq!(refused(filtered("urn:scim:wso2:schema:oneTimePassword pr")).await, "invalidFilter");
    assert_eq!(refused(Listing { sort_by: "nothing".into(), ..Listing::default() }).await, "invalidValue");
    assert_eq!(refused(Listing { sort_by: "userName".into(), sort_order: "upwards".into(), ..Listing::default() }).await, "invalidValue");
}

/// The protocol's crate may not depend on ours, so each has its own way to fold text.
#[test]
fn the_protocol_and_we_fold_text_alike() {
    for text in ["Alice", "ÄÖÜß", "Ａｌｉｃｅ", "İstanbul", "ﬁ", "ΣΑΣ", "e\u{301}", "\u{1F88}", "x\u{0}"] {
        assert_eq!(fold(text), rekey_kernel::text::fold(text), "{text}");
    }
}

rekey_testing::on_both_databases![
    pages_begin_at_one,
    a_page_ends_before_it_is_too_large_for_a_message,
    a_list_shows_what_reading_each_shows,
    what_is_not_shown_is_not_looked_up,
    while_authentication_is_away_lists_show_the_projections,
    a_list_that_learns_of_a_newer_state_shows_it,
    a_user_that_is_deleted_meanwhile_is_left_out_of_a_list,
    lists_are_sorted_and_filtered,
    what_cannot_be_asked_is_refused_and_says_why,
];
