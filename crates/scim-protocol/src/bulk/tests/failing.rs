//! References to what is not there, and limits of errors.

use super::*;

fn detail(answer: &Value, index: usize) -> &str {
    reports(answer)[index].pointer("/response/detail").and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn a_reference_to_nothing_is_a_409_of_that_operation() {
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&json!([group("g", &["nobody"]), user("a")])));
    assert_eq!(statuses(&answer), ["409", "201"]);
    assert!(detail(&answer, 0).contains("`bulkId:nobody` stands for no resource: no operation"), "{answer}");
    assert_eq!(provider.calls.len(), 1);
}

#[test]
fn only_what_is_created_can_be_referred_to() {
    let patch = json!({"method": "PATCH", "path": "/Users/1", "bulkId": "p", "data": {}});
    assert_eq!(statuses(&Provider::default().answer(&request(&json!([patch, group("g", &["p"])])))), ["200", "409"]);
}

#[test]
fn what_refers_to_a_failed_operation_fails_and_so_on() {
    let delete = json!({"method": "DELETE", "path": "/Users/bulkId:u"});
    let body = request(&json!([user("u"), group("g", &["u"]), group("h", &["g"]), delete, user("other")]));
    let mut provider = Provider::failing(&[(r#""userName":"u""#, 409)]);
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["409", "409", "409", "409", "201"]);
    assert!(detail(&answer, 2).contains("`bulkId:g` stands for no resource: the operation that was to create it failed"), "{answer}");
    assert_eq!(reports(&answer)[3].get("location"), None);
    assert_eq!(provider.calls.len(), 2);
}

#[test]
fn what_refers_to_an_operation_that_cannot_be_read_fails() {
    let bad = json!({"method": "POST", "path": "/Users", "bulkId": "u"});
    assert_eq!(statuses(&Provider::default().answer(&request(&json!([group("g", &["u"]), bad])))), ["409", "400"]);
}

#[test]
fn the_limit_counts_every_error_and_later_operations_are_not_begun() {
    let mut body = request(&json!([user("a"), {"method": "GET"}, user("b"), group("g", &["nobody"]), user("c"), {"method": "GET"}]));
    body["failOnErrors"] = json!(2);
    let mut provider = Provider::default();
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["201", "400", "201", "409"]);
    assert_eq!(provider.calls.len(), 2);
}

#[test]
fn with_a_limit_the_answer_is_in_the_order_of_the_request_though_the_work_was_not() {
    let mut body = request(&json!([group("g", &["u"]), user("v"), user("u")]));
    body["failOnErrors"] = json!(1);
    let mut provider = Provider::failing(&[(r#""userName":"v""#, 409)]);
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["201", "409", "201"]);
    assert!(provider.calls[0].contains(r#""userName":"u""#));
    let bulk_ids: Vec<_> = reports(&answer).iter().filter_map(|report| report.get("bulkId")?.as_str()).collect();
    assert_eq!(bulk_ids, ["g", "v", "u"]);
}
