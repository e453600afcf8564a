//! Sorting (RFC 7644 §3.4.2.3).

use rekey_tests::{
    Api, CORE, ENTERPRISE, Options,
    scim::{each, names, with_query},
    start,
};
use serde_json::{Value, json};

const THEM: &str = "userName sw \"s-\"";

/// Their names without the `s-`, in the order asked for.
async fn order(admin: &Api, by: &str, direction: &str) -> String {
    let list = admin.list("/scim2/Users", &[("filter", THEM), ("sortBy", by), ("sortOrder", direction)]).await;
    names(&list).iter().map(|name| name.trim_start_matches("s-").to_owned()).collect::<Vec<_>>().join(" ")
}

async fn make(admin: &Api, name: &str, mut document: Value) {
    document["schemas"] = json!([CORE, ENTERPRISE]);
    document["userName"] = json!(format!("s-{name}"));
    admin.person(document).await;
}

#[tokio::test]
async fn both_directions_with_ties_in_the_order_of_ids_and_the_absent_at_the_far_end() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, "1", json!({ "displayName": "b" })).await;
    make(&admin, "2", json!({ "displayName": "A" })).await;
    make(&admin, "3", json!({})).await;
    make(&admin, "4", json!({ "displayName": "a" })).await;
    make(&admin, "5", json!({ "displayName": "Ä" })).await;
    make(&admin, "6", json!({})).await;
    assert_eq!(order(&admin, "displayName", "ascending").await, "2 4 1 5 3 6");
    assert_eq!(order(&admin, "displayName", "").await, "2 4 1 5 3 6");
    assert_eq!(order(&admin, "displayName", "descending").await, "3 6 5 1 2 4");
    assert_eq!(order(&admin, "DISPLAYNAME", "Descending").await, "3 6 5 1 2 4");
}

#[tokio::test]
async fn parts_extensions_booleans_dates_and_lists_sort_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let mail = |value: &str, primary: bool| json!({ "value": value, "primary": primary });
    make(&admin, "1", json!({ "name": { "familyName": "Z" }, "active": true, "emails": [mail("z@x.example", false), mail("a@x.example", true)], ENTERPRISE: { "department": "2" } })).await;
    make(&admin, "2", json!({ "name": { "familyName": "y" }, "active": false, "emails": [mail("b@x.example", false), mail("0@x.example", false)], ENTERPRISE: { "department": "10" } })).await;
    make(&admin, "3", json!({ "active": true, "externalId": "B" })).await;
    make(&admin, "4", json!({ "active": true, "externalId": "a" })).await;
    assert_eq!(order(&admin, "name.familyName", "ascending").await, "2 1 3 4");
    assert_eq!(order(&admin, "emails", "ascending").await, "1 2 3 4", "the primary value counts, else the first");
    assert_eq!(order(&admin, "emails.value", "descending").await, "3 4 2 1");
    assert_eq!(order(&admin, "active", "ascending").await, "2 1 3 4");
    assert_eq!(order(&admin, &format!("{ENTERPRISE}:department"), "ascending").await, "2 1 3 4", "as text");
    assert_eq!(order(&admin, "meta.created", "descending").await, "4 3 2 1");
    assert_eq!(order(&admin, "userName", "descending").await, "4 3 2 1");
    assert_eq!(order(&admin, "externalId", "ascending").await, "3 4 1 2", "letter case counts: B before a");
    assert_eq!(order(&admin, "id", "descending").await, "4 3 2 1");
}

#[tokio::test]
async fn pages_of_a_sorted_list_follow_one_another() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (name, title) in [("1", "x"), ("2", "X"), ("3", "w"), ("4", "x"), ("5", "v")] {
        make(&admin, name, json!({ "title": title })).await;
    }
    let mut seen = Vec::new();
    for start in ["1", "3", "5"] {
        let page = [("filter", THEM), ("sortBy", "title"), ("startIndex", start), ("count", "2")];
        seen.extend(names(&admin.list("/scim2/Users", &page).await));
    }
    assert_eq!(seen, ["s-5", "s-3", "s-1", "s-2", "s-4"]);
}

#[tokio::test]
async fn groups_are_sorted_by_their_names() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for name in ["beta", "Alpha", "gamma", "alpha"] {
        admin.create_group(name, &[]).await;
    }
    let sorted = async |order| each(&admin.list("/scim2/Groups", &[("sortBy", "displayName"), ("sortOrder", order)]).await, "displayName");
    assert_eq!(sorted("ascending").await, ["Alpha", "alpha", "beta", "gamma"]);
    assert_eq!(sorted("descending").await, ["gamma", "beta", "Alpha", "alpha"]);
    assert_eq!(each(&admin.list("/scim2/Groups", &[("sortOrder", "descending")]).await, "displayName"), ["beta", "Alpha", "gamma", "alpha"]);
}

#[tokio::test]
async fn what_nothing_can_be_sorted_by_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for by in ["noSuchAttribute", "name", "password", "addresses", "x509Certificates", "schemas", "urn:nothing:title", "emails[type eq \"work\"]"] {
        admin.get(&with_query("/scim2/Users", &[("sortBy", by)])).await.expect_error(400, "invalidValue");
    }
    admin.get("/scim2/Users?sortBy=title&sortOrder=sideways").await.expect_error(400, "invalidValue");
    admin.get("/scim2/Groups?sortBy=userName").await.expect_error(400, "invalidValue");
    admin.get("/scim2/Groups?sortBy=members").await.expect_error(400, "invalidValue");
}
