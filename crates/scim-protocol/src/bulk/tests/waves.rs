//! What is done at the same time, and what is not.

use super::*;

fn waves(operations: &Value) -> Vec<usize> {
    let mut provider = Provider::default();
    provider.answer(&request(operations));
    provider.waves
}

fn reset(id: &str) -> Value {
    let value = json!({urn::WSO2: {"forcePasswordReset": true}});
    json!({"method": "PATCH", "path": format!("/Users/{id}"), "data": {"Operations": [{"op": "add", "value": value}]}})
}

fn delete(path: &str) -> Value {
    json!({"method": "DELETE", "path": path})
}

fn add_member(group: &str, member: &str) -> Value {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
    json!({"method": "PATCH", "path": format!("/Groups/{group}"), "data": {"Operations": operations}})
}

#[test]
fn a_thousand_resets_are_one_wave() {
    let resets: Vec<_> = (0..MAX_OPERATIONS).map(|index| reset(&format!("user-{index}"))).collect();
    assert_eq!(waves(&Value::Array(resets)), [MAX_OPERATIONS]);
}

#[test]
fn new_users_and_their_groups_are_two_waves() {
    assert_eq!(waves(&json!([group("g", &["a", "b"]), user("a"), group("h", &["b"]), user("b")])), [2, 2]);
}

#[test]
fn operations_on_one_resource_keep_their_order() {
    assert_eq!(waves(&json!([reset("1"), reset("2"), reset("1"), reset("1")])), [2, 1, 1]);
    assert_eq!(waves(&json!([reset("ABC"), reset("abc")])), [1, 1]);
    let on_new = |path: &str| json!({"method": "PATCH", "path": path, "data": {}});
    assert_eq!(waves(&json!([on_new("/Users/bulkId:u"), on_new("/Users/bulkId:u"), user("u")])), [1, 1, 1]);
}

#[test]
fn what_mentions_a_resource_keeps_its_place_before_or_after_what_is_done_to_it() {
    assert_eq!(waves(&json!([add_member("g", "1"), delete("/Users/1")])), [1, 1]);
    assert_eq!(waves(&json!([reset("1"), add_member("g", "1")])), [1, 1]);
    assert_eq!(waves(&json!([add_member("g", "1"), add_member("h", "1"), reset("2")])), [3]);
    let remove = json!({"method": "PATCH", "path": "/Groups/g", "data": {"Operations": [{"op": "remove", "path": "members[value eq \"1\"]"}]}});
    assert_eq!(waves(&json!([remove, reset("1")])), [1, 1]);
}

#[test]
fn whoever_wants_a_name_first_gets_it() {
    let named = |bulk_id: &str, name: &str| post("/Users", bulk_id, &json!({"USERNAME": name}));
    assert_eq!(waves(&json!([named("a", "x"), named("b", "X"), named("c", "y")])), [2, 1]);
    assert_eq!(waves(&json!([delete("/Users/1"), delete("/Users/2"), named("a", "x")])), [2, 1]);
    let rename = json!({"method": "PATCH", "path": "/Users/1", "data": {"Operations": [{"op": "replace", "path": "userName", "value": "x"}]}});
    assert_eq!(waves(&json!([rename, named("a", "x"), reset("2")])), [2, 1]);
    let put = |id: &str| json!({"method": "PUT", "path": format!("/Users/{id}"), "data": {"userName": id}});
    assert_eq!(waves(&json!([put("1"), put("2")])), [1, 1]);
}

#[test]
fn a_group_may_be_changed_by_deleting_a_member() {
    assert_eq!(waves(&json!([add_member("g", "1"), delete("/Users/2")])), [1, 1]);
}

#[test]
fn with_a_limit_of_errors_one_comes_after_another() {
    let mut body = request(&json!([reset("1"), reset("2"), reset("3")]));
    body["failOnErrors"] = json!(10);
    let mut provider = Provider::default();
    provider.answer(&body);
    assert_eq!(provider.waves, [1, 1, 1]);
}
