//! Can a reset be carried out? If not, it is refused with the reason, and nothing changes.

use rekey_kernel::{EmailAddress, Failure, Method, Methods, Timestamp};

/// The ways back in that a reset has: those enabled, or those of them that the request asks for, without the mailed ones when
/// there is no address to mail to.
///
/// # Errors
/// 400 `invalidValue` naming the disabled methods or the missing address.
pub fn choose(enabled: &Methods, wanted: Option<&Methods>, address: Result<&EmailAddress, &str>) -> Result<Methods, Failure> {
    if enabled.is_empty() {
        return Err(refusal("the password reset methods `link`, `otp` and `offline` are all disabled for this tenant: enable at least one of them"));
    }
    let wanted = wanted.filter(|methods| !methods.is_empty());
    let disabled: Methods = wanted.into_iter().flat_map(Methods::iter).filter(|method| !enabled.contains(*method)).collect();
    if !disabled.is_empty() {
        return Err(refusal(format!("the requested reset methods are disabled for this tenant: {disabled}; enabled are: {enabled}")));
    }
    let chosen = wanted.unwrap_or(enabled);
    match address {
        Ok(_) => Ok(chosen.clone()),
        Err(why) => offline(chosen, why),
    }
}

/// Those of the methods that need no address.
fn offline(chosen: &Methods, why: &str) -> Result<Methods, Failure> {
    let possible: Methods = chosen.iter().filter(|method| !method.is_mailed()).collect();
    if possible.is_empty() {
        return Err(refusal(format!("{why}; the reset methods {chosen} need one: set it, or enable `offline`")));
    }
    Ok(possible)
}

/// The methods that a request names.
///
/// # Errors
/// 400 `invalidValue` for a name that is no method.
pub fn methods(names: &[String]) -> Result<Methods, Failure> {
    names.iter().map(|name| name.parse::<Method>().map_err(|error| refusal(format!("`methods`: {error}")))).collect()
}

/// The end that a request names.
///
/// # Errors
/// 400 `invalidValue` when it is no moment to come.
pub fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let at = Timestamp::parse_rfc3339(text).ok_or_else(|| refusal("`expiresAt` must be a date and time like 2030-01-31T12:00:00Z"))?;
    if at > now { Ok(at) } else { Err(refusal("`expiresAt` lies in the past: it must be a moment to come")) }
}

/// The longest `reason`, in characters.
pub const MAX_REASON: usize = 1_000;

/// The reason that a request gives.
///
/// # Errors
/// 400 `invalidValue` when it is too long.
pub fn reason(text: Option<&str>) -> Result<String, Failure> {
    let text = text.unwrap_or_default();
    if text.chars().count() > MAX_REASON {
        return Err(refusal(format!("`reason` may have at most {MAX_REASON} characters")));
    }
    Ok(text.to_owned())
}

fn refusal(detail: impl Into<String>) -> Failure {
    Failure::invalid("invalidValue", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(methods: &[Method]) -> Methods {
        methods.iter().copied().collect()
    }

    #[test]
    fn without_any_method_nothing_can_be_done() {
        assert!(choose(&set(&[]), None, Err("no address")).unwrap_err().detail.contains("link"));
    }

    #[test]
    fn without_an_address_only_offline_remains() {
        let all = set(&Method::ALL);
        assert_eq!(choose(&all, None, Err("no address")).unwrap(), set(&[Method::Offline]));
        assert!(choose(&set(&[Method::Link]), None, Err("no address")).unwrap_err().detail.contains("address"));
        assert!(choose(&all, Some(&set(&[Method::Otp])), Err("no address")).unwrap_err().detail.contains("address"));
    }

    #[test]
    fn a_request_may_narrow_but_not_widen() {
        let address = "a@b.c".parse().unwrap();
        let enabled = set(&[Method::Link, Method::Otp]);
        assert_eq!(choose(&enabled, Some(&set(&[Method::Otp])), Ok(&address)).unwrap(), set(&[Method::Otp]));
        assert_eq!(choose(&enabled, Some(&set(&[])), Ok(&address)).unwrap(), enabled);
        let widened = choose(&enabled, Some(&set(&[Method::Otp, Method::Offline])), Ok(&address)).unwrap_err();
        assert!(widened.detail.contains("offline"), "{widened}");
    }

    #[test]
    fn an_expiry_lies_ahead() {
        let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        assert!(expiry("2026-01-01T00:00:01Z", now).is_ok());
        assert!(expiry("2026-01-01T00:00:00Z", now).is_err() && expiry("tomorrow", now).is_err());
    }
}
