//! Circles of references (RFC 7644 §3.7.1).

use super::*;

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn managed(bulk_id: &str, manager: &str) -> Value {
    post("/Users", bulk_id, &json!({"userName": bulk_id, ENTERPRISE: {"department": "x", "manager": {"value": format!("bulkId:{manager}")}}}))
}

#[test]
fn two_users_manage_each_other() {
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&json!([managed("a", "b"), managed("b", "a")])));
    assert_eq!(statuses(&answer), ["201", "201"]);
    assert_eq!(provider.calls[0], format!(r#"POST /Users {{"{ENTERPRISE}":{{"department":"x"}},"userName":"b"}}"#));
    let closing = format!(r#"PATCH /Users/new-1 {{"Operations":[{{"op":"add","value":{{"{ENTERPRISE}":{{"manager":{{"value":"new-2"}}}}}}}}]"#);
    assert!(provider.calls[2].starts_with(&closing), "{:?}", provider.calls);
}

#[test]
fn a_group_that_holds_itself_gets_itself_afterwards() {
    let mut provider = Provider::default();
    assert_eq!(statuses(&provider.answer(&request(&json!([group("g", &["g"])])))), ["201"]);
    assert_eq!(provider.calls[0], r#"POST /Groups {"displayName":"g","members":[]}"#);
    assert!(provider.calls[1].contains(r#""members":[{"value":"new-1"}]"#), "{:?}", provider.calls);
}

#[test]
fn only_what_closes_the_circle_is_left_for_later() {
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&json!([user("u"), group("a", &["b", "u"]), group("b", &["u", "a"]), group("c", &["b"])])));
    assert_eq!(statuses(&answer), ["201", "201", "201", "201"]);
    let b = provider.calls.iter().position(|call| call.contains(r#""displayName":"b","members":[{"value":"new-1"}]"#));
    let a = provider.calls.iter().position(|call| call.contains(r#""displayName":"a","members":[{"value":"new-2"},{"value":"new-1"}]"#));
    let closed = provider.calls.iter().position(|call| call.starts_with("PATCH /Groups/new-2"));
    let c = provider.calls.iter().position(|call| call.contains(r#""displayName":"c","members":[{"value":"new-2"}]"#));
    assert!(b.is_some() && b < a && a < closed && closed < c, "{:?}", provider.calls);
}

#[test]
fn a_group_in_several_circles_is_closed_once_when_all_its_members_are_there() {
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&json!([group("a", &["b"]), group("b", &["c"]), group("c", &["a", "b"])])));
    assert_eq!(statuses(&answer), ["201", "201", "201"]);
    assert_eq!(provider.calls.len(), 4);
    assert!(provider.calls[3].contains(r#"PATCH /Groups/new-1 {"Operations":[{"op":"add","value":{"members":[{"value":"new-3"},{"value":"new-2"}]}}]"#));
}

#[test]
fn when_a_circle_cannot_be_closed_what_was_created_for_it_is_deleted_again() {
    let body = request(&json!([group("a", &["b"]), group("b", &["a"]), group("c", &["b"])]));
    let mut provider = Provider::failing(&[(r#""displayName":"a""#, 400)]);
    let answer = provider.answer(&body);
    assert_eq!(statuses(&answer), ["400", "409", "409"]);
    assert_eq!(provider.calls[2..], ["DELETE /Groups/new-1"]);
    assert!(reports(&answer).iter().all(|report| report.get("location").is_none()));
}

#[test]
fn what_could_not_be_deleted_again_is_named() {
    let mut provider = Provider::failing(&[("PATCH", 503), ("DELETE", 503)]);
    let answer = provider.answer(&request(&json!([group("a", &["b"]), group("b", &["a"])])));
    assert_eq!(statuses(&answer), ["201", "503"]);
    let detail = answer.pointer("/Operations/1/response/detail").and_then(Value::as_str).unwrap_or_default();
    assert!(detail.contains("new-1 was created all the same"), "{detail}");
}

#[test]
fn an_open_circle_is_not_left_open_by_the_limit_of_errors() {
    let mut body = request(&json!([group("a", &["b"]), group("b", &["a"]), user("u")]));
    body["failOnErrors"] = json!(1);
    let mut provider = Provider::failing(&[(r#""displayName":"a""#, 400)]);
    assert_eq!(statuses(&provider.answer(&body)), ["400", "409"]);
    assert_eq!(provider.calls.last().map(String::as_str), Some("DELETE /Groups/new-1"));
}

#[test]
fn a_chain_of_a_thousand_in_the_wrong_order_is_no_burden() {
    let chain: Vec<_> = (0..MAX_OPERATIONS).map(|index| group(&index.to_string(), &[&((index + 1) % MAX_OPERATIONS).to_string()])).collect();
    let mut provider = Provider::default();
    let answer = provider.answer(&request(&Value::Array(chain)));
    assert!(statuses(&answer).iter().all(|status| *status == "201"));
    assert_eq!(provider.calls.len(), MAX_OPERATIONS + 1);
}

#[test]
fn a_run_that_is_stopped_begins_nothing_more_and_leaves_no_circle_open() {
    let body = request(&json!([group("a", &["b"]), group("b", &["a"]), group("c", &["a"]), user("u")]));
    let mut run = Bulk::parse(body.to_string().as_bytes()).expect("a bulk request").start();
    let mut provider = Provider::default();
    let first = run.next_wave();
    assert!(first.iter().all(Call::begins));
    for call in first {
        let outcome = provider.handle(&call);
        run.finish(call.step, outcome);
    }
    provider.calls.clear();
    run.stop();
    let rest = run.next_wave();
    let lines: Vec<_> = rest.iter().map(line).collect();
    assert!(lines.len() == 1 && lines[0].starts_with("DELETE /Groups/new-") && !rest[0].begins(), "{lines:?}");
    let outcome = provider.handle(&rest[0]);
    run.finish(rest[0].step, outcome);
    assert!(run.next_wave().is_empty());
}
