//! Sorting as RFC 7644 §3.4.2.3 has it.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::cmp::Ordering;

use super::Sort;
use crate::{
    Object, ScimError,
    schema::{GROUPS, USERS},
    urn,
};

fn sort(by: &str, order: &str) -> Result<Option<Sort>, ScimError> {
    Sort::parse(&USERS, by, order)
}

fn object(value: Value) -> Object {
    if let Value::Object(members) = value { members } else { panic!("{value} is no object") }
}

/// The ids of these users, in this order.
fn sorted(by: &str, order: &str, users: &[Value]) -> Vec<String> {
    let sort = sort(by, order).expect("read").expect("an order");
    let mut users: Vec<_> = users.iter().cloned().map(object).collect();
    users.sort_by(|one, other| sort.compare(one, other));
    users.iter().map(|user| user["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn what_is_absent_comes_last_and_when_descending_first() {
    let users = [json!({"id": "1"}), json!({"id": "2", "title": "b"}), json!({"id": "3", "title": "A"})];
    assert_eq!(sorted("title", "", &users), ["3", "2", "1"]);
    assert_eq!(sorted("TITLE", "Ascending", &users), ["3", "2", "1"]);
    assert_eq!(sorted("title", "DESCENDING", &users), ["1", "2", "3"]);
}

#[test]
fn those_alike_are_in_the_order_of_ids_whatever_the_order() {
    let users = [json!({"id": "2", "title": "x"}), json!({"id": "1", "title": "X"})];
    assert_eq!((sorted("title", "ascending", &users), sorted("title", "descending", &users)), (vec!["1".into(), "2".into()], vec!["1".into(), "2".into()]));
}

#[test]
fn letter_case_counts_only_where_the_schema_says_so() {
    let users = [json!({"id": "1", "userName": "b", "externalId": "b"}), json!({"id": "2", "userName": "C", "externalId": "C"})];
    assert_eq!(sorted("userName", "", &users), ["1", "2"]);
    assert_eq!(sorted("externalId", "", &users), ["2", "1"]);
}

#[test]
fn of_several_values_the_primary_one_counts_else_the_first() {
    let users =
        [json!({"id": "1", "emails": [{"value": "a"}, {"value": "z", "primary": true}]}), json!({"id": "2", "emails": [{"value": "m"}, {"value": "a"}]})];
    for name in ["emails", "emails.value", "urn:ietf:params:scim:schemas:core:2.0:User:emails"] {
        assert_eq!(sorted(name, "", &users), ["2", "1"], "{name}");
    }
}

#[test]
fn moments_are_compared_as_moments_and_extensions_lie_under_their_urns() {
    let created = |id: &str, at: &str, department: &str| json!({"id": id, "meta": {"created": at}, urn::ENTERPRISE_USER: {"department": department}});
    let users = [created("1", "2026-01-01T12:00:00Z", "b"), created("2", "2026-01-01T12:30:00+01:00", "a")];
    assert_eq!(sorted("meta.created", "", &users), ["2", "1"]);
    assert_eq!(sorted(&format!("{}:department", urn::ENTERPRISE_USER), "descending", &users), ["1", "2"]);
}

#[test]
fn what_cannot_be_sorted_by_is_refused_by_its_name() {
    let reset = format!("{}:state", urn::RESET);
    for name in ["nothing", "name", "addresses", "x509Certificates", "password", "urn:scim:wso2:schema:oneTimePassword", &reset, "meta.location", urn::WSO2] {
        let error = sort(name, "").expect_err(name);
        assert!(error.scim_type.as_deref() == Some("invalidValue") && error.detail.contains(name), "{name}: {error}");
    }
    assert!(Sort::parse(&GROUPS, "userName", "").is_err() && Sort::parse(&GROUPS, "displayName", "").is_ok());
}

#[test]
fn an_order_without_an_attribute_is_passed_over() {
    assert!(matches!(sort(" ", "sideways"), Ok(None)));
    assert_eq!(sort("userName", "sideways").expect_err("refused").scim_type.as_deref(), Some("invalidValue"));
}

proptest! {
    #[test]
    fn the_order_is_total(titles in proptest::collection::vec(proptest::option::of("[a-cA-C]{0,2}"), 3), descending in any::<bool>()) {
        let users: Vec<_> = titles.iter().enumerate().map(|(at, title)| object(json!({"id": at.to_string(), "title": title}))).collect();
        let sort = sort("title", if descending { "descending" } else { "" }).expect("read").expect("an order");
        let at_most = |one: usize, other: usize| sort.compare(&users[one], &users[other]) != Ordering::Greater;
        prop_assert_eq!(sort.compare(&users[0], &users[1]), sort.compare(&users[1], &users[0]).reverse());
        prop_assert!(!(at_most(0, 1) && at_most(1, 2)) || at_most(0, 2));
    }
}
