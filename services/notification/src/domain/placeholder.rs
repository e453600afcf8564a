//! Filling placeholders: `{{name}}` becomes the value of `name`, `{{url:name}}` the same percent-encoded.
//!
//! Values are put in as they are needed where they stand (HTML is escaped), and are never read as templates themselves. They come from
//! users, so none of them can break a line or change the direction of writing.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{collections::BTreeMap, fmt};

/// RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where the rendered text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header or a plain text.
    Plain,
    /// An HTML page.
    Html,
}

/// What placeholders stand for. Some of it is secret, so `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Sets a value.
    pub fn set(&mut self, name: impl Into<String>, value: impl AsRef<str>) {
        self.0.insert(name.into(), one_line(value.as_ref()));
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// A rendered template.
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Placeholders that stand for nothing; they were rendered as nothing.
    pub unknown: Vec<String>,
}

/// Fills the placeholders. What is opened and never closed stays as it is.
pub fn render(template: &str, values: &Values, place: Place) -> Rendered {
    let mut rendered = Rendered { text: String::with_capacity(template.len() + 256), unknown: Vec::new() };
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        rendered.text.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            rendered.text.push_str("{{");
            rest = after;
            continue;
        };
        match value(name.trim(), values, place) {
            Some(value) => rendered.text.push_str(&value),
            None => rendered.unknown.push(name.trim().to_owned()),
        }
        rest = behind;
    }
    rendered.text.push_str(rest);
    rendered
}

fn value(name: &str, values: &Values, place: Place) -> Option<String> {
    let (bare, encoded) = name.strip_prefix("url:").map_or((name, false), |bare| (bare, true));
    let value = match values.get(bare) {
        Some(value) => value,
        // A user need not have every claim.
        None if bare.starts_with("user.claim.") => "",
        None => return None,
    };
    Some(match (encoded, place) {
        (true, _) => utf8_percent_encode(value, RESERVED).to_string(),
        (false, Place::Plain) => value.to_owned(),
        (false, Place::Html) => escaped(value),
    })
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Without anything that ends a line or turns the direction of writing.
fn one_line(value: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    value.chars().map(|c| if breaks(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        let mut values = Values::default();
        for (name, value) in pairs {
            values.set(*name, value);
        }
        values
    }

    #[test]
    fn names_become_values() {
        let values = values(&[("user-name", "a b"), ("x", "<&>\"'")]);
        assert_eq!(render("Hi {{user-name}}, {{url:user-name}}!", &values, Place::Plain).text, "Hi a b, a%20b!");
        assert_eq!(render("{{x}}", &values, Place::Html).text, "&lt;&amp;&gt;&quot;&#39;");
        assert_eq!(render("{{x}}", &values, Place::Plain).text, "<&>\"'");
    }

    #[test]
    fn unknown_names_become_nothing_and_are_told() {
        let rendered = render("a{{nothing}}b{{user.claim.city}}c", &Values::default(), Place::Plain);
        assert_eq!((rendered.text.as_str(), rendered.unknown), ("abc", vec!["nothing".to_owned()]));
    }

    #[test]
    fn values_are_not_read_as_templates() {
        let values = values(&[("a", "{{b}}"), ("b", "secret")]);
        assert_eq!(render("{{a}}", &values, Place::Plain).text, "{{b}}");
    }

    #[test]
    fn what_is_not_closed_stays() {
        assert_eq!(render("{{a} {{", &Values::default(), Place::Plain).text, "{{a} {{");
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", values(&[("confirmation-code", "ABCD")])), r#"{"confirmation-code"}"#);
    }

    proptest! {
        #[test]
        fn no_template_panics(template in ".*", value in ".*") {
            let values = values(&[("a", &value)]);
            render(&template, &values, Place::Plain);
            render(&template, &values, Place::Html);
        }

        #[test]
        fn no_value_breaks_a_line(value in "(?s).*") {
            let text = render("{{a}}{{url:a}}", &values(&[("a", &value)]), Place::Plain).text;
            let broken = text.contains(['\r', '\n', '\u{2028}']);
            prop_assert!(!broken);
        }

        #[test]
        fn no_value_writes_html(value in "(?s).*") {
            let text = render("{{a}}", &values(&[("a", &value)]), Place::Html).text;
            let written = text.contains(['<', '>', '"', '\'']);
            prop_assert!(!written);
        }

        #[test]
        fn text_without_placeholders_stays_as_it_is(text in "[^{]*") {
            prop_assert_eq!(render(&text, &Values::default(), Place::Html).text, text);
        }
    }
}
