//! Cursors (RFC 9865): where a page begins, as a text that nobody but us need read.
//!
//! A cursor says all there is to know, so that every replica can go on from it and it never expires. It lets nobody see more than the
//! query does that it comes with.

use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::Failure;
use rekey_scim_protocol::{Sort, schema::Kind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Key, Place, digest};

/// How much of a query's digest stands in a cursor.
const DIGEST_BYTES: usize = 8;

/// Where a page begins in a list over one type of resource, or over several one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The type, counted from 0.
    pub shelf: usize,
    /// Behind this place; `None`: at the type's beginning.
    pub after: Option<Place>,
}

/// What makes a query the same query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of all that decides on what is listed and in which order.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(digest::short(parts, DIGEST_BYTES))
    }
}

impl Cursor {
    /// As a text of characters that need no escaping in a URL.
    pub fn encode(&self, query: &Fingerprint) -> String {
        let id = self.after.as_ref().map(|place| place.id.to_string());
        let key = self.after.as_ref().and_then(|place| place.key.as_ref()).map(|key| match key {
            Key::Text(text) => Value::from(text.as_str()),
            Key::Number(number) => Value::from(*number),
        });
        BASE64URL_NOPAD.encode(json!([query.0, self.shelf, id, key]).to_string().as_bytes())
    }

    /// Reads a cursor of this query, whose types are sorted like this; an empty one is the beginning.
    ///
    /// # Errors
    /// 400 `invalidCursor` for what is no cursor, one of another query, or one with a place that the query's order does not have.
    pub fn decode(text: &str, query: &Fingerprint, sorts: &[Option<Sort>]) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (of, cursor) = read(text).ok_or_else(no_cursor)?;
        if of != *query {
            return Err(refusal(
                "this cursor belongs to another query: keep filter, sortBy and sortOrder from page to page, or begin anew with an empty cursor",
            ));
        }
        if cursor.fits(sorts) { Ok(cursor) } else { Err(no_cursor()) }
    }

    /// Could we have written it? Whoever makes up a cursor must not make the database compare texts with numbers.
    fn fits(&self, sorts: &[Option<Sort>]) -> bool {
        let key = self.after.as_ref().and_then(|place| place.key.as_ref());
        sorts.get(self.shelf).is_some_and(|sort| key.is_none_or(|key| sort.is_some_and(|sort| is_key_of(key, &sort))))
    }
}

fn is_key_of(key: &Key, sort: &Sort) -> bool {
    let is_number = matches!(sort.target.innermost().kind, Kind::Boolean | Kind::DateTime | Kind::Integer);
    match key {
        Key::Number(_) => is_number,
        // No stored text holds U+0000, and PostgreSQL takes none.
        Key::Text(text) => !is_number && !text.contains('\0'),
    }
}

fn read(text: &str) -> Option<(Fingerprint, Cursor)> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (of, shelf, id, key): (String, usize, Option<Uuid>, Value) = serde_json::from_slice(&bytes).ok()?;
    let key = match key {
        Value::Null => None,
        Value::String(text) => Some(Key::Text(text)),
        number => Some(Key::Number(number.as_i64()?)),
    };
    Some((Fingerprint(of), Cursor { shelf, after: id.map(|id| Place { key, id }) }))
}

fn no_cursor() -> Failure {
    refusal("this is no cursor: send the `nextCursor` of the page before as it is, or an empty one for the first page")
}

fn refusal(detail: &str) -> Failure {
    Failure::invalid("invalidCursor", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_scim_protocol::schema::USERS;

    fn sort(by: &str) -> Option<Sort> {
        Sort::parse(&USERS, by, "").unwrap()
    }

    fn at(shelf: usize, key: Option<Key>) -> Cursor {
        Cursor { shelf, after: Some(Place { key, id: Uuid::from_u128(7) }) }
    }

    #[test]
    fn what_is_written_is_read() {
        let query = Fingerprint::of(["User", "title pr"]);
        for (by, key) in [("title", None), ("title", Some(Key::Text("ä\"/ø".into()))), ("meta.created", Some(Key::Number(-5))), ("", None)] {
            let cursor = at(1, key);
            let text = cursor.encode(&query);
            assert_eq!(Cursor::decode(&text, &query, &[None, sort(by)]).unwrap(), cursor);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        }
        let second = Cursor { shelf: 1, after: None };
        assert_eq!(Cursor::decode(&second.encode(&query), &query, &[None, None]).unwrap(), second);
        assert_eq!(Cursor::decode("", &query, &[None]).unwrap(), Cursor::default());
    }

    #[test]
    fn another_query_or_nonsense_is_refused() {
        let cursor = Cursor::default().encode(&Fingerprint::of(["User", "title pr"]));
        let odd = BASE64URL_NOPAD.encode(b"[1,2,3]");
        for text in [cursor.as_str(), "nonsense!", "AAAA", "%00", &odd] {
            let failure = Cursor::decode(text, &Fingerprint::of(["User", "title pr "]), &[None]).unwrap_err();
            assert_eq!(failure.reason, "invalidCursor", "{text}");
        }
    }

    #[test]
    fn a_place_that_the_order_does_not_have_is_refused() {
        let query = Fingerprint::of(["User"]);
        let text = |text: &str| Some(Key::Text(text.into()));
        for (by, cursor) in [
            ("title", at(0, Some(Key::Number(5)))),
            ("title", at(0, text("a\0"))),
            ("title", at(1, text("a"))),
            ("meta.lastModified", at(0, text("a"))),
            ("active", at(0, text("true"))),
            ("", at(0, text("a"))),
            ("", at(0, Some(Key::Number(5)))),
        ] {
            let failure = Cursor::decode(&cursor.encode(&query), &query, &[sort(by)]).unwrap_err();
            assert_eq!(failure.reason, "invalidCursor", "{by}: {cursor:?}");
        }
    }
}
