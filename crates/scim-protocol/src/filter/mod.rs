//! Filters (RFC 7644 §3.4.2.2): the tree, its parser, its checks, and matching within one element.

mod check;
mod evaluate;
mod lexer;
mod parser;

pub(crate) use parser::Parser;

use serde_json::Value;

use crate::ScimError;

/// The longest filter that is read, in bytes.
pub const MAX_LENGTH: usize = 4_096;
/// How deep parentheses, brackets and `not` may nest.
pub const MAX_DEPTH: usize = 32;

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        let operator = match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "ew" => Self::Ew,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        };
        Some(operator)
    }
}

/// A filter as a tree. Names stand as the client wrote them.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `name op value`
    Compare {
        /// The attribute.
        name: String,
        /// How.
        operator: Operator,
        /// With what: a string, number, boolean or null.
        value: Value,
    },
    /// `name pr`
    Present(String),
    /// `name[filter]`: one element fulfils all of it.
    Element {
        /// The multi-valued attribute.
        name: String,
        /// What one element must fulfil.
        filter: Box<Filter>,
    },
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
}

impl Filter {
    /// Reads a filter over users and checks that its attributes are there and comparable so.
    ///
    /// # Errors
    /// 400 `invalidFilter`.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        let filter = Parser::filter(text)?;
        filter.check()?;
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn compare(name: &str, operator: Operator, value: Value) -> Filter {
        Filter::Compare { name: name.to_owned(), operator, value }
    }

    #[test]
    fn and_binds_closer_than_or_and_not_closest() {
        let read = Filter::parse(r#"userName eq "a" OR NOT (title pr) and active Eq true"#);
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
            assert!(Filter::parse(filter).is_ok(), "{filter}: {:?}", Filter::parse(filter));
        }
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
            "emails[type eq \"work\"].value eq \"x\"",
            &deep,
            &long,
            &nots,
        ] {
            let error = Filter::parse(filter).expect_err(filter);
            assert_eq!((error.status, error.scim_type.as_deref()), (400, Some("invalidFilter")), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn no_text_crashes_the_parser(text in ".*", words in proptest::collection::vec("(and|or|not|\\(|\\)|\\[|\\]|userName|emails|eq|pr|\"x\"|true|5)", 0..40)) {
            let _ = Filter::parse(&text);
            let _ = Filter::parse(&words.join(" "));
        }
    }
}
