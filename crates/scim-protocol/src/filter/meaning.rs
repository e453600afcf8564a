//! Which resources fulfil a filter.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Filter;
use crate::{
    Object,
    arbitrary::{filters, groups, users},
    schema::{GROUPS, USERS},
    urn,
};

fn object(value: Value) -> Object {
    if let Value::Object(members) = value { members } else { panic!("{value} is no object") }
}

fn user() -> Object {
    object(json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER], "id": "2819c223", "externalId": "Ext", "userName": "Ünal", "active": true,
        "name": {"familyName": "O'Malley"},
        "emails": [{"value": "w@x.org", "type": "work"}, {"value": "h@y.org", "type": "home", "primary": true}, {"value": "n@z.org"}],
        "photos": [], "addresses": [{"locality": "Wien"}],
        "meta": {"resourceType": "User", "created": "2026-01-01T12:00:00Z", "lastModified": "2026-01-01T12:00:00.5Z"},
        urn::ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "26118915"}}
    }))
}

/// Each of these filters holds of the user, and its negation does not.
fn hold(filters: &[&str]) {
    all(filters, true);
}

/// None of these filters holds of the user, and its negation does.
fn do_not_hold(filters: &[&str]) {
    all(filters, false);
}

fn all(filters: &[&str], expected: bool) {
    for text in filters {
        for (text, expected) in [((*text).to_owned(), expected), (format!("not({text})"), !expected)] {
            let filter = Filter::parse(&USERS, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(filter.fulfilled_by(&USERS, &user()), expected, "{text}");
        }
    }
}

#[test]
fn names_are_found_in_any_case_and_by_their_urn_in_core_and_extension() {
    hold(&[
        "USERNAME pr",
        "Name.FAMILYname sw \"o'\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
        "URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER:DEPARTMENT eq \"r&d\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"26118915\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"26118915\"",
        "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
        "meta.resourceType eq \"User\" and id sw \"2819\"",
    ]);
}

#[test]
fn a_filter_in_brackets_is_about_one_element() {
    hold(&["emails[type eq \"work\" and value co \"x.org\"]", "emails[type ne \"work\" and value ew \"z.org\"]", "name[familyName pr]"]);
    do_not_hold(&["emails[type eq \"work\" and value co \"y.org\"]", "emails[type eq \"other\"]", "photos[value pr]", "ims[not (value pr)]"]);
    hold(&["emails.type eq \"work\" and emails.value co \"y.org\""]);
}

#[test]
fn a_complex_attribute_stands_for_its_value_and_any_value_will_do() {
    hold(&["emails co \"@x.org\"", "emails eq \"H@Y.ORG\"", "emails ne \"w@x.org\"", "emails.type ne \"work\"", "emails.primary eq true"]);
    do_not_hold(&["emails co \"@example.org\"", "emails.primary eq false", "emails.primary ne true"]);
}

#[test]
fn what_is_absent_is_as_null() {
    hold(&["title eq null", "title ne \"x\"", "photos eq null", "emails ne null", "addresses.country eq null", "emails[type eq null]"]);
    do_not_hold(&["title ne null", "title eq \"x\"", "title gt \"\"", "title co \"\"", "title le \"x\"", "userName eq null", "photos.value ne null"]);
}

#[test]
fn present_is_what_is_there_and_not_empty() {
    hold(&["userName pr", "name pr", "emails pr", "emails.type pr", "meta pr", "active pr"]);
    do_not_hold(&["title pr", "photos pr", "photos.value pr", "ims pr", "nickName pr", "name.givenName pr", "addresses.type pr"]);
}

#[test]
fn letter_case_counts_where_the_schema_says_so() {
    hold(&["userName eq \"üNAL\"", "userName co \"NA\"", "externalId eq \"Ext\"", "id eq \"2819c223\""]);
    do_not_hold(&["externalId eq \"ext\"", "externalId sw \"e\"", "id eq \"2819C223\"", "meta.resourceType eq \"user\""]);
}

#[test]
fn dates_are_compared_as_moments() {
    hold(&[
        "meta.created eq \"2026-01-01T13:00:00+01:00\"",
        "meta.created ge \"2026-01-01T12:00:00.000Z\"",
        "meta.created lt \"2026-01-01T12:00:00.000000001Z\"",
        "meta.lastModified gt \"2026-01-01T12:00:00Z\"",
        "meta.lastModified gt \"2026-01-01T13:30:00+02:00\"",
    ]);
    do_not_hold(&["meta.created ne \"2026-01-01T11:00:00-01:00\"", "meta.lastModified le \"2026-01-01T12:00:00.4Z\""]);
}

#[test]
fn booleans_may_be_written_as_strings() {
    hold(&["active eq true", "active eq \"True\"", "active ne \"FALSE\"", "emails[primary eq \"True\"]"]);
    assert!(Filter::parse(&USERS, "active eq \"yes\"").is_err());
}

#[test]
fn groups_are_found_by_their_members() {
    let group = object(json!({"id": "g", "displayName": "Staff", "members": [{"value": "A", "type": "User"}, {"value": "b", "type": "Group"}]}));
    for (filter, expected) in [
        ("members eq \"A\"", true),
        ("members.value eq \"a\"", false),
        ("members[type eq \"group\" and value eq \"b\"]", true),
        ("displayName eq \"STAFF\" and not (externalId pr)", true),
        ("urn:ietf:params:scim:schemas:core:2.0:Group:members.$ref pr", false),
    ] {
        assert_eq!(Filter::parse(&GROUPS, filter).expect(filter).fulfilled_by(&GROUPS, &group), expected, "{filter}");
    }
}

/// The filter with every `and` made of `not` and `or`.
fn by_de_morgan(filter: Filter) -> Filter {
    let not = |filter| Box::new(Filter::Not(Box::new(filter)));
    match filter {
        Filter::And(left, right) => *not(Filter::Or(not(by_de_morgan(*left)), not(by_de_morgan(*right)))),
        Filter::Or(left, right) => Filter::Or(Box::new(by_de_morgan(*left)), Box::new(by_de_morgan(*right))),
        Filter::Not(inner) => *not(by_de_morgan(*inner)),
        Filter::Element { name, filter } => Filter::Element { name, filter: Box::new(by_de_morgan(*filter)) },
        alone => alone,
    }
}

proptest! {
    #[test]
    fn the_laws_of_logic_hold_for_users(filter in filters(&USERS), user in users()) {
        prop_assert_eq!(by_de_morgan(filter.clone()).fulfilled_by(&USERS, &user), filter.fulfilled_by(&USERS, &user));
    }

    #[test]
    fn the_laws_of_logic_hold_for_groups(filter in filters(&GROUPS), group in groups()) {
        prop_assert_eq!(by_de_morgan(filter.clone()).fulfilled_by(&GROUPS, &group), filter.fulfilled_by(&GROUPS, &group));
    }
}
