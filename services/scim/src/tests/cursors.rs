//! Lists by cursor (RFC 9865).

use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::{Caller, Kind, TenantId};
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, admin, document, each, lists::people};
use crate::app::{Listing, Users, View};

fn listing(cursor: &str, count: i64) -> Listing {
    Listing { cursor: Some(cursor.to_owned()), count: Some(count), ..Listing::default() }
}

fn next(list: &Value) -> Option<String> {
    list.get("nextCursor").map(|cursor| cursor.as_str().unwrap().to_owned())
}

/// All pages of a query, as names.
async fn walk(users: &Users, query: Listing) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor {
        let list = document(&users.list(&admin(), &Listing { cursor: Some(at), ..query.clone() }, &View::default()).await.unwrap());
        let names = each(&list, "userName");
        assert!(!names.is_empty() || seen.is_empty(), "no page but the first is empty");
        seen.extend(names);
        cursor = next(&list);
    }
    seen
}

async fn every_user_is_on_one_page(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["e", "d", "c", "b", "a"]).await;
    for count in 1..7 {
        let created = walk(&house.users, listing("", count)).await;
        assert_eq!(created, ["e", "d", "c", "b", "a"], "{count}");
        let sorted = Listing { sort_by: "userName".into(), ..listing("", count) };
        assert_eq!(walk(&house.users, sorted.clone()).await, ["a", "b", "c", "d", "e"], "{count}");
        let descending = Listing { sort_order: "descending".into(), filter: "userName ne \"c\"".into(), ..sorted };
        assert_eq!(walk(&house.users, descending).await, ["e", "d", "b", "a"], "{count}");
    }
    let list = house.list(&listing("", 2)).await;
    assert_eq!((&list["totalResults"], &list["itemsPerPage"], list.get("startIndex")), (&json!(5), &json!(2), None));
}

async fn those_without_the_value_are_seen_once_too(on: Backend) {
    let house = House::new(on).await;
    for (name, title) in [("a", Some("Z")), ("b", None), ("c", Some("y")), ("d", None)] {
        house.create(&json!({ "userName": name, "title": title })).await;
        house.clock.advance(std::time::Duration::from_secs(1));
    }
    let sorted = |order: &str| Listing { sort_by: "title".into(), sort_order: order.into(), ..listing("", 1) };
    assert_eq!(walk(&house.users, sorted("ascending")).await, ["c", "a", "b", "d"]);
    assert_eq!(walk(&house.users, sorted("descending")).await, ["b", "d", "a", "c"]);
}

async fn a_cursor_fits_into_a_url_however_long_what_is_sorted_by(on: Backend) {
    let house = House::new(on).await;
    let long = |end: &str| format!("{}{end}", "\u{10FFFF}".repeat(60_000));
    for (name, end) in [("b", "z"), ("a", "a"), ("c", "m")] {
        house.create(&json!({"userName": name, "title": long(end), "photos": [{"value": format!("https://x/{}", long(end))}]})).await;
        house.clock.advance(std::time::Duration::from_secs(1));
    }
    for sort_by in ["title", "photos.value"] {
        for order in ["ascending", "descending"] {
            let sorted = Listing { sort_by: sort_by.into(), sort_order: order.into(), ..listing("", 1) };
            let first = house.list(&sorted).await;
            assert!(next(&first).unwrap().len() < 4_000, "{sort_by}");
            // As far as they are looked at they are alike, which leaves them in the order of their ids.
            assert_eq!(walk(&house.users, sorted).await, ["b", "a", "c"], "{sort_by} {order}");
        }
    }
}

async fn what_comes_and_goes_shifts_nothing(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["b", "d", "f"]).await;
    let sorted = |cursor: &str| Listing { sort_by: "userName".into(), ..listing(cursor, 2) };
    let first = house.list(&sorted("")).await;
    assert_eq!(each(&first, "userName"), ["b", "d"]);
    let gone = each(&first, "id")[1].as_str().unwrap().to_owned();
    house.users.delete(&admin(), &gone, "").await.unwrap();
    people(&house, &["a", "e"]).await;
    let second = house.list(&sorted(&next(&first).unwrap())).await;
    assert_eq!((each(&second, "userName"), next(&second)), (vec![json!("e"), json!("f")], None));
}

async fn any_replica_goes_on_whenever(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b", "c"]).await;
    let first = house.list(&listing("", 1)).await;
    let (other, _) = house.another_scim().await;
    house.clock.advance(std::time::Duration::from_hours(10_000));
    let rest = other.list(&admin(), &listing(&next(&first).unwrap(), 100), &View::default()).await.unwrap();
    assert_eq!(each(&document(&rest), "userName"), ["b", "c"]);
}

