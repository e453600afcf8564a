//! Cursors (RFC 9865): where a page begins, as a text that nobody but us need read.
//!
//! A cursor says all there is to know, so that every replica can go on from it and it never expires. It lets nobody see more than the
//! query does that it comes with.

use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::Failure;
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

    /// Reads a cursor of this query; an empty one is the beginning.
    ///
    /// # Errors
    /// 400 `invalidCursor` for what is no cursor, or one of another query.
    pub fn decode(text: &str, query: &Fingerprint) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (of, cursor) =
            read(text).ok_or_else(|| refusal("this is no cursor: send the `nextCursor` of the page before as it is, or an empty one for the first page"))?;
        if of == *query {
            return Ok(cursor);
        }
        Err(refusal("this cursor belongs to another query: keep filter, sortBy and sortOrder from page to page, or begin anew with an empty cursor"))
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

fn refusal(detail: &str) -> Failure {
    Failure::invalid("invalidCursor", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let query = Fingerprint::of(["User", "title pr"]);
        for key in [None, Some(Key::Text("ä\"/ø".into())), Some(Key::Number(-5))] {
            let cursor = Cursor { shelf: 1, after: Some(Place { key, id: Uuid::from_u128(7) }) };
            let text = cursor.encode(&query);
            assert_eq!(Cursor::decode(&text, &query).unwrap(), cursor);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        }
        let second = Cursor { shelf: 1, after: None };
        assert_eq!(Cursor::decode(&second.encode(&query), &query).unwrap(), second);
        assert_eq!(Cursor::decode("", &query).unwrap(), Cursor::default());
    }

    #[test]
    fn another_query_or_nonsense_is_refused() {
        let cursor = Cursor::default().encode(&Fingerprint::of(["User", "title pr"]));
        let odd = BASE64URL_NOPAD.encode(b"[1,2,3]");
        for text in [cursor.as_str(), "nonsense!", "AAAA", "%00", &odd] {
            let failure = Cursor::decode(text, &Fingerprint::of(["User", "title pr "])).unwrap_err();
            assert_eq!(failure.reason, "invalidCursor", "{text}");
        }
    }
}
