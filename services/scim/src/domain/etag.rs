//! Versions as weak entity tags (RFC 9110 §8.8).
//!
//! `W/"7"` is the seventh version. `W/"7.1f00ab42"` is that as well, and shows parts that are not of the resource itself (the groups
//! of a user, the reset in its way): the digest of those makes a cache see them change. A client that sends a tag back with
//! `If-Match` protects what it writes, so there the version alone counts.

use rekey_kernel::{Failure, Kind};
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

/// # Errors
/// `PreconditionFailed` when `If-Match` is given and names neither this version nor `*`.
pub fn check(if_match: &str, version: u64) -> Result<(), Failure> {
    let present = version.to_string();
    if !is_conditional(if_match) || if_match.split(',').any(|candidate| version_of(candidate) == present) {
        return Ok(());
    }
    let detail = format!("the version is {} by now, not the one of If-Match: read the resource again", tag(version, &[]));
    Err(Failure::new(Kind::PreconditionFailed, "versionMismatch", detail))
}

/// Does `If-Match` ask for a certain version?
pub fn is_conditional(if_match: &str) -> bool {
    !if_match.trim().is_empty() && !if_match.split(',').any(|candidate| version_of(candidate) == "*")
}

fn version_of(candidate: &str) -> &str {
    let candidate = candidate.trim();
    let quoted = candidate.strip_prefix("W/").or_else(|| candidate.strip_prefix("w/")).unwrap_or(candidate);
    let opaque = quoted.trim_matches('"');
    opaque.split_once('.').map_or(opaque, |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_present_version_matches() {
        for good in ["", "*", "W/\"3\"", "\"3\"", "\"1\", W/\"3\"", "W/\"3.00000000\""] {
            assert!(check(good, 3).is_ok(), "{good}");
        }
        for stale in ["W/\"2\"", "nonsense", "\"33\"", "W/\"2.3\"", "\"\""] {
            assert!(check(stale, 3).unwrap_err().is(Kind::PreconditionFailed), "{stale}");
        }
    }

    #[test]
    fn what_is_shown_of_others_is_in_the_tag() {
        let (one, two) = (json!([{"value": "a"}]), json!([{"value": "b"}]));
        assert_eq!(tag(3, &[]), "W/\"3\"");
        assert_ne!(tag(3, &[&one]), tag(3, &[&two]));
        assert!(check(&tag(3, &[&one]), 3).is_ok());
    }
}
