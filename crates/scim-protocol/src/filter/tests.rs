//! Reading filters.

use super::*;
use crate::{
    arbitrary::filters,
    schema::{GROUPS, USERS},
};
use proptest::prelude::*;
use serde_json::json;

fn compare(name: &str, operator: Operator, value: Value) -> Filter {
    Filter::Compare { name: name.to_owned(), operator, value }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let read = Filter::parse(&USERS, r#"userName eq "a" OR NOT (title pr) and active Eq true"#);
    let right = Filter::And(Box::new(Filter::Not(Box::new(Filter::Present("title".into())))), Box::new(compare("active", Operator::Eq, json!(true))));
    assert_eq!(read, Ok(Filter::Or(Box::new(compare("userName", Operator::Eq, json!("a"))), Box::new(right))));
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for filter in [
        r#"userName Eq "john""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        "not(title pr) and nickName eq null",
        r#"schemas eq "urn:scim:wso2:schema""#,
    ] {
        assert!(Filter::parse(&USERS, filter).is_ok(), "{filter}: {:?}", Filter::parse(&USERS, filter));
    }
}

#[test]
fn as_many_comparisons_as_are_allowed_are_read() {
    assert!(Filter::parse(&USERS, &vec!["title pr"; MAX_COMPARISONS].join(" or ")).is_ok());
}

#[test]
fn a_part_behind_the_bracket_is_one_of_the_same_element() {
    let sent = Filter::parse(&USERS, r#"emails[type eq "work"].value eq "x" and active eq true"#);
    assert_eq!(sent, Filter::parse(&USERS, r#"emails[type eq "work" and value eq "x"] and active eq true"#));
    assert!(Filter::parse(&USERS, r#"emails[type eq "work"].value pr"#).is_ok());
}

#[test]
fn bad_filters_are_refused() {
    let deep = format!("{}title pr{}", "(".repeat(1_000), ")".repeat(1_000));
    let long = format!(r#"userName eq "{}""#, "x".repeat(MAX_LENGTH));
    let nots = format!("{}(title pr){}", "not (".repeat(40), ")".repeat(40));
    for filter in [
        "",
        "userName",
        "userName eq",
        r#"userName is "x""#,
        r#"userName eq "x"#,
        "userName eq x",
        "active gt true",
        r#"active co "t""#,
        "nothing pr",
        r#"userName eq "x" and"#,
        r#"(userName eq "x""#,
        r#"userName eq "x")"#,
        "not title pr",
        "userName gt 5",
        r#"password eq "x""#,
        "password pr",
        r#"urn:scim:wso2:schema:oneTimePassword sw "A""#,
        "urn:scim:wso2:schema:oneTimePassword pr",
        "emails[type eq \"work\"].nothing eq \"x\"",
        "emails[type eq \"work\"].value",
        "emails[type eq \"work\"]value pr",
        r#"meta.created gt "yesterday""#,
        r#"meta.created sw "2026-01-01T00:00:00Z""#,
        r#"x509Certificates gt "a""#,
        r#"meta.location eq "https://x/scim2/Users/1""#,
        r#"urn:rekey:params:scim:schemas:extension:reset:1.0:User:state eq "pending""#,
        "urn:scim:wso2:schema pr",
        "displayName[value pr]",
        &deep,
        &vec!["title pr"; MAX_COMPARISONS + 1].join(" or "),
        &long,
        &nots,
    ] {
        let error = Filter::parse(&USERS, filter).expect_err(filter);
        assert_eq!((error.status, error.scim_type.as_deref()), (400, Some("invalidFilter")), "{filter}");
    }
}

#[test]
fn over_several_types_each_part_must_be_good_for_one() {
    let both = Filter::parse_any(&[&USERS, &GROUPS], r#"userName eq "a" or members.value eq "b" or displayName pr"#).expect("read");
    let user = json!({"id": "1", "userName": "A"});
    let group = json!({"id": "2", "members": [{"value": "b"}]});
    assert!(both.fulfilled_by(&USERS, user.as_object().expect("an object")) && both.fulfilled_by(&GROUPS, group.as_object().expect("an object")));
    for filter in ["nothing pr", "userName pr and nothing pr", "members.value gt true"] {
        assert!(Filter::parse_any(&[&USERS, &GROUPS], filter).is_err(), "{filter}");
    }
}

#[test]
fn a_refusal_names_its_reason() {
    let reset = Filter::parse(&USERS, "urn:rekey:params:scim:schemas:extension:reset:1.0:User:state pr").expect_err("refused");
    assert!(reset.detail.contains("only known when a resource is read"), "{reset}");
    let moment = Filter::parse(&USERS, r#"meta.lastModified gt "5""#).expect_err("refused");
    assert!(moment.detail.contains("a date and time like"), "{moment}");
}

#[test]
fn only_needed_parentheses_are_printed() {
    for text in ["a pr and b pr and c pr", "a pr or b pr and c pr", "(a pr or b pr) and c pr", "a pr and (b pr and c pr)", "not (a pr or b pr)", "a[b eq 1.5]"]
    {
        assert_eq!(Parser::filter(text).expect("read").to_string(), text);
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same_filter(filter in filters(&USERS), other in filters(&GROUPS)) {
        prop_assert_eq!(Filter::parse(&USERS, &filter.to_string()), Ok(filter));
        prop_assert_eq!(Filter::parse(&GROUPS, &other.to_string()), Ok(other));
    }

    #[test]
    fn no_text_crashes_the_parser(text in ".*", words in proptest::collection::vec("(and|or|not|\\(|\\)|\\[|\\]|userName|emails|eq|pr|\"x\"|true|5)", 0..40)) {
        let _ = Filter::parse(&USERS, &text);
        let _ = Filter::parse(&USERS, &words.join(" "));
    }
}
