//! Folding text for comparison.

use unicode_normalization::UnicodeNormalization;

/// The form in which names are compared ignoring case: NFKC, lower case. Databases fold ASCII at best, so it is done here.
pub fn fold(text: &str) -> String {
    // Most names: what is ASCII is its own NFKC.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_and_width_do_not_matter() {
        assert_eq!(fold("ÄLICE"), fold("älice"));
        assert_eq!(fold("Ａｌｉｃｅ"), "alice");
        assert_eq!(fold("Alice.B@Example.ORG"), "alice.b@example.org");
    }
}
