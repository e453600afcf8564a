//! Paging by cursor (RFC 9865).

use rekey_tests::{
    Api, Options,
    scim::{SEARCH, each, names, sorted, with_query},
    start,
};
use serde_json::{Value, json};

const THEM: &str = "userName sw \"c-\"";

/// The pages of a walk with these parameters, all but the first by `nextCursor`; something may happen after the first.
async fn walk(admin: &Api, path: &str, parameters: &[(&str, &str)], after_first: impl AsyncFn()) -> Vec<Value> {
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let page = admin.list(path, &[parameters, &[("cursor", cursor.as_str())]].concat()).await;
        cursor = page["nextCursor"].as_str().unwrap_or_default().to_owned();
        pages.push(page);
        if cursor.is_empty() {
            return pages;
        }
        assert!(pages.len() < 100, "the walk does not end");
        if pages.len() == 1 {
            after_first().await;
        }
    }
}

fn all_names(pages: &[Value]) -> Vec<String> {
    pages.iter().flat_map(names).collect()
}

async fn make(admin: &Api, numbers: &[usize]) -> Vec<String> {
    let all: Vec<_> = numbers.iter().map(|number| format!("c-{number:02}")).collect();
    admin.people(&all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    all
}

#[tokio::test]
async fn a_walk_meets_everybody_exactly_once() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let all = make(&admin, &[3, 1, 4, 0, 5, 2, 6]).await;
    for count in ["1", "2", "3", "7", "100"] {
        let pages = walk(&admin, "/scim2/Users", &[("filter", THEM), ("count", count)], async || ()).await;
        assert_eq!(all_names(&pages), all, "as they were created, by {count}");
        let pages = walk(&admin, "/scim2/Users", &[("filter", THEM), ("count", count), ("sortBy", "userName"), ("sortOrder", "descending")], async || ()).await;
        let mut backwards = sorted(all.clone());
        backwards.reverse();
        assert_eq!(all_names(&pages), backwards, "sorted, by {count}");
        assert!(pages.iter().all(|page| page["totalResults"] == 7), "{pages:?}");
    }
    let whole = walk(&admin, "/scim2/Users", &[("filter", THEM)], async || ()).await;
    assert_eq!((whole.len(), all_names(&whole)), (1, all));
}

#[tokio::test]
async fn who_comes_and_goes_meanwhile_moves_nobody_else() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, &[10, 20, 30, 40, 50]).await;
    let twenty = admin.list("/scim2/Users", &[("filter", "userName eq \"c-20\"")]).await["Resources"][0]["id"].clone();
    let change = async || {
        make(&admin, &[5, 35]).await;
        admin.delete(&format!("/scim2/Users/{}", twenty.as_str().expect("an id"))).await.expect(204);
    };
    let pages = walk(&admin, "/scim2/Users", &[("filter", THEM), ("count", "2"), ("sortBy", "userName")], change).await;
    assert_eq!(all_names(&pages), ["c-10", "c-20", "c-30", "c-35", "c-40", "c-50"], "the page ended at one that is gone since");
}

#[tokio::test]
async fn ties_and_the_absent_do_not_confuse_a_walk() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let titles = [Some("x"), None, Some("X"), Some("a"), None, Some("x"), None];
    for (number, title) in titles.iter().enumerate() {
        admin.person(json!({ "schemas": [rekey_tests::CORE], "userName": format!("c-{number}"), "title": title })).await;
    }
    for (order, expected) in [("ascending", "3 0 2 5 1 4 6"), ("descending", "1 4 6 0 2 5 3")] {
        let parameters = [("filter", THEM), ("count", "2"), ("sortBy", "title"), ("sortOrder", order)];
        let pages = walk(&admin, "/scim2/Users", &parameters, async || ()).await;
        assert_eq!(all_names(&pages).join(" ").replace("c-", ""), expected, "{order}");
    }
}

#[tokio::test]
async fn a_filter_that_no_index_knows_is_walked_alike() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for number in 0..6 {
        let town = if number % 2 == 0 { "Oslo" } else { "Bergen" };
        admin.person(json!({ "schemas": [rekey_tests::CORE], "userName": format!("c-{number}"), "addresses": [{ "locality": town }] })).await;
    }
    let pages = walk(&admin, "/scim2/Users", &[("filter", "addresses.locality eq \"oslo\""), ("count", "1")], async || ()).await;
    assert_eq!(all_names(&pages), ["c-0", "c-2", "c-4"]);
    assert!(pages.iter().all(|page| page["totalResults"] == 3));
}

