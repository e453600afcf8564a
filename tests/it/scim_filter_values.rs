//! Values in filters: dates are moments, wrong ones are refused, and rubbish of any depth is a 400.

use rekey_tests::{
    CORE, Options,
    scim::{SEARCH, with_query},
    start,
};
use serde_json::json;
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

#[tokio::test]
async fn dates_are_compared_as_moments() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["ann", "ben"]).await;
    let created = admin.user(&users[0]).await["meta"]["created"].as_str().expect("a date").to_owned();
    let moment = OffsetDateTime::parse(&created, &Rfc3339).expect("a date of RFC 3339");
    let written = |moment: OffsetDateTime, hours: i8| moment.to_offset(UtcOffset::from_hms(hours, 0, 0).expect("an offset")).format(&Rfc3339).expect("a text");
    for hours in [0, 2, -11] {
        let (same, before, after) = (written(moment, hours), written(moment - Duration::hours(1), hours), written(moment + Duration::hours(1), hours));
        assert_eq!(admin.found(&format!("meta.created eq \"{same}\"")).await, ["ann"], "{same}");
        assert_eq!(admin.found(&format!("meta.created gt \"{same}\"")).await, ["ben"], "{same}");
        assert_eq!(admin.found(&format!("meta.created le \"{same}\"")).await, ["ann"], "{same}");
        assert_eq!(admin.found(&format!("meta.created gt \"{before}\"")).await, ["ann", "ben"], "{before}");
        assert!(admin.found(&format!("meta.lastModified ge \"{after}\"")).await.is_empty(), "{after}");
    }
    let in_utc = written(moment, 0).replace('Z', "");
    assert_eq!(admin.found(&format!("meta.created eq \"{in_utc}\"")).await, ["ann"], "{in_utc}");
    for bad in ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01x12:00:00Z"] {
        admin.get(&with_query("/scim2/Users", &[("filter", &format!("meta.created gt \"{bad}\""))])).await.expect_error(400, "invalidFilter");
    }
}

#[tokio::test]
async fn what_last_changed_is_found_by_last_modified() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["ann", "ben"]).await;
    let last = admin.user(&users[1]).await["meta"]["lastModified"].as_str().expect("a date").to_owned();
    admin.patch_user(&users[0], json!([{ "op": "replace", "path": "title", "value": "Dr" }])).await.expect(200);
    assert_eq!(admin.found(&format!("meta.lastModified gt \"{last}\"")).await, ["ann"]);
}

#[tokio::test]
async fn texts_are_read_as_json_has_them() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let odd = "O'Brien \"the\" \\ ü \u{1F600} %_; -- DROP";
    admin.person(json!({ "schemas": [CORE], "userName": "ann", "displayName": odd })).await;
    admin.people(&["ben"]).await;
    assert_eq!(admin.found(&format!("displayName eq {}", json!(odd))).await, ["ann"]);
    assert_eq!(admin.found("displayName co \"\\u00fc \\ud83d\\ude00\"").await, ["ann"]);
    for part in ["'", "\\\"", "\\\\", "%_", "; --", "Ü"] {
        assert_eq!(admin.found(&format!("displayName co \"{part}\"")).await, ["ann"], "{part}");
    }
    assert!(admin.found("displayName eq \"O'Brien%\"").await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for filter in [
        "active gt true",
        "active co \"t\"",
        "active eq \"perhaps\"",
        "userName eq true",
        "userName gt null",
        "userName sw 7",
        "noSuchAttribute pr",
        "emails.noSuchPart pr",
        "urn:nothing:userName eq \"x\"",
        "userName.value eq \"x\"",
        "emails[type eq \"work\"",
        "emails[]",
        "emails[type eq \"work\"].value",
        "userName eq \"a\" xor active eq true",
        "userName eq 'a'",
        "userName eq \"a\" and",
        "userName eq \"\\x\"",
    ] {
        admin.get(&with_query("/scim2/Users", &[("filter", filter)])).await.expect_error(400, "invalidFilter");
        admin.post("/scim2/Users/.search", &json!({ "schemas": [SEARCH], "filter": filter })).await.expect_error(400, "invalidFilter");
    }
}

#[tokio::test]
async fn a_filter_of_any_depth_or_length_is_refused_and_the_server_lives_on() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let deep = |open: &str, close: &str, times: usize| format!("{}title pr{}", open.repeat(times), close.repeat(times));
    for filter in
        [deep("(", ")", 20_000), deep("not (", ")", 20_000), deep("emails[", "]", 20_000), "title pr or ".repeat(20_000) + "title pr", "x".repeat(500_000)]
    {
        for path in ["/scim2/Users/.search", "/scim2/Groups/.search", "/scim2/.search"] {
            let answer = admin.post(path, &json!({ "schemas": [SEARCH], "filter": filter })).await;
            assert!([400, 413].contains(&answer.status), "{path} {filter:.40}: {} {}", answer.status, answer.text());
        }
    }
    assert!(admin.found(&deep("(", ")", 5)).await.is_empty(), "a few brackets are fine");
}
