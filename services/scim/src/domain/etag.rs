//! Versions as weak entity tags (RFC 9110 §8.8).

use rekey_kernel::{Failure, Kind};

/// `W/"7"`.
pub fn tag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// # Errors
/// `PreconditionFailed` when `If-Match` is given and names neither this version nor `*`.
pub fn check(if_match: &str, version: u64) -> Result<(), Failure> {
    let present = version.to_string();
    let names = |candidate: &str| {
        let candidate = candidate.trim();
        let quoted = candidate.strip_prefix("W/").or_else(|| candidate.strip_prefix("w/")).unwrap_or(candidate);
        quoted == "*" || quoted.trim_matches('"') == present
    };
    if if_match.trim().is_empty() || if_match.split(',').any(names) {
        return Ok(());
    }
    let detail = format!("the user's version is {} by now, not the one of If-Match: read it again", tag(version));
    Err(Failure::new(Kind::PreconditionFailed, "versionMismatch", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_version_matches() {
        for good in ["", "*", "W/\"3\"", "\"3\"", "\"1\", W/\"3\""] {
            assert!(check(good, 3).is_ok(), "{good}");
        }
        for stale in ["W/\"2\"", "nonsense", "\"33\""] {
            assert!(check(stale, 3).unwrap_err().is(Kind::PreconditionFailed), "{stale}");
        }
    }
}
