//! Where a reference can stand, and where the same text is only text.

use super::*;

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

/// The calls for these operations after the users `u` and `v` were created.
fn after_two(operation: &Value) -> Vec<String> {
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&json!([user("u"), user("v"), operation])));
    assert_eq!(reports(&answer).len(), 3);
    provider.calls.split_off(2)
}

fn patch(path: &str, edit: &Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": [edit]})
}

#[test]
fn a_text_that_no_id_can_stand_in_is_no_reference() {
    for data in [
        json!({"userName": "x", "password": "bulkId:zz12345"}),
        json!({"userName": "bulkId:zz12345"}),
        json!({"userName": "x", "emails": [{"value": "bulkId:zz12345"}]}),
        json!({"userName": "x", ENTERPRISE: {"department": "bulkId:u", "manager": {"displayName": "bulkId:zz12345"}}}),
    ] {
        let calls = after_two(&post("/Users", "w", &data));
        assert_eq!(calls, [format!("POST /Users {data}")]);
    }
    for edit in [
        json!({"op": "replace", "path": "password", "value": "bulkId:zz12345"}),
        json!({"op": "replace", "value": {"password": "bulkId:zz12345"}}),
        json!({"op": "remove", "path": "emails[value eq \"bulkId:zz12345\"]"}),
        json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "bulkId:zz12345"}),
    ] {
        let calls = after_two(&patch("/Users/1", &edit));
        assert_eq!(calls.len(), 1, "{edit}");
        assert!(calls[0].contains(&edit.to_string()), "{calls:?}");
    }
}

#[test]
fn an_error_never_repeats_a_password() {
    let data = json!({"userName": "x", "password": "bulkId:zz12345", ENTERPRISE: {"manager": {"value": "bulkId:nobody"}}});
    let answer = Provider::default().answer(&request(&json!([post("/Users", "x", &data)])));
    assert_eq!(statuses(&answer), ["409"]);
    assert!(answer.to_string().contains("bulkId:nobody") && !answer.to_string().contains("zz12345"), "{answer}");
}

#[test]
fn every_place_of_an_id_is_resolved_in_every_way_to_write_it() {
    for (edit, resolved) in [
        (json!({"op": "add", "path": "members", "value": [{"value": "bulkId:v"}]}), json!({"op": "add", "path": "members", "value": [{"value": "new-2"}]})),
        (json!({"OP": "add", "Value": {"MEMBERS": [{"Value": "bulkId:v"}]}}), json!({"OP": "add", "Value": {"MEMBERS": [{"Value": "new-2"}]}})),
        (
            json!({"op": "add", "path": "members", "value": [{"$ref": "../Users/bulkId:u"}]}),
            json!({"op": "add", "path": "members", "value": [{"$ref": "../Users/new-1"}]}),
        ),
        (json!({"op": "remove", "path": "members[value eq \"bulkId:u\"]"}), json!({"op": "remove", "path": "members[value eq \"new-1\"]"})),
        (
            json!({"op": "replace", "path": "members[value EQ \"bulkId:u\" or display eq \"bulkId:x\"].display", "value": "bulkId:y"}),
            json!({"op": "replace", "path": "members[value EQ \"new-1\" or display eq \"bulkId:x\"].display", "value": "bulkId:y"}),
        ),
    ] {
        let calls = after_two(&patch("/Groups/1", &edit));
        assert!(calls.len() == 1 && calls[0].contains(&resolved.to_string()), "{edit}: {calls:?}");
    }
    for path in ["manager", "manager.value"].map(|name| format!("{ENTERPRISE}:{name}")) {
        let calls = after_two(&patch("/Users/1", &json!({"op": "replace", "path": path, "value": "bulkId:v"})));
        assert!(calls.len() == 1 && calls[0].contains(r#""value":"new-2""#), "{calls:?}");
    }
    let calls = after_two(&patch("/Users/1", &json!({"op": "add", "path": ENTERPRISE, "value": {"manager": {"value": "bulkId:u"}}})));
    assert!(calls[0].contains(r#"{"manager":{"value":"new-1"}}"#), "{calls:?}");
}
