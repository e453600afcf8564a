//! SCIM over HTTP. What its documents say is scim's business; here is what the edge adds and what it hands on.

use axum::http::header;
use serde_json::{Value, json};

use super::*;
use house::{LARGE, STAFF};

const SCIM: &str = "application/scim+json";
const BASE: &str = "https://id.example.com:9443/scim2";

fn as_admin(method: &str, path: &str) -> axum::http::request::Builder {
    with_basic(request(method, path), "admin", "admin")
}

#[tokio::test]
async fn scim_is_spoken_in_its_own_type_and_from_the_configured_base() {
    let edge = edge();
    let create =
        |path: &str, kind: &str| as_admin("POST", path).header(header::HOST, "evil.example").header(header::CONTENT_TYPE, kind).body(text("{}")).unwrap();
    let answer = edge.send(create("/scim2/Users", "application/json; charset=utf-8")).await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::CREATED, SCIM));
    assert_eq!((answer.header(header::ETAG), answer.header(header::LOCATION)), ("W/\"3\"", format!("https://x/Users/{ALICE}").as_str()));
    edge.send(create("/t/acme/scim2/Users/", SCIM)).await;
    let bases: Vec<_> = edge.house.calls().into_iter().filter(|call| call.starts_with("users.create")).collect();
    assert_eq!(bases, ["users.create base=https://id.example.com:9443/scim2", "users.create base=https://id.example.com:9443/t/acme/scim2"]);
    for path in ["/scim2/Users", "/scim2/Groups", "/scim2/Bulk", "/scim2/.search"] {
        let answer = edge.send(create(path, "text/xml")).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, SCIM), "{path}");
    }
}

