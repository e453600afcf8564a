//! Paging by index (RFC 7644 §3.4.2.4).

use rekey_tests::{
    Api, Options,
    scim::{ids, names, sorted, with_query},
    start,
};
use serde_json::{Value, json};

const THEM: &str = "userName sw \"p-\"";

async fn page(admin: &Api, parameters: &[(&str, &str)]) -> Value {
    admin.list("/scim2/Users", &[&[("filter", THEM)], parameters].concat()).await
}

async fn make(admin: &Api, how_many: usize) -> Vec<String> {
    let all: Vec<_> = (0..how_many).map(|number| format!("p-{number:02}")).collect();
    admin.people(&all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    all
}

#[tokio::test]
async fn all_pages_together_are_everybody_exactly_once() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let all = make(&admin, 8).await;
    for count in [1, 3, 8, 100] {
        let mut seen = Vec::new();
        while seen.len() < all.len() {
            let first = seen.len() + 1;
            let page = page(&admin, &[("startIndex", &first.to_string()), ("count", &count.to_string())]).await;
            let on_it = names(&page);
            assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(8), &json!(first), &json!(on_it.len())), "{count}");
            assert!(!on_it.is_empty() && on_it.len() <= count, "a page of {count} has {}", on_it.len());
            seen.extend(on_it);
        }
        assert_eq!(seen, all, "without sortBy they come as they were created");
    }
}

#[tokio::test]
async fn odd_numbers_mean_what_the_rfc_says() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let all = make(&admin, 3).await;
    let whole = page(&admin, &[]).await;
    assert_eq!((names(&whole), &whole["startIndex"], &whole["itemsPerPage"]), (all.clone(), &json!(1), &json!(3)));
    for start in ["0", "-1", "-9223372036854775808", "-99999999999999999999"] {
        let page = page(&admin, &[("startIndex", start)]).await;
        assert_eq!((names(&page), &page["startIndex"]), (all.clone(), &json!(1)), "{start}");
    }
    for count in ["0", "-1", "-9223372036854775808", "-99999999999999999999"] {
        let page = page(&admin, &[("count", count)]).await;
        assert_eq!((&page["totalResults"], &page["Resources"], &page["itemsPerPage"]), (&json!(3), &json!([]), &json!(0)), "{count}");
    }
    for start in ["4", "1000000", "9223372036854775807", "99999999999999999999"] {
        let past = page(&admin, &[("startIndex", start)]).await;
        assert_eq!((&past["totalResults"], &past["Resources"]), (&json!(3), &json!([])), "{start}");
    }
    for count in ["9223372036854775807", "99999999999999999999"] {
        assert_eq!(names(&page(&admin, &[("count", count)]).await), all, "{count}");
    }
    for bad in [("startIndex", "one"), ("count", "many"), ("count", "1.5")] {
        admin.get(&with_query("/scim2/Users", &[bad])).await.expect_error(400, "invalidValue");
    }
}

#[tokio::test]
async fn groups_are_paged_alike() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let mut all = Vec::new();
    for number in 0..5 {
        all.push(admin.create_group(&format!("g-{number}"), &[]).await.id);
    }
    let mut seen = Vec::new();
    for first in ["1", "3", "5"] {
        let page = admin.list("/scim2/Groups", &[("startIndex", first), ("count", "2")]).await;
        assert_eq!(page["totalResults"], 5);
        seen.extend(ids(&page));
    }
    assert_eq!(sorted(seen), sorted(all));
    assert_eq!(admin.list("/scim2/Groups", &[("count", "0")]).await["Resources"], json!([]));
}

#[tokio::test]
async fn a_page_never_has_more_than_is_said_in_the_configuration() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let config = admin.document("/scim2/ServiceProviderConfig").await;
    assert_eq!((&config["filter"]["supported"], &config["sort"]["supported"], &config["etag"]["supported"]), (&json!(true), &json!(true), &json!(true)));
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576 }));
    let (default, most) = (config["pagination"]["defaultPageSize"].as_u64().expect("a number"), config["filter"]["maxResults"].as_u64().expect("a number"));
    assert_eq!((&config["pagination"]["cursor"], &config["pagination"]["index"]), (&json!(true), &json!(true)));
    assert_eq!(config["pagination"]["maxPageSize"], json!(most));
    let operations: Vec<_> = (0..default + 5)
        .map(|number| json!({ "method": "POST", "path": "/Groups", "bulkId": number.to_string(), "data": { "displayName": format!("g-{number:04}") } }))
        .collect();
    admin.bulk(&operations).await.expect(200);
    let page = admin.list("/scim2/Groups", &[]).await;
    assert_eq!((ids(&page).len() as u64, &page["totalResults"]), (default, &json!(default + 5)));
    assert_eq!(ids(&admin.list("/scim2/Groups", &[("count", &(most + 1).to_string())]).await).len() as u64, default + 5);
}
