//! `/.search` (RFC 7644 §3.4.3): at the root and at each type.

use rekey_tests::{
    Api, CORE, Options, Rekey, WSO2,
    scim::{SEARCH, each, ids, names, sorted, with_query},
    start,
};
use serde_json::{Value, json};

async fn world() -> (Rekey, Api) {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (name, title) in [("ann", "x"), ("ben", "y"), ("cat", "x")] {
        admin.person(json!({ "schemas": [CORE], "userName": name, "displayName": format!("The {name}"), "title": title })).await;
    }
    admin.create_group("The Crew", &[]).await;
    admin.create_group("A Watch", &[]).await;
    (rekey, admin)
}

async fn search(admin: &Api, path: &str, mut body: Value) -> Value {
    body["schemas"] = json!([SEARCH]);
    admin.post(path, &body).await.expect(200).json()
}

#[tokio::test]
async fn a_search_is_the_same_as_a_list() {
    let (_rekey, admin) = world().await;
    for (list, body) in [
        (vec![], json!({})),
        (vec![("filter", "displayName sw \"the\"")], json!({ "filter": "displayName sw \"the\"" })),
        (vec![("sortBy", "displayName"), ("sortOrder", "descending")], json!({ "sortBy": "displayName", "sortOrder": "descending" })),
        (vec![("startIndex", "2"), ("count", "1")], json!({ "startIndex": 2, "count": 1 })),
        (vec![("count", "0")], json!({ "count": 0 })),
        (vec![("attributes", "displayName,meta.location")], json!({ "attributes": ["displayName", "meta.location"] })),
        (vec![("excludedAttributes", "displayName,meta")], json!({ "excludedAttributes": ["displayName", "meta"] })),
        (vec![("count", "1"), ("cursor", "")], json!({ "count": 1, "cursor": "" })),
    ] {
        for place in ["/scim2/Users", "/scim2/Groups"] {
            let searched = search(&admin, &format!("{place}/.search"), body.clone()).await;
            assert_eq!(searched, admin.list(place, &list).await, "{place} {body}");
        }
    }
}

#[tokio::test]
async fn the_root_finds_users_and_groups_together() {
    let (_rekey, admin) = world().await;
    let all = search(&admin, "/scim2/.search", json!({})).await;
    assert_eq!(all["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    let both = admin.list("/scim2/Users", &[]).await["totalResults"].as_u64().expect("a number") + 2;
    assert_eq!((&all["totalResults"], ids(&all).len() as u64), (&json!(both), both));
    let found = search(&admin, "/scim2/.search", json!({ "filter": "displayName sw \"the\"" })).await;
    assert_eq!(sorted(each(&found, "displayName")), ["The Crew", "The ann", "The ben", "The cat"]);
    assert!(found["Resources"].as_array().expect("resources").iter().all(|one| one["schemas"].is_array() && one["meta"]["location"].is_string()));
    let kinds = async |filter: &str| {
        let found = search(&admin, "/scim2/.search", json!({ "filter": filter })).await;
        (found["totalResults"].clone(), ids(&found).len())
    };
    assert_eq!(kinds("meta.resourceType eq \"Group\"").await, (json!(2), 2));
    assert_eq!(kinds("userName sw \"a\" and title pr").await, (json!(1), 1), "a name that groups do not have finds users alone");
    assert_eq!(kinds("meta.resourceType eq \"Group\" or title eq \"x\"").await, (json!(4), 4));
    assert_eq!(kinds(&format!("not ({CORE}:title pr) and displayName pr and not (userName eq \"admin\")")).await, (json!(2), 2));
    assert_eq!(kinds("members pr").await, (json!(0), 0));
}

#[tokio::test]
async fn the_root_pages_over_both() {
    let (_rekey, admin) = world().await;
    let filter = "displayName sw \"the\" or displayName eq \"a watch\"";
    let mut seen = Vec::new();
    for start in 1..=5 {
        let page = search(&admin, "/scim2/.search", json!({ "filter": filter, "startIndex": start, "count": 1 })).await;
        assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(5), &json!(1)), "{page}");
        seen.extend(each(&page, "displayName"));
    }
    assert_eq!(sorted(seen), ["A Watch", "The Crew", "The ann", "The ben", "The cat"]);
    let past = search(&admin, "/scim2/.search", json!({ "filter": filter, "startIndex": 6 })).await;
    assert_eq!((&past["totalResults"], &past["Resources"]), (&json!(5), &json!([])));
    let narrow = search(&admin, "/scim2/.search", json!({ "filter": filter, "attributes": ["displayName"] })).await;
    assert!(narrow["Resources"].as_array().expect("resources").iter().all(|one| one["displayName"].is_string() && one["userName"].is_null()), "{narrow}");
}

#[tokio::test]
async fn names_in_any_case_and_nulls_are_understood() {
    let (_rekey, admin) = world().await;
    let body = json!({ "SCHEMAS": [SEARCH], "Filter": "title eq \"x\"", "SortBy": "userName", "sortorder": "descending", "COUNT": 1, "cursor": null });
    let found = admin.post("/scim2/Users/.search", &body).await.expect(200).json();
    assert_eq!((&found["totalResults"], names(&found)), (&json!(2), vec!["cat".to_owned()]));
    let everybody = admin.list("/scim2/Users", &[]).await;
    assert_eq!(search(&admin, "/scim2/Users/.search", json!({ "filter": null })).await, everybody);
}

#[tokio::test]
async fn a_search_that_cannot_be_done_says_why() {
    let (_rekey, admin) = world().await;
    for path in ["/scim2/.search", "/scim2/Users/.search", "/scim2/Groups/.search"] {
        for (body, kind) in [
            (json!({ "filter": "displayName is \"x\"" }), "invalidFilter"),
            (json!({ "filter": "noSuchAttribute pr" }), "invalidFilter"),
            (json!({ "filter": 7 }), "invalidValue"),
            (json!({ "startIndex": "1" }), "invalidValue"),
            (json!({ "count": {} }), "invalidValue"),
            (json!({ "sortBy": "noSuchAttribute" }), "invalidValue"),
            (json!({ "cursor": "nonsense" }), "invalidCursor"),
            (json!({ "filter": "" }), "invalidFilter"),
            (json!({ "filter": " " }), "invalidFilter"),
            (json!({ "fitler": "userName eq \"ann\"" }), "invalidSyntax"),
            (json!({ "filter": "displayName pr", "limit": 1 }), "invalidSyntax"),
        ] {
            let mut whole = body.clone();
            whole["schemas"] = json!([SEARCH]);
            let answer = admin.post(path, &whole).await;
            assert_eq!((answer.status, answer.json()["scimType"].as_str()), (400, Some(kind)), "{path} {body}: {}", answer.text());
        }
        admin.post(path, &json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] })).await.expect_error(400, "invalidSyntax");
    }
    let secret = json!({ "schemas": [SEARCH], "attributes": ["userName", "password", format!("{WSO2}:oneTimePassword")] });
    let found = admin.post("/scim2/Users/.search", &secret).await.expect(200);
    assert!(!found.text().contains("password") && !found.text().contains("oneTimePassword"), "{}", found.text());
    assert!(names(&found.json()).contains(&"ann".to_owned()));
    admin.get(&with_query("/scim2/Users/.search", &[])).await.expect_any(&[404, 405]);
}