async fn a_cursor_belongs_to_its_query(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b"]).await;
    let query = |cursor: &str| Listing { filter: "userName pr".into(), sort_by: "userName".into(), ..listing(cursor, 1) };
    let cursor = next(&house.list(&query("")).await).unwrap();
    assert_eq!(each(&house.list(&Listing { count: Some(50), sort_order: "ascending".into(), ..query(&cursor) }).await, "userName"), ["b"]);
    let stranger = Caller { tenant: TenantId::from_uuid(uuid::Uuid::from_u128(2)), ..admin() };
    for (caller, wrong) in [
        (admin(), Listing { filter: "userName pr or title pr".into(), ..query(&cursor) }),
        (admin(), Listing { sort_by: "displayName".into(), ..query(&cursor) }),
        (admin(), Listing { sort_order: "descending".into(), ..query(&cursor) }),
        (admin(), query("nonsense")),
        (admin(), query(&cursor[1..])),
        (stranger, query(&cursor)),
    ] {
        let failure = house.users.list(&caller, &wrong, &View::default()).await.unwrap_err();
        assert_eq!(failure.reason, "invalidCursor", "{wrong:?}: {failure}");
    }
    let groups = house.groups.list(&admin(), &listing(&cursor, 1), &View::default()).await.unwrap_err();
    assert_eq!(groups.reason, "invalidCursor");
}

async fn a_page_of_nothing_does_not_pass_for_the_last_one(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b"]).await;
    let next = next(&house.list(&listing("", 1)).await).unwrap();
    for (cursor, count) in [("", 0), (next.as_str(), 0), ("", -1), ("", i64::MIN)] {
        let refused = house.users.list(&admin(), &listing(cursor, count), &View::default()).await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (Kind::Invalid, "invalidCount"), "{cursor} {count}");
        assert!(house.groups.list(&admin(), &listing(cursor, count), &View::default()).await.is_err(), "{cursor} {count}");
    }
    assert_eq!(each(&house.list(&listing("", i64::MAX)).await, "userName"), ["a", "b"], "more than there may be is as much as there may be");
}

async fn a_made_up_cursor_is_refused_whatever_it_says(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b"]).await;
    for (sort_by, place) in [
        ("displayName", json!([0, "00000000-0000-0000-0000-000000000000", 5])),
        ("displayName", json!([0, "00000000-0000-0000-0000-000000000000", "a\0"])),
        ("displayName", json!([9, "00000000-0000-0000-0000-000000000000", "a"])),
        ("meta.lastModified", json!([0, "00000000-0000-0000-0000-000000000000", "a"])),
        ("active", json!([0, "00000000-0000-0000-0000-000000000000", "true"])),
        ("", json!([0, "00000000-0000-0000-0000-000000000000", "a"])),
    ] {
        let query = |cursor: &str| Listing { sort_by: sort_by.into(), ..listing(cursor, 1) };
        let real = BASE64URL_NOPAD.decode(next(&house.list(&query("")).await).unwrap().as_bytes()).unwrap();
        let mut parts: Vec<Value> = serde_json::from_slice(&real).unwrap();
        parts.splice(1.., place.as_array().unwrap().iter().cloned());
        let made_up = BASE64URL_NOPAD.encode(json!(parts).to_string().as_bytes());
        let failure = house.users.list(&admin(), &query(&made_up), &View::default()).await.unwrap_err();
        assert!(failure.is(Kind::Invalid) && failure.reason == "invalidCursor", "{sort_by}: {failure}");
    }
}

async fn one_pages_by_one_of_them(on: Backend) {
    let house = House::new(on).await;
    people(&house, &["a", "b"]).await;
    let both = Listing { start_index: Some(1), ..listing("", 1) };
    assert_eq!(house.users.list(&admin(), &both, &View::default()).await.unwrap_err().reason, "invalidValue");
}

rekey_testing::on_both_databases![
    every_user_is_on_one_page,
    those_without_the_value_are_seen_once_too,
    a_cursor_fits_into_a_url_however_long_what_is_sorted_by,
    what_comes_and_goes_shifts_nothing,
    any_replica_goes_on_whenever,
    a_cursor_belongs_to_its_query,
    a_made_up_cursor_is_refused_whatever_it_says,
    a_page_of_nothing_does_not_pass_for_the_last_one,
    one_pages_by_one_of_them,
];
