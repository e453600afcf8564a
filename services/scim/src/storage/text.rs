//! Texts as columns hold them, so that the order of columns is the order of code points and prefixes are ranges.

use rekey_scim_protocol::{fold, schema::Attribute};

/// A text as the column of this attribute holds it.
pub(super) fn stored(attribute: &Attribute, text: &str) -> String {
    without_nul(if attribute.case_exact { text.to_owned() } else { fold(text) })
}

/// `PostgreSQL` stores no U+0000. Clients cannot send it any more, but older profiles may hold it.
pub(super) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

/// The end of the range of texts that start with this one: the least text that is greater than all of them. `None`: the range has
/// no end.
pub(super) fn after_all_with(prefix: &str) -> Option<String> {
    let mut kept: Vec<char> = prefix.chars().collect();
    while let Some(last) = kept.pop() {
        // Surrogates are no characters: after U+D7FF comes U+E000.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            kept.push(next);
            return Some(kept.into_iter().collect());
        }
    }
    None
}

/// At most so many characters of a text.
pub(super) fn clipped(text: String, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_prefix_is_a_range(prefix in "[\u{D7FE}-\u{E001}a\u{10FFFE}-\u{10FFFF}]{0,3}", text in "[\u{D7FE}-\u{E001}ab\u{10FFFE}-\u{10FFFF}]{0,5}") {
            let below = after_all_with(&prefix).is_none_or(|end| text < end);
            prop_assert_eq!(text >= prefix && below, text.starts_with(&prefix));
        }
    }

    #[test]
    fn clipping_cuts_between_characters() {
        assert_eq!((clipped("äöü".into(), 2), clipped("äö".into(), 2)), ("äö".into(), "äö".into()));
    }
}
