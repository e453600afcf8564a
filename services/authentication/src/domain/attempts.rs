//! Failed logins of one name, and when they are too many.

use rekey_kernel::Timestamp;
use std::time::Duration;

/// So many failures within [`WINDOW`] are too many.
pub const LIMIT: u32 = 10;
/// See [`LIMIT`].
pub const WINDOW: Duration = Duration::from_mins(5);
/// How long nothing is evaluated the first time; each further time so much longer.
pub const PAUSE: Duration = Duration::from_mins(1);
/// The longest pause, in units of [`PAUSE`].
pub const MAX_STRIKES: u32 = 5;
/// After so long without a failure everything is forgotten.
pub const FORGET: Duration = Duration::from_mins(15);

/// The failed logins of one name, known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Within the present window.
    pub failures: u32,
    /// When the window began.
    pub since: Timestamp,
    /// How often there were too many.
    pub strikes: u32,
    /// Until then nothing is evaluated.
    pub paused_until: Timestamp,
    /// The last failure.
    pub last_at: Timestamp,
}

impl Attempts {
    /// None yet.
    pub const fn none(now: Timestamp) -> Self {
        Self { failures: 0, since: now, strikes: 0, paused_until: Timestamp::from_micros(0), last_at: now }
    }

    /// Is a login of this name not evaluated now?
    pub fn is_paused(&self, now: Timestamp) -> bool {
        now < self.paused_until
    }

    /// One more. What fails during a pause does not make it longer: nobody can lock a user out for good.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        if self.is_paused(now) {
            return Self { last_at: now, ..self };
        }
        let idle = now.since(self.last_at.max(self.paused_until));
        let fresh = if idle >= FORGET { Self::none(now) } else { self };
        let window = if now.since(fresh.since) >= WINDOW { Self { failures: 0, since: now, ..fresh } } else { fresh };
        Self { failures: window.failures + 1, last_at: now, ..window }.judged(now)
    }

    fn judged(self, now: Timestamp) -> Self {
        if self.failures < LIMIT {
            return self;
        }
        let strikes = (self.strikes + 1).min(MAX_STRIKES);
        let paused_until = now.after(PAUSE * strikes);
        Self { failures: 0, since: paused_until, strikes, paused_until, last_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(times: u32, attempts: Attempts, now: Timestamp) -> Attempts {
        (0..times).fold(attempts, |attempts, _| attempts.failed(now))
    }

    #[test]
    fn the_tenth_failure_in_five_minutes_is_one_too_many() {
        let now = Timestamp::from_micros(0);
        assert!(!fail(9, Attempts::none(now), now).is_paused(now));
        let paused = fail(10, Attempts::none(now), now);
        assert!(paused.is_paused(now.after(Duration::from_secs(59))));
        assert!(!paused.is_paused(now.after(PAUSE)));
    }

    #[test]
    fn pauses_grow_to_five_minutes_and_failures_during_them_count_for_nothing() {
        let mut now = Timestamp::from_micros(0);
        let mut attempts = Attempts::none(now);
        for minutes in [1, 2, 3, 4, 5, 5, 5] {
            attempts = fail(10, attempts, now);
            assert_eq!(attempts.paused_until, now.after(PAUSE * minutes));
            assert_eq!(fail(50, attempts, now).paused_until, attempts.paused_until);
            now = attempts.paused_until;
        }
    }

    #[test]
    fn slow_failures_are_forgotten() {
        let mut now = Timestamp::from_micros(0);
        let mut attempts = Attempts::none(now);
        for _ in 0..100 {
            attempts = attempts.failed(now);
            now = now.after(Duration::from_mins(1));
            assert!(!attempts.is_paused(now));
        }
    }
}
