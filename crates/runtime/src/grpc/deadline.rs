//! Every call has a deadline, and hands what is left of it on to the calls that it makes.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderValue};
use std::{future::Future, time::Duration};
use tokio::time::Instant;

/// What a call gets that nobody gave a deadline.
pub(super) const DEFAULT: Duration = Duration::from_secs(10);
/// Nobody gets more than this. It is what a thousand operations in one request may need: a thousand new users are as many password
/// hashes, one after another, on a machine that has other things to do.
pub const LONGEST: Duration = Duration::from_mins(10);
const HEADER: &str = "grpc-timeout";

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs with this much time for all the calls that it makes.
pub fn within<F: Future>(time: Duration, work: F) -> impl Future<Output = F::Output> {
    DEADLINE.scope(Instant::now() + time, work)
}

/// What is left of the deadline of the call that we are in, else the default.
pub(crate) fn left() -> Duration {
    DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now())).unwrap_or(DEFAULT)
}

/// Tells the callee how long it has: what is left here, or less if the client said so.
pub(super) fn announce(headers: &mut HeaderMap) -> Duration {
    let time = read(headers).map_or_else(left, |asked| asked.min(left()));
    if let Ok(value) = HeaderValue::try_from(format!("{}m", time.as_millis().min(99_999_999))) {
        headers.insert(HEADER, value);
    }
    time
}

/// The time that the caller gives.
pub(super) fn given(headers: &HeaderMap) -> Duration {
    read(headers).unwrap_or(DEFAULT).min(LONGEST)
}

/// The server's side: the calls that the handler makes share the time it was given.
pub(super) async fn accept(request: Request, next: Next) -> Response {
    let time = given(request.headers());
    within(time, next.run(request)).await
}

/// `grpc-timeout`: up to eight digits and a unit.
fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(HEADER)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount.checked_mul(3_600)?),
        "M" => Duration::from_secs(amount.checked_mul(60)?),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(timeout: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(HEADER), HeaderValue::from_static(timeout))])
    }

    #[test]
    fn the_callers_deadline_is_read() {
        assert_eq!(given(&headers("250m")), Duration::from_millis(250));
        assert_eq!(given(&headers("99999999H")), LONGEST);
        assert_eq!(given(&headers("soon")), DEFAULT);
        assert_eq!(given(&HeaderMap::new()), DEFAULT);
    }

    #[tokio::test]
    async fn a_call_hands_on_what_is_left_and_no_more() {
        let mut asks_more = headers("5S");
        within(Duration::from_secs(1), async { assert!(announce(&mut asks_more) <= Duration::from_secs(1)) }).await;
        assert!(given(&asks_more) <= Duration::from_secs(1));
        let mut asks_less = headers("5m");
        within(Duration::from_secs(1), async { assert!(announce(&mut asks_less) <= Duration::from_millis(5)) }).await;
    }
}
