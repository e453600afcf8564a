//! Entity tags as clients write them into `If-Match` and `If-None-Match` (RFC 9110 §8.8.3, §13.1).

/// What stands between the tags of a list.
const SEPARATORS: [char; 3] = [',', ' ', '\t'];

/// A tag of a list, weak or not: versions are compared weakly here, since ours say nothing of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag<'a> {
    /// `*`: whatever the version is.
    Any,
    /// What stands between the quotation marks, which may be a comma too. What a client wrote without them is taken as if it had them.
    Opaque(&'a str),
}

impl<'a> Tag<'a> {
    /// Is it this version, or any?
    pub fn names(self, opaque: &str) -> bool {
        self == Self::Any || self == Tag::Opaque(opaque)
    }

    /// The version without what stands behind its dot (which tells of other resources).
    #[must_use]
    pub fn own(self) -> Self {
        match self {
            Self::Any => Self::Any,
            Self::Opaque(opaque) => Self::Opaque(opaque.split_once('.').map_or(opaque, |(own, _)| own)),
        }
    }

    /// The first tag of what a client wrote, and the rest.
    fn first(list: &'a str) -> (Self, &'a str) {
        let unmarked = list.strip_prefix("W/").or_else(|| list.strip_prefix("w/")).unwrap_or(list);
        let quoted = unmarked.strip_prefix('"').and_then(|quoted| quoted.split_once('"'));
        if let Some((opaque, rest)) = quoted.filter(|(_, rest)| rest.is_empty() || rest.starts_with(SEPARATORS)) {
            return (Self::Opaque(opaque), rest);
        }
        let (bare, rest) = unmarked.split_once(',').unwrap_or((unmarked, ""));
        let bare = bare.trim_end();
        (if bare == "*" { Self::Any } else { Self::Opaque(bare) }, rest)
    }
}

/// The tags of a list.
pub fn tags(list: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let list = rest.trim_start_matches(SEPARATORS);
        let (tag, behind) = (!list.is_empty()).then(|| Tag::first(list))?;
        rest = behind;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(list: &str) -> Vec<Tag<'_>> {
        tags(list).collect()
    }

    #[test]
    fn a_list_is_read_as_the_rfc_writes_it() {
        use Tag::{Any, Opaque};
        assert_eq!(read("\"xyzzy\", W/\"r2d2xxxx\",\t\"\" ,, W/\"c3\""), [Opaque("xyzzy"), Opaque("r2d2xxxx"), Opaque(""), Opaque("c3")]);
        assert_eq!(read(" * "), [Any]);
        assert_eq!((read(""), read(" ,\t,")), (vec![], vec![]));
    }

    #[test]
    fn a_comma_or_a_star_within_a_tag_is_part_of_it() {
        assert_eq!(read("\"x,3\", \"*\""), [Tag::Opaque("x,3"), Tag::Opaque("*")]);
        assert!(!read("\"x,3\", \"*\"").iter().any(|tag| tag.names("3")));
    }

    #[test]
    fn what_is_written_without_quotes_counts_and_half_a_tag_is_none_that_there_is() {
        assert_eq!(read("3 , W/4"), [Tag::Opaque("3"), Tag::Opaque("4")]);
        for half in ["\"3", "\"1\"3", "\"x\"\"3\""] {
            assert_eq!(read(half), [Tag::Opaque(half)]);
        }
    }

    #[test]
    fn what_stands_behind_the_dot_can_be_left_out() {
        assert_eq!(Tag::Opaque("3.1f00ab42").own(), Tag::Opaque("3"));
        assert_eq!((Tag::Opaque("3").own(), Tag::Any.own()), (Tag::Opaque("3"), Tag::Any));
    }

    proptest! {
        #[test]
        fn every_list_of_tags_is_read_back(opaque in prop::collection::vec("[^\"\\x00-\\x1f\\x7f]{0,12}", 0..6), weak in any::<bool>()) {
            let written: Vec<_> = opaque.iter().map(|opaque| format!("{}\"{opaque}\"", if weak { "W/" } else { "" })).collect();
            let expected: Vec<_> = opaque.iter().map(|opaque| Tag::Opaque(opaque)).collect();
            let list = written.join(", ");
            prop_assert_eq!(read(&list), expected);
        }

        #[test]
        fn any_text_comes_to_an_end(list in ".*") {
            prop_assert!(tags(&list).count() <= list.len());
        }
    }
}
