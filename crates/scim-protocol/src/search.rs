//! Searching by POST (RFC 7644 §3.4.3): the parameters of a list in a body, where no log of URLs sees them.

use crate::{ScimError, json, message::Message, urn};

/// The members besides `schemas`.
const MEMBERS: [&str; 8] = ["attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor"];

/// What a body of `POST …/.search` asks for. Nothing is checked here that depends on the type of resource: names, filter and order
/// are texts still.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// `filter`; empty: all.
    pub filter: String,
    /// `sortBy`; empty: in no order of the client's.
    pub sort_by: String,
    /// `sortOrder`; empty: ascending.
    pub sort_order: String,
    /// `startIndex`.
    pub start_index: Option<i64>,
    /// `count`.
    pub count: Option<i64>,
    /// `cursor` (RFC 9865); there, even empty, it chooses paging by cursor.
    pub cursor: Option<String>,
    /// `attributes`: what is returned, and nothing else.
    pub attributes: Vec<String>,
    /// `excludedAttributes`: what is not returned.
    pub excluded_attributes: Vec<String>,
}

impl Search {
    /// Reads a body. Names of members may be written in any case, unknown ones are refused, and null is as good as absent.
    /// `schemas` should be that of a `SearchRequest`: a body without it is taken, since the path says what it is; one that names only
    /// something else was meant for another place and is not. `attributes` may be one text, as in the URL of a GET.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no JSON object, another message, says a thing twice or one that there is not; `invalidValue` for a
    /// member of the wrong type, `invalidCount` where that is `count` beside a cursor; `invalidFilter` for an empty filter.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let mut message = Message::new(json::object(body)?);
        message.check_schemas(urn::SEARCH_REQUEST)?;
        let cursor = message.text("cursor")?;
        let search = Self {
            filter: filter(message.text("filter")?)?,
            sort_by: message.text("sortBy")?.unwrap_or_default(),
            sort_order: message.text("sortOrder")?.unwrap_or_default(),
            start_index: message.integer("startIndex")?,
            count: message.integer("count").map_err(|error| if cursor.is_some() { ScimError::invalid_count(error.detail) } else { error })?,
            cursor,
            attributes: message.texts("attributes")?,
            excluded_attributes: message.texts("excludedAttributes")?,
        };
        message.refuse_others("SearchRequest", &MEMBERS)?;
        Ok(search)
    }
}

/// An empty filter is a mistake of whoever put it together: it must not find everybody.
fn filter(text: Option<String>) -> Result<String, ScimError> {
    match text {
        Some(text) if text.trim().is_empty() => Err(ScimError::invalid_filter("the filter is empty: leave `filter` out to list everything")),
        text => Ok(text.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(body: &Value) -> Result<Search, ScimError> {
        Search::parse(body.to_string().as_bytes())
    }

    #[test]
    fn the_example_of_the_rfc_is_read() {
        let body = br#"{
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": ["displayName", "userName"],
            "filter": "displayName sw \"smith\"",
            "startIndex": 1,
            "count": 10
        }"#;
        let search = Search::parse(body).expect("a search");
        assert_eq!(search.filter, r#"displayName sw "smith""#);
        assert_eq!((search.start_index, search.count, search.cursor), (Some(1), Some(10), None));
        assert_eq!(search.attributes, ["displayName", "userName"]);
        assert!(search.excluded_attributes.is_empty() && search.sort_by.is_empty());
    }

    #[test]
    fn names_are_read_in_any_case_and_an_empty_cursor_is_one() {
        let search = read(&json!({"SORTBY": "userName", "sortorder": "descending", "Cursor": "", "excludedattributes": "emails,name", "COUNT": -1}));
        let search = search.expect("a search");
        assert_eq!((search.sort_by.as_str(), search.sort_order.as_str()), ("userName", "descending"));
        assert_eq!((search.cursor.as_deref(), search.count), (Some(""), Some(-1)));
        assert_eq!(search.excluded_attributes, ["emails,name"]);
    }

    #[test]
    fn what_is_absent_null_or_empty_asks_for_nothing() {
        for body in [json!({}), json!({"filter": null, "cursor": null, "attributes": null, "count": null}), json!({"schemas": [], "attributes": []})] {
            assert_eq!(read(&body), Ok(Search::default()), "{body}");
        }
    }

    #[test]
    fn a_number_too_large_is_as_large_as_can_be() {
        let count = |text: &str| Search::parse(format!(r#"{{"count":{text}}}"#).as_bytes()).map(|search| search.count);
        for huge in ["9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999999999"] {
            assert_eq!(count(huge), Ok(Some(i64::MAX)), "{huge}");
            assert_eq!(count(&format!("-{huge}")), Ok(Some(i64::MIN)), "-{huge}");
        }
        assert_eq!(count("9223372036854775807"), Ok(Some(i64::MAX)));
    }

    #[test]
    fn an_empty_filter_does_not_find_everybody() {
        for empty in ["", " ", "\t"] {
            assert_eq!(read(&json!({"filter": empty})).expect_err("refused").scim_type.as_deref(), Some("invalidFilter"), "{empty:?}");
        }
    }

    #[test]
    fn a_member_that_there_is_not_is_named_and_those_that_there_are() {
        for (body, name) in [(json!({"fitler": "userName pr"}), "`fitler`"), (json!({"filter": "userName pr", "other": null}), "`other`")] {
            let error = read(&body).expect_err("refused");
            assert_eq!(error.scim_type.as_deref(), Some("invalidSyntax"), "{body}");
            assert!([name, "`schemas`", "`filter`", "`excludedAttributes`", "`cursor`"].iter().all(|part| error.detail.contains(part)), "{error}");
        }
    }

    #[test]
    fn other_messages_and_wrong_types_are_refused_and_say_what_would_be_right() {
        for (body, kind, hint) in [
            (json!([]), "invalidSyntax", "object"),
            (json!({"schemas": [urn::PATCH_OP]}), "invalidSyntax", urn::SEARCH_REQUEST),
            (json!({"filter": "x pr", "FILTER": "y pr"}), "invalidSyntax", "`filter`"),
            (json!({"schemas": 1}), "invalidValue", "`schemas` must be an array of strings"),
            (json!({"filter": 1}), "invalidValue", "`filter` must be text"),
            (json!({"count": "10"}), "invalidValue", "`count` must be a whole number"),
            (json!({"count": "10", "cursor": ""}), "invalidCount", "`count` must be a whole number"),
            (json!({"startIndex": 1.5}), "invalidValue", "`startIndex` must be a whole number"),
            (json!({"attributes": {"a": 1}}), "invalidValue", "`attributes` must be an array of strings"),
            (json!({"attributes": ["a", 1]}), "invalidValue", "`attributes` must be text"),
        ] {
            let error = read(&body).expect_err("refused");
            assert_eq!((error.status, error.scim_type.as_deref()), (400, Some(kind)), "{body}");
            assert!(error.detail.contains(hint), "{body}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_crash_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Search::parse(&bytes);
        }
    }
}
