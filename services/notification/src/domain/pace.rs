//! When a mail is tried again.

use rekey_kernel::{Random, Timestamp};
use std::time::Duration;

const FIRST_DEFERRAL: Duration = Duration::from_secs(30);
const LONGEST_DEFERRAL: Duration = Duration::from_mins(30);
const LONGEST_WAIT_FOR_A_SERVICE: Duration = Duration::from_secs(5);

/// After the recipient's server put the mail off: 30 seconds, doubling to 30 minutes, less up to a quarter by chance; at the latest
/// when the reset expires, so that its end is noticed.
pub fn after_deferral(now: Timestamp, deferrals: u32, expires_at: Timestamp, random: &dyn Random) -> Timestamp {
    let full = FIRST_DEFERRAL.saturating_mul(2_u32.saturating_pow(deferrals.min(16))).min(LONGEST_DEFERRAL);
    let mut byte = [0];
    random.fill(&mut byte);
    let less = full / 4 * u32::from(byte[0]) / 255;
    let at = now.after(full.saturating_sub(less));
    if now < expires_at { at.min(expires_at) } else { at }
}

/// While a service of ours is down: seconds.
pub fn after_outage(now: Timestamp, attempt: i64) -> Timestamp {
    let doubled = Duration::from_secs(2_u64.saturating_pow(u32::try_from(attempt.clamp(0, 8)).unwrap_or_default()));
    now.after(doubled.min(LONGEST_WAIT_FOR_A_SERVICE))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(u8);

    impl Random for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

    #[test]
    fn deferrals_grow_from_thirty_seconds_to_thirty_minutes() {
        let now = Timestamp::from_micros(0);
        let wait = |deferrals| after_deferral(now, deferrals, NEVER, &Bytes(0)).since(now).as_secs();
        assert_eq!([wait(0), wait(1), wait(5), wait(6), wait(u32::MAX)], [30, 60, 960, 1_800, 1_800]);
    }

    #[test]
    fn chance_takes_away_a_quarter_at_most() {
        let now = Timestamp::from_micros(0);
        let shortest = after_deferral(now, 0, NEVER, &Bytes(255)).since(now);
        assert_eq!(shortest, Duration::from_millis(22_500));
    }

    #[test]
    fn the_end_of_the_reset_is_never_slept_through() {
        let now = Timestamp::from_micros(0);
        let expires_at = Timestamp::from_micros(1_000_000);
        assert_eq!(after_deferral(now, 9, expires_at, &Bytes(0)), expires_at);
        assert!(after_deferral(expires_at, 0, expires_at, &Bytes(0)) > expires_at);
    }

    #[test]
    fn a_service_that_is_down_is_asked_again_within_seconds() {
        let now = Timestamp::from_micros(0);
        assert_eq!(after_outage(now, 1).since(now).as_secs(), 2);
        assert_eq!(after_outage(now, i64::MAX).since(now).as_secs(), 5);
    }
}
