//! Failures that must be alike wherever they come from.

use rekey_kernel::{Failure, Violation};

use crate::domain::{Reset, StateName, reset::Ended};

/// What everybody is told whose login failed, whatever the reason.
pub const LOGIN_FAILED: &str = "Login failed! Please recheck the username and password and try again";

/// 401: the same for every failed login and every dead session.
pub fn login_failed() -> Failure {
    Failure::unauthenticated("login_failed", LOGIN_FAILED)
}

/// 404: the link does not verify.
pub(super) fn invalid_token() -> Failure {
    Failure::new(rekey_kernel::Kind::NotFound, "invalid_token", "this link is not valid; it may have been copied incompletely")
}

/// 410: the link is genuine, but its reset has ended.
pub(super) fn link_ended(reset: &Reset) -> Failure {
    Failure::gone(match reset.state.name() {
        StateName::Completed => "this link has been used: the new password is set",
        StateName::Superseded => "a newer link has been sent: use that one",
        StateName::Cancelled => "the password reset was taken back: the former password is good again",
        StateName::Expired => "this link has expired: ask your administrator for a new one",
        StateName::Pending | StateName::Exhausted => "this link is no longer good: ask your administrator for a new one",
    })
}

/// 409: nothing can be done with a reset that has ended.
pub(super) fn reset_ended(Ended(state): Ended) -> Failure {
    Failure::conflict("reset_ended", format!("this reset has ended: it is {}", state.as_str()))
}

/// 422, or nothing when there is nothing to object.
pub(super) fn policy(violations: Vec<Violation>) -> Result<(), Failure> {
    if violations.is_empty() {
        return Ok(());
    }
    let detail = violations.iter().map(|violation| violation.detail.as_str()).collect::<Vec<_>>().join(" ");
    Err(Failure::unprocessable("password_policy", detail, violations))
}

/// 404, without a hint whether it is there for others.
pub(super) fn no_such_user() -> Failure {
    Failure::not_found("no such user")
}

/// 404, without a hint whether it is there for others.
pub(super) fn no_such_reset() -> Failure {
    Failure::not_found("no such password reset")
}