#[tokio::test]
async fn groups_and_searches_are_walked_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, &[1, 2]).await;
    for name in ["c-a", "c-b", "c-c"] {
        admin.create_group(name, &[]).await;
    }
    let pages = walk(&admin, "/scim2/Groups", &[("count", "2"), ("sortBy", "displayName")], async || ()).await;
    assert_eq!(pages.iter().flat_map(|page| each(page, "displayName")).collect::<Vec<_>>(), ["c-a", "c-b", "c-c"]);
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let filter = "userName sw \"c-\" or displayName sw \"c-\"";
        let body = json!({ "schemas": [SEARCH], "filter": filter, "count": 2, "cursor": cursor });
        let page = admin.post("/scim2/.search", &body).await.expect(200).json();
        assert_eq!(page["totalResults"], 5, "{page}");
        seen.extend(names(&page).into_iter().chain(each(&page, "displayName")));
        cursor = page["nextCursor"].as_str().unwrap_or_default().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(sorted(seen), ["c-01", "c-02", "c-a", "c-b", "c-c"]);
}

#[tokio::test]
async fn what_is_no_cursor_or_one_of_another_query_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, &[1, 2, 3]).await;
    let page = admin.list("/scim2/Users", &[("filter", THEM), ("count", "1"), ("cursor", "")]).await;
    let cursor = page["nextCursor"].as_str().expect("there is more").to_owned();
    for parameters in [
        vec![("filter", THEM), ("count", "1"), ("cursor", "nonsense")],
        vec![("filter", THEM), ("cursor", "AAAA")],
        vec![("filter", "userName sw \"a\""), ("cursor", &cursor)],
        vec![("cursor", &cursor)],
        vec![("filter", THEM), ("sortBy", "userName"), ("cursor", &cursor)],
    ] {
        admin.get(&with_query("/scim2/Users", &parameters)).await.expect_error(400, "invalidCursor");
    }
    admin.get(&with_query("/scim2/Groups", &[("cursor", &cursor)])).await.expect_error(400, "invalidCursor");
    admin.get("/scim2/Users?cursor&startIndex=1").await.expect(400);
    let other = admin.list("/scim2/Users", &[("filter", THEM), ("count", "2"), ("cursor", &cursor)]).await;
    assert_eq!(names(&other), ["c-02", "c-03"], "another count is fine");
    let most = admin.list("/scim2/Users", &[("filter", THEM), ("count", "99999999999999999999"), ("cursor", "")]).await;
    assert_eq!(names(&most).len(), 3, "more than there may be is as much as there may be");
}

#[tokio::test]
async fn a_count_that_is_not_positive_is_refused_with_a_cursor_and_fine_without() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, &[1, 2]).await;
    let page = admin.list("/scim2/Users", &[("filter", THEM), ("count", "1"), ("cursor", "")]).await;
    let next = page["nextCursor"].as_str().expect("there is more");
    for cursor in ["", next] {
        for count in ["0", "-1", "-99999999999999999999", "many", "1.5"] {
            admin.get(&with_query("/scim2/Users", &[("filter", THEM), ("count", count), ("cursor", cursor)])).await.expect_error(400, "invalidCount");
        }
        for count in [json!(0), json!(-1), json!("many"), json!(1.5)] {
            let body = json!({ "schemas": [SEARCH], "filter": THEM, "count": count, "cursor": cursor });
            admin.post("/scim2/Users/.search", &body).await.expect_error(400, "invalidCount");
        }
    }
    for path in ["/scim2/Groups?count=0&cursor", "/scim2?count=0&cursor"] {
        admin.get(path).await.expect_error(400, "invalidCount");
    }
    assert_eq!(admin.list("/scim2/Users", &[("filter", THEM), ("count", "-1")]).await["totalResults"], 2);
}

#[tokio::test]
async fn a_cursor_that_somebody_tampered_with_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    make(&admin, &[1, 2, 3]).await;
    for sort in ["userName", "meta.created", "active", "id"] {
        let page = admin.list("/scim2/Users", &[("filter", THEM), ("count", "1"), ("sortBy", sort), ("cursor", "")]).await;
        let cursor = page["nextCursor"].as_str().expect("there is more").to_owned();
        for place in 0..cursor.len() {
            let other = if cursor.as_bytes()[place] == b'A' { "B" } else { "A" };
            let mut tampered = cursor.clone();
            tampered.replace_range(place..=place, other);
            let answer = admin.get(&with_query("/scim2/Users", &[("filter", THEM), ("count", "1"), ("sortBy", sort), ("cursor", &tampered)])).await;
            assert!([200, 400].contains(&answer.status), "{tampered}: {} {}", answer.status, answer.text());
            assert!(answer.status == 200 || answer.json()["scimType"] == "invalidCursor", "{tampered}: {}", answer.text());
        }
    }
}
