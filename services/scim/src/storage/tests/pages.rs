//! Pages of users.

use rekey_kernel::{TenantId, Timestamp};
use rekey_scim_protocol::schema::USERS;
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, TENANT, name, query, user};
use crate::{
    domain::{Account, Page, Part, User},
    ports::{Store, Write},
    storage::page::disturbed,
};

async fn filled(on: Backend) -> House {
    let house = House::new(on).await;
    for (name, title) in [("a", json!("x")), ("b", Value::Null), ("c", json!("Y")), ("d", json!("X")), ("e", Value::Null), ("f", json!("y"))] {
        let mut profile = json!({ "userName": name });
        if title.is_string() {
            profile["title"] = title;
        }
        house.add(profile).await;
    }
    house
}

fn names(page: &Page<User>) -> String {
    page.items.iter().map(name).collect()
}

async fn pages_know_the_total_and_whether_there_is_more(on: Backend) {
    let house = filled(on).await;
    for (part, limit, expected) in [
        (Part::Offset(0), 10, ("abcdef", 6, false)),
        (Part::Offset(0), 6, ("abcdef", 6, false)),
        (Part::Offset(1), 2, ("bc", 6, true)),
        (Part::Offset(5), 2, ("f", 6, false)),
        (Part::Offset(9), 2, ("", 6, false)),
        (Part::After(None), 4, ("abcd", 6, true)),
    ] {
        let page = house.found(&query(&USERS, "", "", part.clone(), limit)).await;
        assert_eq!((names(&page).as_str(), page.total, page.more), expected, "{part:?}");
    }
    assert_eq!(house.found(&query(&USERS, "title pr", "", Part::Offset(0), 0)).await.total, 4);
}

async fn absent_values_come_last_and_when_descending_first(on: Backend) {
    let house = filled(on).await;
    for (sort, expected) in [("title", "adcfbe"), ("title desc", "becfad"), ("userName desc", "fedcba"), ("id desc", "fedcba"), ("meta.created desc", "abcdef")]
    {
        assert_eq!(names(&house.found(&query(&USERS, "", sort, Part::Offset(0), 10)).await), expected, "{sort}");
        let mut walked = String::new();
        let mut part = Part::After(None);
        loop {
            let page = house.found(&query(&USERS, "", sort, part, 2)).await;
            walked += &names(&page);
            if !page.more {
                break;
            }
            part = Part::After(page.places.last().cloned());
        }
        assert_eq!(walked, expected, "{sort}");
    }
}

