//! What is an error of the request, and what of one operation alone.

use super::*;

#[test]
fn what_is_no_bulk_request_is_refused_as_a_whole() {
    let one = json!([{"method": "DELETE", "path": "/Users/1"}]);
    for (body, kind, hint) in [
        (json!([]), "invalidSyntax", "object"),
        (json!({}), "invalidSyntax", "missing"),
        (json!({"Operations": null}), "invalidSyntax", "missing"),
        (json!({"Operations": []}), "invalidSyntax", "empty"),
        (json!({"Operations": {}}), "invalidSyntax", "array"),
        (json!({"Operations": one, "operations": one}), "invalidSyntax", "more than once"),
        (json!({"schemas": [urn::PATCH_OP], "Operations": one}), "invalidSyntax", urn::BULK_REQUEST),
        (json!({"failOnErrors": 0, "Operations": one}), "invalidValue", "at least 1"),
        (json!({"failOnErrors": "1", "Operations": one}), "invalidValue", "whole number"),
        (request(&json!([user("x"), user("x")])), "invalidValue", "`x` belongs to two"),
    ] {
        let error = Bulk::parse(body.to_string().as_bytes()).expect_err("refused");
        assert_eq!((error.status, error.scim_type.as_deref()), (400, Some(kind)), "{body}");
        assert!(error.detail.contains(hint), "{body}: {error}");
    }
}

#[test]
fn names_and_methods_are_read_in_any_case_and_paths_with_or_without_their_slash() {
    let body = json!({"SCHEMAS": [urn::BULK_REQUEST], "OPERATIONS": [
        {"Method": "post", "BULKID": "a", "Path": "Users", "DATA": {"userName": "a"}},
        {"METHOD": "Delete", "PATH": "/Users/1/", "version": null, "data": null}
    ]});
    let mut provider = Provider::default();
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["201", "204"]);
    assert_eq!(provider.calls, [r#"POST /Users {"userName":"a"}"#, "DELETE /Users/1"]);
}

#[test]
fn an_operation_that_cannot_be_read_fails_alone_and_says_why() {
    for (bad, status, hint) in [
        (json!(1), "400", "must be an object"),
        (json!({"path": "/Users/1"}), "400", "`method` is missing"),
        (json!({"method": "GET", "path": "/Users/1"}), "400", "POST, PUT, PATCH or DELETE"),
        (json!({"method": 1, "path": "/Users/1"}), "400", "`method` must be text"),
        (json!({"method": "DELETE"}), "400", "`path` is missing"),
        (json!({"method": "DELETE", "path": "/Users"}), "400", "`/Users/` and an id"),
        (json!({"method": "DELETE", "path": "/Roles/1"}), "404", "nothing at `/Roles/1`"),
        (json!({"method": "DELETE", "path": "/Users/1/2"}), "404", "nothing at"),
        (json!({"method": "DELETE", "path": "/Users/1?attributes=x"}), "404", "nothing at"),
        (json!({"method": "DELETE", "path": ""}), "404", "nothing at"),
        (json!({"method": "DELETE", "path": "https://example.com/v2/Users/1"}), "404", "nothing at"),
        (json!({"method": "POST", "path": "/Users/1", "bulkId": "b", "data": {}}), "400", "without an id"),
        (json!({"method": "POST", "path": "/Users", "data": {}}), "400", "needs a `bulkId`"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}), "400", "needs a `bulkId`"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "b"}), "400", "`data` is missing"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "b", "data": []}), "400", "must be an object"),
        (json!({"method": "PATCH", "path": "/Users/1", "data": 1}), "400", "must be an object"),
        (json!({"method": "PUT", "path": "/Users/1", "data": {}, "version": 1}), "400", "`version` must be text"),
    ] {
        let mut provider = Provider::default();
        let answer = provider.answer(&request(&json!([bad, user("good")])));
        assert_eq!(statuses(&answer), [status, "201"], "{bad}");
        let detail = answer.pointer("/Operations/0/response/detail").and_then(Value::as_str).unwrap_or_default();
        assert!(detail.contains(hint), "{bad}: {detail}");
        assert_eq!(provider.calls, [r#"POST /Users {"userName":"good"}"#]);
    }
}

#[test]
fn what_can_be_read_of_a_bad_operation_stands_in_the_answer() {
    let bad =
        json!([{"method": "patch", "path": "/Users/1", "bulkId": "x"}, {"method": "GET", "path": "/Users/1", "bulkId": "y"}, {"method": "x".repeat(1_000)}]);
    let answer = Provider::default().answer(&request(&bad));
    let first = &reports(&answer)[0];
    assert_eq!(first.get("location"), Some(&json!("https://example.com/v2/Users/1")));
    assert_eq!((first.get("method"), first.get("bulkId")), (Some(&json!("PATCH")), Some(&json!("x"))));
    let second = &reports(&answer)[1];
    assert_eq!((second.get("method"), second.get("bulkId")), (Some(&json!("GET")), Some(&json!("y"))), "a method that is none is repeated");
    assert_eq!(reports(&answer)[2].get("method"), Some(&json!("x".repeat(100))), "as much of it as helps");
}
