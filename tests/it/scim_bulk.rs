//! `/Bulk` (RFC 7644 §3.7).

use rekey_tests::{
    CORE, ENTERPRISE, Options,
    scim::{BULK, GROUP, each, sorted},
    start,
};
use serde_json::{Value, json};

fn user(bulk_id: &str, name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": { "schemas": [CORE], "userName": name } })
}

fn group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({ "value": member })).collect();
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": { "schemas": [GROUP], "displayName": name, "members": members } })
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap_or("no string")).collect()
}

fn id(outcome: &Value) -> String {
    outcome["location"].as_str().and_then(|place| place.rsplit('/').next()).expect("a location").to_owned()
}

#[tokio::test]
async fn users_and_the_group_that_refers_to_them_are_made_in_one_request() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let answer = admin.bulk(&[group("g", "Crew", &["bulkId:a", "bulkId:b"]), user("a", "ann"), user("b", "ben")]).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/scim+json");
    let body = answer.json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    let outcomes = body["Operations"].as_array().expect("operations");
    assert_eq!(statuses(outcomes), ["201", "201", "201"], "{body}");
    for (outcome, (bulk_id, kind)) in outcomes.iter().zip([("g", "Groups"), ("a", "Users"), ("b", "Users")]) {
        assert_eq!((&outcome["bulkId"], &outcome["method"]), (&json!(bulk_id), &json!("POST")));
        let path = format!("/scim2/{kind}/{}", id(outcome));
        assert_eq!(outcome["location"], json!(format!("{}{path}", rekey.base())));
        assert_eq!(admin.document(&path).await["meta"]["version"].as_str().map(before_the_dot), outcome["version"].as_str().map(before_the_dot));
    }
    let members = &admin.document(&format!("/scim2/Groups/{}", id(&outcomes[0]))).await["members"];
    assert_eq!(sorted(rekey_tests::scim::values(members)), sorted(vec![id(&outcomes[1]), id(&outcomes[2])]));
}

/// A user made before its group has a tag without groups in the answer.
fn before_the_dot(tag: &str) -> &str {
    tag.trim_end_matches('"').split('.').next().unwrap_or_default()
}

#[tokio::test]
async fn circles_are_closed() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let managed = |bulk_id: &str, name: &str, manager: &str| {
        let mut operation = user(bulk_id, name);
        operation["data"][ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{manager}") } });
        operation
    };
    let operations = [group("x", "X", &["bulkId:y"]), group("y", "Y", &["bulkId:x"]), managed("a", "ann", "b"), managed("b", "ben", "a")];
    let outcomes = admin.bulk_outcomes(&operations).await;
    assert_eq!(statuses(&outcomes), ["201"; 4], "{outcomes:?}");
    for (one, other) in [(0, 1), (1, 0)] {
        let group = admin.document(&format!("/scim2/Groups/{}", id(&outcomes[one]))).await;
        assert_eq!(rekey_tests::scim::values(&group["members"]), [id(&outcomes[other])]);
    }
    for (one, other) in [(2, 3), (3, 2)] {
        let user = admin.document(&format!("/scim2/Users/{}", id(&outcomes[one]))).await;
        assert_eq!(user[ENTERPRISE]["manager"]["value"], json!(id(&outcomes[other])));
    }
}

#[tokio::test]
async fn every_method_works_and_says_what_became_of_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["ann", "ben", "cat", "dan"]).await;
    let path = |number: usize| format!("/Users/{}", users[number].id);
    let title = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "path": "title", "value": "Dr" }] });
    let tag = admin.user(&users[3]).await["meta"]["version"].clone();
    let outcomes = admin
        .bulk_outcomes(&[
            json!({ "method": "PUT", "path": path(0), "data": { "schemas": [CORE], "userName": "anna" } }),
            json!({ "method": "patch", "path": path(1), "bulkId": "mine", "data": title }),
            json!({ "method": "DELETE", "path": path(2) }),
            json!({ "method": "PATCH", "path": path(3), "version": "W/\"99\"", "data": title }),
            json!({ "method": "PATCH", "path": path(3), "version": tag, "data": title }),
            json!({ "method": "GET", "path": path(3) }),
            json!({ "method": "POST", "path": "/Nothing", "bulkId": "n", "data": {} }),
            json!({ "method": "DELETE", "path": "/Users/01890000-0000-7000-8000-000000000000" }),
        ])
        .await;
    assert_eq!(statuses(&outcomes), ["200", "200", "204", "412", "200", "400", "404", "404"], "{outcomes:?}");
    assert_eq!((&outcomes[1]["bulkId"], &outcomes[1]["location"]), (&json!("mine"), &json!(format!("{}/scim2{}", rekey.base(), path(1)))));
    for failed in [&outcomes[3], &outcomes[5], &outcomes[6], &outcomes[7]] {
        assert_eq!(failed["response"]["status"], failed["status"], "{failed}");
        assert_eq!(failed["response"]["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    }
    assert_eq!(outcomes[5]["method"], "GET", "a method that is none is repeated");
    assert_eq!(admin.found("title eq \"Dr\"").await, ["ben", "dan"]);
    assert_eq!(admin.found("userName pr").await, ["anna", "ben", "dan"]);
}

#[tokio::test]
async fn a_reference_is_one_only_where_an_id_can_stand() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let password = "bulkId:nobody of that name";
    rekey.secrets().add_credential("ann", password);
    let mut ann = user("a", "ann");
    ann["data"]["password"] = json!(password);
    ann["data"]["displayName"] = json!("bulkId:neither");
    let rename = json!({ "Operations": [{ "op": "replace", "path": "members[value eq \"bulkId:a\"].display", "value": "Ann" }] });
    let patch = json!({ "method": "PATCH", "path": "/Groups/bulkId:g", "data": rename });
    let outcomes = admin.bulk_outcomes(&[ann, group("g", "Crew", &["bulkId:a"]), patch]).await;
    assert_eq!(statuses(&outcomes), ["201", "201", "200"], "{outcomes:?}");
    let members = &admin.document(&format!("/scim2/Groups/{}", id(&outcomes[1]))).await["members"];
    assert_eq!((&members[0]["value"], &members[0]["display"]), (&json!(id(&outcomes[0])), &json!("Ann")));
    assert_eq!(admin.found("displayName eq \"bulkId:neither\"").await, ["ann"]);
    rekey.anyone().login("ann", password).await.expect(200);
}

#[tokio::test]
async fn what_touches_the_same_resource_happens_in_the_order_of_the_request() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["ann", "ben"]).await;
    let title = |number: usize, title: &str| {
        let data = json!({ "Operations": [{ "op": "replace", "path": "title", "value": title }] });
        json!({ "method": "PATCH", "path": format!("/Users/{}", users[number].id), "data": data })
    };
    let gone = json!({ "method": "DELETE", "path": format!("/Users/{}", users[1].id) });
    let operations = [title(0, "first"), title(1, "first"), title(0, "second"), gone, title(1, "late"), user("a", "BEN"), title(0, "third")];
    let outcomes = admin.bulk_outcomes(&operations).await;
    assert_eq!(statuses(&outcomes), ["200", "200", "200", "204", "404", "201", "200"], "{outcomes:?}");
    assert_eq!(admin.user(&users[0]).await["title"], "third");
    assert_eq!(admin.found("userName pr").await, ["BEN", "ann"]);
}