#[tokio::test]
async fn groups_are_made_read_changed_and_deleted_as_users_are() {
    let edge = edge();
    let (all, one) = ("/scim2/Groups", format!("/scim2/Groups/{STAFF}"));
    let made = edge.api("POST", all, r#"{"displayName":"Staff"}"#).await;
    assert_eq!((made.status, made.header(header::CONTENT_TYPE), made.header(header::ETAG)), (StatusCode::CREATED, SCIM, "W/\"7\""));
    assert_eq!(made.header(header::LOCATION), format!("https://x/Groups/{STAFF}"));
    assert_eq!(edge.api("GET", &format!("{one}?excludedAttributes=members"), "").await.json()["displayName"], "Staff");
    assert_eq!(edge.api("PUT", &one, "{}").await.status, StatusCode::OK);
    let patch = as_admin("PATCH", &one).header(header::IF_MATCH, "W/\"7\"").body(text("{}")).unwrap();
    assert_eq!(edge.send(patch).await.header(header::ETAG), "W/\"7\"");
    let deleted = edge.api("DELETE", &one, "").await;
    assert_eq!((deleted.status, deleted.body.as_str(), deleted.headers.get(header::CONTENT_TYPE)), (StatusCode::NO_CONTENT, "", None));
    let calls: Vec<_> = edge.house.calls().into_iter().filter(|call| call.starts_with("groups.")).collect();
    let read = format!("groups.get {STAFF} without=members");
    let [put, patch, delete] =
        [("replace", ""), ("patch", "W/\"7\""), ("delete", "")].map(|(verb, tag)| format!("groups.{verb} {STAFF} if_match={tag} if_none_match="));
    assert_eq!(calls, [format!("groups.create by=admin base={BASE}"), read, put, patch, delete]);
}

#[tokio::test]
async fn versions_are_compared_by_whoever_knows_them() {
    let edge = edge();
    for (path, version) in [(format!("/scim2/Users/{ALICE}"), "W/\"3\""), (format!("/scim2/Groups/{STAFF}"), "W/\"7\""), ("/scim2/Me".to_owned(), "W/\"3\"")] {
        let known = as_admin("GET", &path).header(header::IF_NONE_MATCH, version).body(Body::empty()).unwrap();
        let answer = edge.send(known).await;
        assert_eq!((answer.status, answer.body.as_str(), answer.header(header::ETAG)), (StatusCode::NOT_MODIFIED, "", version), "{path}");
        let other = as_admin("GET", &path).header(header::IF_NONE_MATCH, "W/\"2\"").body(Body::empty()).unwrap();
        assert_eq!(edge.send(other).await.status, StatusCode::OK, "{path}");
    }
    let put = as_admin("PUT", &format!("/scim2/Users/{ALICE}")).header(header::IF_MATCH, "W/\"2\"").body(text("{}")).unwrap();
    edge.send(put).await;
    assert_eq!(edge.house.count("users.replace if_match=W/\"2\" me=false"), 1);
}

#[tokio::test]
async fn a_read_that_insists_on_another_version_is_412() {
    let edge = edge();
    for (path, version) in [(format!("/scim2/Users/{ALICE}"), "W/\"3\""), (format!("/scim2/Groups/{STAFF}"), "W/\"7\""), ("/scim2/Me".to_owned(), "W/\"3\"")] {
        for method in ["GET", "HEAD"] {
            for (tag, status) in [("W/\"2\"", 412), ("nonsense", 412), (version, 200), ("*", 200), ("", 200)] {
                let answer = edge.send(as_admin(method, &path).header(header::IF_MATCH, tag).body(Body::empty()).unwrap()).await;
                assert_eq!((answer.status.as_u16(), answer.header(header::CONTENT_TYPE)), (status, SCIM), "{method} {path} {tag}");
            }
            let both = as_admin(method, &path).header(header::IF_MATCH, "W/\"2\"").header(header::IF_NONE_MATCH, version).body(Body::empty()).unwrap();
            assert_eq!(edge.send(both).await.status, StatusCode::PRECONDITION_FAILED, "If-Match counts first");
        }
    }
}

#[tokio::test]
async fn every_condition_of_a_change_is_handed_on() {
    let edge = edge();
    let (user, group) = (format!("/scim2/Users/{ALICE}"), format!("/scim2/Groups/{STAFF}"));
    for (method, path) in [
        ("PUT", &*user),
        ("PATCH", &user),
        ("DELETE", &user),
        ("PUT", &group),
        ("PATCH", &group),
        ("DELETE", &group),
        ("PUT", "/scim2/Me"),
        ("PATCH", "/scim2/Me"),
    ] {
        let one_line = as_admin(method, path).header(header::IF_MATCH, "\"a\"").header(header::IF_NONE_MATCH, "*").body(text("{}")).unwrap();
        edge.send(one_line).await;
        let call = edge.house.calls().pop().unwrap();
        assert!(call.contains("if_match=\"a\"") && call.contains("if_none_match=*"), "{method} {path}: {call}");
        let no_text = as_admin(method, path).header(header::IF_MATCH, &b"\"\xe4\""[..]).header(header::IF_MATCH, "\"b\"").body(text("{}")).unwrap();
        edge.send(no_text).await;
        let call = edge.house.calls().pop().unwrap();
        assert!(call.contains("if_match=\"\u{fffd}\", \"b\""), "a tag that is no text is a tag: {method} {path}: {call}");
    }
}

#[tokio::test]
async fn head_answers_as_get_does_but_for_the_body() {
    let edge = edge();
    for path in [format!("/scim2/Users/{ALICE}"), format!("/scim2/Groups/{STAFF}"), "/scim2/Me".to_owned(), "/scim2/Schemas".to_owned()] {
        let (get, head) = (edge.api("GET", &path, "").await, edge.api("HEAD", &path, "").await);
        assert_eq!((head.status, head.body.as_str(), head.header(header::ETAG)), (get.status, "", get.header(header::ETAG)), "{path}");
        assert_eq!((head.header(header::CONTENT_TYPE), head.header(header::CONTENT_LENGTH)), (SCIM, get.body.len().to_string().as_str()), "{path}");
    }
}

#[tokio::test]
async fn a_list_is_asked_for_as_the_client_asked() {
    let edge = edge();
    let everything = "filter=a%20pr&startIndex=2&count=0&sortBy=name.familyName&sortOrder=descending&attributes=id,%20userName&excludedAttributes=meta";
    let in_words = "a pr;2;0;name.familyName;descending;-;id+userName;meta";
    for (path, call) in [("/scim2/Users", "users.list"), ("/scim2/Groups", "groups.list"), ("/scim2", "search.run")] {
        let huge = format!("startIndex=-{0}&count={0}", "9".repeat(400));
        let saturated = format!("-;{};{};-;-;-;-;-", i64::MIN, i64::MAX);
        for (query, words) in [
            (everything, in_words),
            (&*huge, &*saturated),
            ("cursor", "-;-;-;-;-;<>;-;-"),
            ("cursor=a%2Bb&count=5", "-;-;5;-;-;<a+b>;-;-"),
            ("", "-;-;-;-;-;-;-;-"),
        ] {
            let answer = edge.api("GET", &format!("{path}?{query}"), "").await;
            assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, SCIM), "{path}?{query}");
            assert_eq!(edge.house.calls().last().unwrap(), &format!("{call} {words}"));
        }
        for (query, kind) in [("startIndex=x", "invalidValue"), ("count=1e9", "invalidValue"), ("filter=", "invalidFilter"), ("filter=%20", "invalidFilter")] {
            let answer = edge.api("GET", &format!("{path}?{query}"), "").await;
            assert_eq!((answer.status, answer.json()["scimType"].as_str()), (StatusCode::BAD_REQUEST, Some(kind)), "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn a_search_is_a_list_whose_parameters_lie_in_the_body() {
    let edge = edge();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName sw \"a\"", "startIndex": 3, "count": 10,
        "sortBy": "displayName", "sortOrder": "descending", "attributes": ["displayName", "userName"],
    });
    for (path, call) in [("/scim2/Users/.search", "users.list"), ("/scim2/Groups/.search", "groups.list"), ("/scim2/.search", "search.run")] {
        let answer = edge.api("POST", path, &body.to_string()).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, SCIM), "{path}");
        assert_eq!(edge.house.calls().last().unwrap(), &format!("{call} displayName sw \"a\";3;10;displayName;descending;-;displayName+userName;-"));
        for (wrong, kind) in [(r#"{"count":"many"}"#, "invalidValue"), (r#"{"filter":" "}"#, "invalidFilter"), (r#"{"fitler":"a pr"}"#, "invalidSyntax")] {
            let wrong = edge.api("POST", path, wrong).await;
            assert_eq!((wrong.status, wrong.header(header::CONTENT_TYPE)), (StatusCode::BAD_REQUEST, SCIM), "{path}");
            assert_eq!(wrong.json()["scimType"], kind, "{path}");
        }
        assert_eq!(edge.api("GET", path, "").await.header(header::ALLOW), "POST", "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_paging_by_cursor_is_told_by_its_own_type() {
    let edge = edge();
    for (cursor, kind) in [("stale", "expiredCursor"), ("forged", "invalidCursor"), ("&count=many", "invalidCount")] {
        let answer = edge.api("GET", &format!("/scim2?cursor={cursor}"), "").await;
        assert_eq!((answer.status, answer.json()["scimType"].as_str()), (StatusCode::BAD_REQUEST, Some(kind)));
    }
    let by_body = edge.api("POST", "/scim2/.search", r#"{"cursor":"","count":"many"}"#).await;
    assert_eq!((by_body.status, by_body.json()["scimType"].as_str()), (StatusCode::BAD_REQUEST, Some("invalidCount")));
}

#[tokio::test]
async fn me_is_the_caller_and_says_under_which_url() {
    let edge = edge();
    let own = format!("https://x/Users/{ALICE}");
    for (method, body, call) in
        [("GET", "", "users.get me=true"), ("PUT", "{}", "users.replace if_match= me=true"), ("PATCH", "{}", "users.patch {} if_match= me=true")]
    {
        let answer = edge.api(method, "/scim2/Me", body).await;
        assert_eq!((answer.status, answer.header(header::ETAG)), (StatusCode::OK, "W/\"3\""), "{method}");
        assert_eq!((answer.header(header::LOCATION), answer.header(header::CONTENT_LOCATION)), (own.as_str(), own.as_str()), "{method}");
        assert_eq!(edge.house.count(call), 1, "{method}");
    }
}

#[tokio::test]
async fn a_change_after_which_nothing_is_shown_is_204_and_names_the_version() {
    let answer = edge().api("PATCH", &format!("/scim2/Groups/{LARGE}"), r#"{"Operations":[]}"#).await;
    assert_eq!((answer.status, answer.header(header::ETAG), answer.body.as_str()), (StatusCode::NO_CONTENT, "W/\"7\"", ""));
    assert!(!answer.headers.contains_key(header::CONTENT_TYPE), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_method_that_is_not_for_a_path_is_told_which_are() {
    let edge = edge();
    let group = format!("/scim2/Groups/{STAFF}");
    let wrong: [(&str, &str, &[&str]); 8] = [
        ("/scim2/Users", "GET,HEAD,POST", &["PUT", "PATCH", "DELETE"]),
        ("/scim2/Groups", "GET,HEAD,POST", &["PUT", "PATCH", "DELETE"]),
        (&group, "GET,HEAD,PUT,PATCH,DELETE", &["POST", "OPTIONS"]),
        ("/scim2/Me", "GET,HEAD,PUT,PATCH", &["POST", "DELETE"]),
        ("/scim2/Bulk", "POST", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/scim2/.search", "POST", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/scim2", "GET,HEAD", &["POST", "PUT", "PATCH", "DELETE"]),
        ("/scim2/Schemas/urn:x", "GET,HEAD", &["POST", "PUT", "PATCH", "DELETE"]),
    ];
    for (path, allowed, methods) in wrong {
        for method in methods {
            let answer = edge.api(method, path, "{}").await;
            assert_eq!((answer.status, answer.header(header::ALLOW)), (StatusCode::METHOD_NOT_ALLOWED, allowed), "{method} {path}");
            assert_eq!((answer.header(header::CONTENT_TYPE), answer.json()["status"].as_str()), (SCIM, Some("405")), "{method} {path}");
        }
    }
    for path in ["/scim2/ServiceProviderConfig", "/scim2/ResourceTypes", "/scim2/ResourceTypes/Group", "/scim2/Schemas"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = edge.stranger(method, path, "{}").await;
            assert_eq!((answer.status, answer.header(header::ALLOW)), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"), "{method} {path}");
            assert_eq!((answer.header(header::CONTENT_TYPE), answer.json()["status"].as_str()), (SCIM, Some("405")), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_request_that_needs_a_body_does_not_go_on_without() {
    let edge = edge();
    let (user, group) = (format!("/scim2/Users/{ALICE}"), format!("/scim2/Groups/{STAFF}"));
    for (method, path) in [
        ("POST", "/scim2/Users"),
        ("PUT", &user),
        ("PATCH", &user),
        ("POST", "/scim2/Groups"),
        ("PUT", &group),
        ("PATCH", &group),
        ("PUT", "/scim2/Me"),
        ("PATCH", "/scim2/Me"),
        ("POST", "/scim2/Bulk"),
        ("POST", "/scim2/.search"),
        ("POST", "/scim2/Users/.search"),
    ] {
        let answer = edge.api(method, path, "").await;
        assert_eq!((answer.status, answer.json()["scimType"].as_str()), (StatusCode::BAD_REQUEST, Some("invalidSyntax")), "{method} {path}");
    }
    assert!(edge.house.calls().iter().all(|call| call.starts_with("verify")), "{:?}", edge.house.calls());
}

#[tokio::test]
async fn many_operations_go_in_one_request_that_has_minutes() {
    let edge = edge();
    let answer = edge.api("POST", "/t/acme/scim2/Bulk", r#"{"Operations":[]}"#).await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE), answer.json()), (StatusCode::OK, SCIM, json!({ "Operations": [] })));
    let call = edge.house.calls().into_iter().find(|call| call.starts_with("bulk.run")).unwrap();
    let (asked, time) = call.split_once(" time=").unwrap();
    assert_eq!(asked, "bulk.run by=admin base=https://id.example.com:9443/t/acme/scim2 bytes=17");
    let millis: u64 = time.strip_suffix('m').unwrap().parse().unwrap();
    assert!((590_000..=600_000).contains(&millis), "{time}");
    let refused = edge.api("POST", "/scim2/Bulk", "[]").await;
    assert_eq!((refused.status, refused.json()["status"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("413")));
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_read_and_a_larger_one_is_refused() {
    let edge = edge();
    let largest = 1024 * 1024;
    assert_eq!(edge.api("POST", "/scim2/Bulk", &" ".repeat(largest)).await.status, StatusCode::OK);
    for path in ["/scim2/Bulk", "/scim2/Users", "/scim2/Groups", "/scim2/.search"] {
        let answer = edge.api("POST", path, &" ".repeat(largest + 1)).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::PAYLOAD_TOO_LARGE, SCIM), "{path}");
        let body = answer.json();
        assert_eq!((body["status"].as_str(), body.get("scimType")), (Some("413"), None::<&Value>), "{path}");
        assert!(body["detail"].as_str().unwrap().contains("1048576"), "{path}: {body}");
    }
    assert_eq!(edge.house.count("bulk.run"), 1);
}

#[tokio::test]
async fn whatever_a_client_accepts_it_gets_scim() {
    let edge = edge();
    for accepted in ["*/*", "application/json", SCIM, "text/html"] {
        let asked = as_admin("GET", "/scim2/Groups").header(header::ACCEPT, accepted).body(Body::empty()).unwrap();
        let answer = edge.send(asked).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, SCIM), "{accepted}");
    }
}

#[tokio::test]
async fn discovery_is_for_everybody() {
    let edge = edge();
    let urn = "urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser";
    assert_eq!(edge.stranger("GET", &format!("/t/acme/scim2/Schemas/{urn}"), "").await.status, StatusCode::OK);
    let asked = "discovery Schemas/urn:ietf:params:scim:schemas:core:2.0:User https://id.example.com:9443/t/acme/scim2";
    assert_eq!(edge.house.count(asked), 1);
    assert_eq!(edge.stranger("GET", "/scim2/Schemas?filter=x", "").await.status, StatusCode::FORBIDDEN);
}
