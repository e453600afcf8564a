//! What a PUT, or a PATCH without a path, sends back of the reset that a GET has shown.

use rekey_kernel::{Methods, Timestamp};
use rekey_scim_protocol::Orders;

use super::{LiveReset, readiness};

/// What clients that read dates keep of a moment: milliseconds.
const KEPT: i64 = 1_000;

/// The orders of a request without those options that a GET has shown: they are the shown reset's, and not of the one that is ordered. What
/// differs from the shown reset is meant while that one lives; when it has ended meanwhile nothing of it tells any more what was meant,
/// and all of it is passed over. Options that were said without a `resetId` are meant in any case.
pub fn without_echo(orders: &Orders, live: Option<&LiveReset>) -> Orders {
    let mut meant = orders.clone();
    let Some(echo) = meant.echo.take() else { return meant };
    let live = live.filter(|live| live.id.to_string() == echo.reset);
    meant.methods = meant.methods.or_else(|| echo.methods.filter(|names| live.is_some_and(|live| !are_alike(names, &live.methods))));
    meant.reason = meant.reason.or_else(|| echo.reason.filter(|reason| live.is_some_and(|live| *reason != live.reason)));
    meant.expires_at = meant.expires_at.or_else(|| echo.expires_at.filter(|text| live.is_some_and(|live| !is_alike(text, live.expires_at))));
    meant
}

fn is_alike(text: &str, shown: Timestamp) -> bool {
    Timestamp::parse_rfc3339(text).is_some_and(|at| at.as_micros().div_euclid(KEPT) == shown.as_micros().div_euclid(KEPT))
}

fn are_alike(names: &[String], shown: &Methods) -> bool {
    readiness::methods(names).is_ok_and(|methods| methods == *shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::{Method, ResetId};
    use rekey_scim_protocol::Echo;

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

    /// The trigger, in a document that shows the reset so.
    fn orders(methods: &[&str], reason: &str, expires_at: &str) -> Orders {
        let methods = Some(methods.iter().map(ToString::to_string).collect());
        let echo = Echo { reset: shown().id.to_string(), methods, reason: Some(reason.into()), expires_at: Some(expires_at.into()) };
        Orders { echo: Some(echo), ..bare() }
    }

    fn bare() -> Orders {
        Orders { force: true, force_named: true, ..Orders::default() }
    }

    #[test]
    fn what_a_get_has_shown_is_no_order() {
        for expires_at in ["2026-01-01T12:00:00.123456Z", "2026-01-01T13:00:00.123+01:00"] {
            assert_eq!(without_echo(&orders(&["OTP", "link"], "leak", expires_at), Some(&shown())), bare(), "{expires_at}");
        }
        let other_reason = without_echo(&orders(&["link", "otp"], "again", "2026-01-01T12:00:00.123456Z"), Some(&shown()));
        assert_eq!(other_reason, Orders { reason: Some("again".into()), ..bare() });
    }

    #[test]
    fn nothing_is_left_of_a_reset_that_has_ended_since_it_was_shown() {
        let echoed = orders(&["link", "otp"], "leak", "2026-01-01T12:00:00.123456Z");
        let another = LiveReset { id: ResetId::from_uuid(uuid::Uuid::from_u128(7)), ..shown() };
        assert_eq!((without_echo(&echoed, None), without_echo(&echoed, Some(&another))), (bare(), bare()));
    }

    #[test]
    fn options_that_were_written_for_their_own_reset_stand() {
        let options = Orders { methods: Some(vec!["link".into(), "otp".into()]), reason: Some("leak".into()), ..bare() };
        for live in [None, Some(&shown())] {
            assert_eq!(without_echo(&options, live), options, "though a reset has the same");
            let beside =
                Orders { echo: orders(&["link"], "other", "2026-01-01T12:00:00Z").echo, expires_at: Some("2027-01-01T00:00:00Z".into()), ..options.clone() };
            assert_eq!(without_echo(&beside, live), Orders { echo: None, ..beside.clone() }, "beside what was shown");
        }
    }
}