#[tokio::test]
async fn one_that_fails_leaves_the_others_and_takes_those_that_need_it_along() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.people(&["taken"]).await;
    let operations =
        [user("a", "ann"), user("b", "TAKEN"), group("g", "Crew", &["bulkId:a", "bulkId:b"]), group("h", "Watch", &["bulkId:nobody"]), user("c", "cat")];
    let outcomes = admin.bulk_outcomes(&operations).await;
    assert_eq!(statuses(&outcomes), ["201", "409", "409", "409", "201"], "{outcomes:?}");
    assert_eq!(outcomes[1]["response"]["scimType"], "uniqueness");
    assert!(outcomes[1]["location"].is_null() && outcomes[2]["location"].is_null(), "what failed is nowhere");
    assert_eq!(admin.found("userName pr").await, ["ann", "cat", "taken"]);
    assert!(each(&admin.list("/scim2/Groups", &[]).await, "displayName").is_empty());
}

#[tokio::test]
async fn after_so_many_errors_nothing_more_is_done() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.people(&["taken"]).await;
    let operations = |number: usize| [user("a", &format!("a{number}")), user("b", "taken"), user("c", "taken"), user("d", &format!("d{number}"))];
    for (limit, expected) in [(1, vec!["201", "409"]), (2, vec!["201", "409", "409"]), (3, vec!["201", "409", "409", "201"])] {
        let body = json!({ "schemas": [BULK], "failOnErrors": limit, "Operations": operations(limit) });
        let answer = admin.post("/scim2/Bulk", &body).await.expect(200).json();
        assert_eq!(statuses(answer["Operations"].as_array().expect("operations")), expected, "{limit}");
    }
    assert_eq!(admin.found("userName pr").await, ["a1", "a2", "a3", "d3", "taken"]);
}

#[tokio::test]
async fn too_much_at_once_is_refused_whole() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let many: Vec<_> = (0..1_001).map(|number| user(&number.to_string(), &format!("u{number}"))).collect();
    let answer = admin.bulk(&many).await.expect_error(413, "");
    assert!(answer.text().contains("1000") || answer.text().contains("1,000"), "the limit is not named: {}", answer.text());
    let mut fat = user("a", "ann");
    fat["data"]["title"] = json!("x".repeat(1_100_000));
    let answer = admin.bulk(&[user("b", "ben"), fat]).await.expect_error(413, "");
    assert!(answer.text().contains("1048576"), "the limit is not named: {}", answer.text());
    for (body, kind) in [
        (json!({ "schemas": [BULK] }), "invalidSyntax"),
        (json!({ "schemas": [BULK], "Operations": {} }), "invalidSyntax"),
        (json!({ "schemas": [BULK], "failOnErrors": 0, "Operations": [user("a", "ann")] }), "invalidValue"),
        (json!({ "schemas": [BULK], "failOnErrors": "one", "Operations": [user("a", "ann")] }), "invalidValue"),
        (json!({ "schemas": [BULK], "Operations": [user("a", "ann"), user("a", "ben")] }), "invalidValue"),
        (json!({ "schemas": [CORE], "Operations": [user("a", "ann")] }), "invalidSyntax"),
    ] {
        admin.post("/scim2/Bulk", &body).await.expect_error(400, kind);
    }
    assert!(admin.found("userName pr").await.is_empty());
}