async fn those_that_an_index_finds_are_in_the_order_asked_for_too(on: Backend) {
    let house = House::new(on).await;
    for (name, title) in [("s-a", "m"), ("s-b", "z"), ("s-c", "A"), ("s-d", "m"), ("t", "b")] {
        house.add(json!({ "userName": name, "title": title })).await;
    }
    for (sort, order) in [("title", ["s-c", "s-a", "s-d", "s-b"]), ("title desc", ["s-b", "s-a", "s-d", "s-c"]), ("id desc", ["s-d", "s-c", "s-b", "s-a"])] {
        let found = async |part| house.found(&query(&USERS, r#"userName sw "S-""#, sort, part, 1)).await;
        let (mut seen, mut after) = (Vec::new(), None);
        for offset in 0..4 {
            let page = found(Part::After(after)).await;
            assert_eq!(page.items, found(Part::Offset(offset)).await.items, "{sort}");
            seen.extend(page.items.iter().map(name));
            after = page.places.last().cloned();
        }
        assert_eq!(seen, order, "{sort}");
    }
}

async fn users_are_sorted_by_their_primary_address_else_the_first(on: Backend) {
    let house = House::new(on).await;
    house.add(json!({"userName": "last", "emails": [{"value": "a"}, {"value": "Z", "primary": true}]})).await;
    house.add(json!({"userName": "first", "emails": [{"value": "M", "primary": false}, {"value": "a"}]})).await;
    house.add(json!({"userName": "none"})).await;
    let sorted = house.found(&query(&USERS, "", "emails.value", Part::Offset(0), 10)).await;
    assert_eq!(sorted.items.iter().map(name).collect::<Vec<_>>(), ["first", "last", "none"]);
}

async fn a_place_stays_valid_while_users_come_and_go(on: Backend) {
    let house = filled(on).await;
    for sort in ["title", "emails.type"] {
        let first = house.found(&query(&USERS, "", sort, Part::After(None), 3)).await;
        let place = first.places.last().cloned();
        let last = first.items.last().unwrap();
        let gone = Write::Delete { tenant: TENANT, user: last.id, expected: 1, now: super::now() };
        house.write(&gone).await.unwrap();
        let rest = house.found(&query(&USERS, "", sort, Part::After(place), 100)).await;
        assert!(rest.items.iter().all(|user| first.items.iter().all(|seen| seen.id != user.id)), "{sort}");
        assert_eq!(u64::try_from(first.items.len() + rest.items.len()).unwrap(), first.total, "{sort}");
        house.write(&Write::Insert(last.clone())).await.unwrap();
    }
}

async fn a_walk_goes_on_when_all_that_was_found_for_a_page_is_deleted_meanwhile(on: Backend) {
    let house = filled(on).await;
    for (sort, filter) in [("photos.value", ""), ("", "not (addresses pr)")] {
        let query = |part| query(&USERS, filter, sort, part, 2);
        let first = house.found(&query(Part::After(None))).await;
        assert_eq!(names(&first), "ab", "{sort}");
        let all = house.found(&query(Part::Offset(2))).await;
        let delete_them = async {
            for user in &all.items {
                house.write(&Write::Delete { tenant: TENANT, user: user.id, expected: 1, now: super::now() }).await.unwrap();
            }
        };
        let query_of_the_second = query(Part::After(first.end));
        let second: Page<User> = disturbed(&house.database, TENANT, &query_of_the_second, delete_them).await.unwrap();
        assert_eq!((names(&second).as_str(), second.more), ("", true), "{sort}");
        assert_eq!(names(&house.found(&query(Part::After(second.end))).await), "ef", "{sort}");
        for user in all.items {
            house.write(&Write::Insert(user)).await.unwrap();
        }
    }
}

async fn tenants_do_not_see_each_other(on: Backend) {
    let house = filled(on).await;
    let other = TenantId::from_uuid(uuid::Uuid::from_u128(7));
    let stranger = User { tenant: other, ..user(json!({"userName": "a", "emails": [{"value": "a@x.org"}], "displayName": "Z"})) };
    house.write(&Write::Insert(stranger)).await.unwrap();
    for filter in
        [r#"emails.value eq "a@x.org""#, r#"displayName eq "z""#, r#"displayName eq "z" or emails eq "a@x.org""#, r#"addresses pr or displayName co "Z""#]
    {
        assert!(house.names(filter).await.is_empty(), "{filter}");
        assert_eq!(Store::page(&house.store, other, &query(&USERS, filter, "", Part::Offset(0), 10)).await.unwrap().total, 1, "{filter}");
    }
    assert_eq!(house.names(r#"userName eq "A""#).await, ["a"]);
}

async fn what_lies_outside_of_the_profile_is_found_as_well(on: Backend) {
    let house = filled(on).await;
    let created = Timestamp::parse_rfc3339("2026-05-01T12:00:00.000001Z").unwrap();
    let account = Account { locked: true, locked_reason: "ADMIN_INITIATED".into(), state: "LOCKED".into(), revision: 1 };
    let one = User { created, account, ..user(json!({"userName": "locked", "active": false})) };
    house.write(&Write::Insert(one.clone())).await.unwrap();
    for filter in [
        &format!(r#"id eq "{}""#, one.id),
        r#"meta.created eq "2026-05-01T14:00:00.000001+02:00""#,
        r#"meta.created gt "2026-05-01T12:00:00.0000009Z" and meta.created lt "2026-05-01T12:00:00.0000011Z""#,
        "urn:scim:wso2:schema:accountLocked eq true",
        "urn:scim:wso2:schema:lockedReason pr",
        r#"urn:scim:wso2:schema:accountState sw "lock""#,
        "active eq false",
    ] {
        assert_eq!(house.names(filter).await, ["locked"], "{filter}");
    }
    for filter in
        [&format!(r#"id eq "{}""#, one.id.to_string().to_uppercase()), r#"meta.resourceType eq "Group""#, r#"meta.created eq "2026-05-01T12:00:00.0000015Z""#]
    {
        assert!(house.names(filter).await.is_empty(), "{filter}");
    }
}

async fn texts_that_databases_treat_differently_are_found_alike(on: Backend) {
    let house = House::new(on).await;
    for (name, title) in [("percent", "100%_a\\"), ("nul", "a\0b"), ("umlaut", "ÄÖ"), ("kelvin", "\u{212A}"), ("astral", "\u{10FFFF}b"), ("empty", "")] {
        house.add(json!({"userName": name, "title": title})).await;
    }
    for (filter, expected) in [
        (r#"title co "%_""#, ["percent"].as_slice()),
        (r#"title ew "\\""#, &["percent"]),
        (r#"title sw "a\u0001" or title ew "b" and title sw "a""#, &["nul"]),
        (r#"title sw "äö""#, &["umlaut"]),
        (r#"title eq "k""#, &["kelvin"]),
        (r#"title sw "\uDBFF\uDFFF""#, &["astral"]),
        (r#"title eq """#, &["empty"]),
        (r#"title lt "a""#, &["percent", "empty"]),
    ] {
        assert_eq!(house.names(filter).await, expected, "{filter}");
    }
    assert_eq!(house.names(r#"title sw """#).await.len(), 6);
}

async fn a_page_of_heavy_users_ends_early_and_the_next_goes_on(on: Backend) {
    let house = House::new(on).await;
    for n in 0..10 {
        house.add(json!({"userName": format!("u{n}"), "title": "x".repeat(900_000)})).await;
    }
    let first = house.found(&query(&USERS, "", "userName", Part::After(None), 200)).await;
    assert!(first.more && first.total == 10 && (1..10).contains(&first.items.len()), "{}", first.items.len());
    let next = query(&USERS, "", "userName", Part::After(first.places.last().cloned()), 200);
    assert_eq!(house.found(&next).await.items.first().map(name), Some(format!("u{}", first.items.len())));
}

rekey_testing::on_both_databases![
    a_page_of_heavy_users_ends_early_and_the_next_goes_on,
    pages_know_the_total_and_whether_there_is_more,
    absent_values_come_last_and_when_descending_first,
    those_that_an_index_finds_are_in_the_order_asked_for_too,
    users_are_sorted_by_their_primary_address_else_the_first,
    a_place_stays_valid_while_users_come_and_go,
    a_walk_goes_on_when_all_that_was_found_for_a_page_is_deleted_meanwhile,
    tenants_do_not_see_each_other,
    what_lies_outside_of_the_profile_is_found_as_well,
    texts_that_databases_treat_differently_are_found_alike,
];
