//! Reading JSON from a stranger: bounded depth, no duplicate keys, no NUL characters. And writing it.

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::{
    fmt,
    io::{self, Write},
};

use crate::{Object, ScimError};

/// How deep a body may nest. A SCIM resource needs five levels.
pub const MAX_DEPTH: usize = 32;

/// Reads a body that must be one JSON object.
///
/// # Errors
/// 400 `invalidSyntax` for anything else: no JSON, invalid UTF-8, too deep, a name twice, another type.
pub fn object(body: &[u8]) -> Result<Object, ScimError> {
    match value(body)? {
        Value::Object(members) => Ok(members),
        other => Err(ScimError::invalid_syntax(format!("the body must be a JSON object, not {}", kind(&other)))),
    }
}

fn value(body: &[u8]) -> Result<Value, ScimError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = Node { levels_left: MAX_DEPTH }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| ScimError::invalid_syntax(format!("the body cannot be read as JSON: {error}")))
}

/// An object as text.
pub fn text(object: &Object) -> String {
    // Writing what is borrowed could fail, as far as the types tell; writing a value of one's own cannot.
    serde_json::to_string(object).unwrap_or_else(|_| Value::Object(object.clone()).to_string())
}

/// How many bytes a value has as JSON.
pub fn size(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    // It is read from JSON, or is as simple: only the writing could fail, and counting does not.
    serde_json::to_writer(&mut count, value).map_or(usize::MAX, |()| count.0)
}

/// Counts what is written.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// At most so much of a client's text as an error text bears.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

/// What a value is, for error texts.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

struct Node {
    levels_left: usize,
}

impl Node {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        let levels_left = self.levels_left.checked_sub(1).ok_or_else(|| E::custom(format!("it nests deeper than {MAX_DEPTH} levels")))?;
        Ok(Self { levels_left })
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        if value.contains('\0') { Err(E::custom("a string holds the character U+0000")) } else { Ok(Value::String(value)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self.deeper()?)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("the name `{}` stands twice in one object", shown(&name))));
            }
            object.insert(name, members.next_value_seed(self.deeper()?)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rubbish_is_a_400_and_never_a_crash() {
        let brackets = vec![b'['; 100_000];
        let braces = "{\"a\":".repeat(100_000);
        let bad: [&[u8]; 9] =
            [b"", b"nonsense", &brackets, braces.as_bytes(), b"{\"a\":\"\xff\xfe\"}", b"[]", b"{\"a\":1,\"a\":2}", b"{} {}", br#"{"a":"\u0000"}"#];
        for body in bad {
            let error = object(body).expect_err("must be refused");
            assert_eq!((error.status, error.scim_type.as_deref()), (400, Some("invalidSyntax")));
        }
    }

    #[test]
    fn a_long_name_that_stands_twice_is_repeated_in_part() {
        let name = "ü".repeat(100_000);
        let error = object(format!("{{\"{name}\":1,\"{name}\":2}}").as_bytes()).expect_err("must be refused");
        assert!(error.detail.matches('ü').count() == 100 && error.detail.contains("line 1"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_crash_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = object(&bytes);
        }

        #[test]
        fn what_serde_json_writes_is_read_back(text in "[^\\x00]*", number in any::<i64>()) {
            let whole = serde_json::json!({"a": [text, number, null, true, {"b": 1.5}]});
            prop_assert_eq!(size(&whole), whole.to_string().len());
            prop_assert_eq!(Value::Object(object(whole.to_string().as_bytes()).expect("read")), whole);
        }
    }
}
