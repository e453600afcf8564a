//! What a PUT sends back of the reset that a GET has shown.

use rekey_kernel::{Methods, Timestamp};
use rekey_scim_protocol::Orders;

use super::{LiveReset, readiness};

/// What clients that read dates keep of a moment: milliseconds.
const KEPT: i64 = 1_000;

/// The orders of a PUT without those options that only say again what a GET has shown of the reset in the way: they are that one's, and not
/// of the one that is ordered. `expiresAt` tells: a GET always shows it, and hardly two resets have it alike. Options without it were
/// written for their own reset: a PUT that is sent twice says the same twice.
pub fn without_echo(orders: &Orders, shown: Option<&LiveReset>) -> Orders {
    let Some(shown) = shown.filter(|shown| is_alike(orders.expires_at.as_deref(), shown.expires_at)) else { return orders.clone() };
    Orders {
        expires_at: None,
        methods: orders.methods.clone().filter(|names| !are_alike(names, &shown.methods)),
        reason: orders.reason.clone().filter(|reason| *reason != shown.reason),
        ..orders.clone()
    }
}

fn is_alike(text: Option<&str>, shown: Timestamp) -> bool {
    let at = text.and_then(Timestamp::parse_rfc3339);
    at.is_some_and(|at| at.as_micros().div_euclid(KEPT) == shown.as_micros().div_euclid(KEPT))
}

fn are_alike(names: &[String], shown: &Methods) -> bool {
    readiness::methods(names).is_ok_and(|methods| methods == *shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::{Method, ResetId};

    fn shown() -> LiveReset {
        LiveReset {
            id: ResetId::from_uuid(uuid::Uuid::nil()),
            state: "expired".into(),
            methods: [Method::Link, Method::Otp].into_iter().collect(),
            reason: "leak".into(),
            expires_at: Timestamp::parse_rfc3339("2026-01-01T12:00:00.123456Z").unwrap(),
            sent_at: None,
            guesses_left: 5,
        }
    }

    fn orders(methods: &[&str], reason: &str, expires_at: &str) -> Orders {
        let methods = Some(methods.iter().map(ToString::to_string).collect());
        Orders { force: true, force_named: true, methods, reason: Some(reason.into()), expires_at: Some(expires_at.into()), ..Orders::default() }
    }

    #[test]
    fn what_a_get_has_shown_is_no_order() {
        let bare = Orders { force: true, force_named: true, ..Orders::default() };
        for expires_at in ["2026-01-01T12:00:00.123456Z", "2026-01-01T13:00:00.123+01:00"] {
            assert_eq!(without_echo(&orders(&["OTP", "link"], "leak", expires_at), Some(&shown())), bare, "{expires_at}");
        }
        let other_reason = without_echo(&orders(&["link", "otp"], "again", "2026-01-01T12:00:00.123456Z"), Some(&shown()));
        assert_eq!(other_reason, Orders { reason: Some("again".into()), ..bare });
    }

    #[test]
    fn options_that_were_written_for_their_own_reset_stand() {
        let own = orders(&["link", "otp"], "leak", "2030-01-01T00:00:00Z");
        assert_eq!(without_echo(&own, Some(&shown())), own);
        let narrowed = Orders { expires_at: None, ..own.clone() };
        assert_eq!(without_echo(&narrowed, Some(&shown())), narrowed);
        assert_eq!(without_echo(&own, None), own);
    }
}
