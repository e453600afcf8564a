//! Folding text: the form in which texts are compared and ordered when the case of letters does not count.

use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case, NFKC: `ÄLICE` and `älice` are alike, and so are `Ａｌｉｃｅ` and `alice`. Filters, sorting and whatever a database
/// keeps for them must fold alike, or a list would hold other resources than the filter says.
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.nfkc().flat_map(char::to_lowercase).nfkc().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_width_do_not_matter() {
        assert_eq!(fold("ÄLICE"), fold("älice"));
        assert_eq!(fold("Ａｌｉｃｅ"), "alice");
    }

    proptest! {
        #[test]
        fn ascii_takes_a_short_cut_to_the_same_place(text in "[ -~]*") {
            prop_assert_eq!(fold(&text), text.nfkc().flat_map(char::to_lowercase).nfkc().collect::<String>());
        }
    }
}
