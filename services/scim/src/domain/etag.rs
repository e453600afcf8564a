//! Versions as weak entity tags (RFC 9110 §8.8).
//!
//! `W/"7"` is the seventh version. `W/"7.1f00ab42"` is that as well, and shows parts that are not of the resource itself (the groups
//! of a user, the reset in its way): the digest of those makes a cache see them change. A client that sends a tag back with
//! `If-Match` protects what it writes, so there the version alone counts; and with `If-None-Match` on a change it is the same version that
//! it does not want to meet.

use rekey_kernel::{Failure, Kind};
use rekey_scim_protocol::etag::{Tag, tags};
use serde_json::Value;

use super::digest;

/// How much of the digest stands in a tag.
const DIGEST_BYTES: usize = 4;

/// The tag of a version that shows these parts of others.
pub fn tag(version: u64, derived: &[&Value]) -> String {
    if derived.is_empty() {
        return format!("W/\"{version}\"");
    }
    let texts: Vec<_> = derived.iter().map(ToString::to_string).collect();
    format!("W/\"{version}.{}\"", digest::short(texts.iter().map(String::as_str), DIGEST_BYTES))
}

/// On which versions a change depends (RFC 9110 §13.1): the headers as the client wrote them, empty where it did not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// The resource has one of these.
    pub if_match: &'a str,
    /// It has none of these.
    pub if_none_match: &'a str,
}

/// `If-Match` alone.
impl<'a, S: AsRef<str> + ?Sized> From<&'a S> for Conditions<'a> {
    fn from(if_match: &'a S) -> Self {
        Self { if_match: if_match.as_ref(), if_none_match: "" }
    }
}

impl Conditions<'_> {
    /// Would they refuse another version than the one that they were checked against?
    pub fn name_a_version(self) -> bool {
        (!self.if_match.trim().is_empty() && !tags(self.if_match).any(|tag| tag == Tag::Any)) || !self.if_none_match.trim().is_empty()
    }
}

/// # Errors
/// `PreconditionFailed` when `If-Match` is given and names neither this version nor `*`, or `If-None-Match` names one of both.
pub fn check(conditions: Conditions<'_>, version: u64) -> Result<(), Failure> {
    let (Conditions { if_match, if_none_match }, present) = (conditions, tag(version, &[]));
    if !if_match.trim().is_empty() && !names(if_match, version) {
        return Err(mismatch(format!("the version is {present} by now, not the one of If-Match: read the resource again")));
    }
    if names(if_none_match, version) {
        return Err(mismatch(format!("the resource is there with the version {present}, which If-None-Match rules out: nothing was changed")));
    }
    Ok(())
}

fn mismatch(detail: String) -> Failure {
    Failure::new(Kind::PreconditionFailed, "versionMismatch", detail)
}

/// Does one of the tags name the version, or any?
fn names(list: &str, version: u64) -> bool {
    let version = version.to_string();
    tags(list).any(|tag| tag.own().names(&version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_present_version_matches() {
        for good in ["", "*", "W/\"3\"", "\"3\"", "\"1\", W/\"3\"", "W/\"3.00000000\""] {
            assert!(check(good.into(), 3).is_ok(), "{good}");
        }
        for stale in ["W/\"2\"", "nonsense", "\"33\"", "W/\"2.3\"", "\"\"", "\"x,3\"", "\"*\""] {
            assert!(check(stale.into(), 3).unwrap_err().is(Kind::PreconditionFailed), "{stale}");
        }
    }

    #[test]
    fn a_change_that_wants_no_such_version_meets_none() {
        let unless = |if_none_match| Conditions { if_match: "", if_none_match };
        for met in ["*", "W/\"3\"", "\"3\"", "\"1\", W/\"3\"", "W/\"3.00000000\""] {
            assert!(check(unless(met), 3).unwrap_err().is(Kind::PreconditionFailed), "{met}");
        }
        for other in ["", "W/\"2\"", "nonsense", "\"33\"", "W/\"2.3\"", "\"\""] {
            assert!(check(unless(other), 3).is_ok(), "{other}");
        }
        assert!(check(Conditions { if_match: "\"3\"", if_none_match: "\"3\"" }, 3).is_err(), "both count");
    }

    #[test]
    fn a_change_whose_conditions_hold_for_one_version_is_made_to_that_one_alone() {
        for (if_match, if_none_match, expected) in [("", "", false), ("*", "", false), ("\"3\"", "", true), ("", "\"2\"", true), ("*", "\"2\"", true)] {
            assert_eq!(Conditions { if_match, if_none_match }.name_a_version(), expected, "{if_match} {if_none_match}");
        }
    }

    #[test]
    fn what_is_shown_of_others_is_in_the_tag() {
        let (one, two) = (json!([{"value": "a"}]), json!([{"value": "b"}]));
        assert_eq!(tag(3, &[]), "W/\"3\"");
        assert_ne!(tag(3, &[&one]), tag(3, &[&two]));
        assert!(check((&tag(3, &[&one])).into(), 3).is_ok());
    }
}
