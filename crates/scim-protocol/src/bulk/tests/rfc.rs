//! The examples of RFC 7644 §3.7, to the letter, with the commas and brackets that they lack put in.

use super::*;

/// §3.7.1
#[test]
fn circular_references_are_resolved() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Groups", "bulkId": "qwerty", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Group A",
                "members": [{"type": "Group", "value": "bulkId:ytrewq"}]}},
            {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Group B",
                "members": [{"type": "Group", "value": "bulkId:qwerty"}]}}
        ]
    });
    let mut provider = Provider::default();
    let answer = provider.answer(&body);
    assert_eq!(
        provider.calls,
        [
            r#"POST /Groups {"displayName":"Group B","members":[],"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}"#,
            r#"POST /Groups {"displayName":"Group A","members":[{"type":"Group","value":"new-1"}],"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}"#,
            r#"PATCH /Groups/new-1 {"Operations":[{"op":"add","value":{"members":[{"type":"Group","value":"new-2"}]}}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}"#,
        ]
    );
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": [
            {"location": "https://example.com/v2/Groups/new-2", "method": "POST", "bulkId": "qwerty", "version": "W/\"1\"", "status": "201"},
            {"location": "https://example.com/v2/Groups/new-1", "method": "POST", "bulkId": "ytrewq", "version": "W/\"2\"", "status": "201"}
        ]
    });
    assert_eq!(answer, expected);
}

/// §3.7.2, first example
#[test]
fn a_new_user_becomes_a_member_of_a_new_group() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Alice"}},
            {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Tour Guides",
                "members": [{"type": "User", "value": "bulkId:qwerty"}]}}
        ]
    });
    let mut provider = Provider::default();
    let answer = provider.answer(&body);
    assert_eq!(provider.waves, [1, 1]);
    assert!(provider.calls[1].contains(r#""members":[{"type":"User","value":"new-1"}]"#), "{:?}", provider.calls);
    let expected = json!([
        {"location": "https://example.com/v2/Users/new-1", "method": "POST", "bulkId": "qwerty", "version": "W/\"1\"", "status": "201"},
        {"location": "https://example.com/v2/Groups/new-2", "method": "POST", "bulkId": "ytrewq", "version": "W/\"1\"", "status": "201"}
    ]);
    assert_eq!(answer.get("Operations"), Some(&expected));
}

/// §3.7.2, second example
#[test]
fn extensions_refer_as_well() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "Alice"}},
            {"method": "POST", "path": "/Users", "bulkId": "ytrewq", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
                "userName": "Bob",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "11250", "manager": {"value": "bulkId:qwerty"}}}}
        ]
    });
    let mut provider = Provider::default();
    assert_eq!(statuses(&provider.answer(&body)), ["201", "201"]);
    assert!(provider.calls[1].contains(r#"{"employeeNumber":"11250","manager":{"value":"new-1"}}"#), "{:?}", provider.calls);
}

/// §3.7.3. The RFC prints the data of the PATCH as `{[ … ]}`, which is no JSON: it is taken as the list and as a `PatchOp`.
fn four_operations(patch: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": 1,
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:User"], "userName": "Alice"}},
            {"method": "PUT", "path": "/Users/b7c14771-226c-4d05-8860-134711653041", "version": "W/\"3694e05e9dff591\"", "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "b7c14771-226c-4d05-8860-134711653041", "userName": "Bob"}},
            {"method": "PATCH", "path": "/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc", "version": "W/\"edac3253e2c0ef2\"", "data": patch},
            {"method": "DELETE", "path": "/Users/e9025315-6bea-44e1-899c-1e07454e468b", "version": "W/\"0ee8add0a938e1a\""}
        ]
    })
}

fn patch_list() -> Value {
    json!([{"op": "remove", "path": "nickName"}, {"op": "add", "path": "userName", "value": "Dave"}])
}

#[test]
fn a_user_is_added_replaced_patched_and_deleted() {
    let whole = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": patch_list()});
    for patch in [patch_list(), whole] {
        let mut provider = Provider::default();
        let answer = provider.answer(&four_operations(&patch));
        assert_eq!(provider.waves, [1, 1, 1, 1]);
        assert!(provider.calls[2].starts_with(r#"PATCH /Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc if W/"edac3253e2c0ef2" {"Operations":[{"op":"remove""#));
        assert_eq!(provider.calls[3], r#"DELETE /Users/e9025315-6bea-44e1-899c-1e07454e468b if W/"0ee8add0a938e1a""#);
        let expected = json!([
            {"location": "https://example.com/v2/Users/new-1", "method": "POST", "bulkId": "qwerty", "version": "W/\"1\"", "status": "201"},
            {"location": "https://example.com/v2/Users/b7c14771-226c-4d05-8860-134711653041", "method": "PUT", "version": "W/\"2\"", "status": "200"},
            {"location": "https://example.com/v2/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc", "method": "PATCH", "version": "W/\"2\"", "status": "200"},
            {"location": "https://example.com/v2/Users/e9025315-6bea-44e1-899c-1e07454e468b", "method": "DELETE", "status": "204"}
        ]);
        assert_eq!(answer.get("Operations"), Some(&expected));
    }
}

#[test]
fn one_error_stops_the_rest_and_the_rest_is_not_in_the_answer() {
    let mut provider = Provider::failing(&[("Alice", 400)]);
    let answer = provider.answer(&four_operations(&patch_list()));
    assert_eq!(provider.calls.len(), 1);
    let expected = json!([{
        "method": "POST", "bulkId": "qwerty", "status": "400",
        "response": {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "told to fail"}
    }]);
    assert_eq!(answer.get("Operations"), Some(&expected));
}

#[test]
fn without_a_limit_all_are_tried_though_all_fail() {
    let mut body = four_operations(&patch_list());
    body.as_object_mut().map(|members| members.remove("failOnErrors"));
    let mut provider = Provider::failing(&[("Alice", 400), ("PUT", 412), ("PATCH", 412), ("DELETE", 404)]);
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["400", "412", "412", "404"]);
    let locations: Vec<_> = reports(&answer).iter().map(|report| report.get("location").and_then(Value::as_str)).collect();
    assert_eq!(
        locations,
        [
            None,
            Some("https://example.com/v2/Users/b7c14771-226c-4d05-8860-134711653041"),
            Some("https://example.com/v2/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc"),
            Some("https://example.com/v2/Users/e9025315-6bea-44e1-899c-1e07454e468b"),
        ]
    );
    assert!(reports(&answer).iter().all(|report| report.pointer("/response/status") == report.get("status") && report.get("version").is_none()));
}

/// §3.7.4
#[test]
fn too_many_operations_are_a_413_that_names_the_limit() {
    let many = |number| request(&Value::Array(vec![json!({"method": "DELETE", "path": "/Users/1"}); number])).to_string();
    let error = Bulk::parse(many(MAX_OPERATIONS + 1).as_bytes()).expect_err("too many");
    assert_eq!((error.status, error.scim_type.as_deref()), (413, None));
    assert!(error.detail.contains("maxOperations (1000)"), "{error}");
    assert_eq!(Bulk::parse(many(MAX_OPERATIONS).as_bytes()).expect("just enough").operations(), MAX_OPERATIONS);
}
