//! While the mail server is down, one mail at a time asks whether it is back.

use rekey_kernel::Timestamp;
use std::time::Duration;

/// Ten seconds between probes, and a probe fails within a few: so the server is probed at least every 15 s.
const LONGEST_BETWEEN_PROBES: Duration = Duration::from_secs(10);

/// Lets everything through while the mail server works. Once it fails, lets one mail through from time to time, until one is
/// accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    open: Option<Open>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    probes: u32,
    next_probe: Timestamp,
}

impl Breaker {
    /// How many mails may be begun now, out of this many. Each probe that is let through puts off the next.
    pub fn admit(&mut self, now: Timestamp, wanted: usize) -> usize {
        let Some(open) = &mut self.open else { return wanted };
        if wanted == 0 || now < open.next_probe {
            return 0;
        }
        open.probes = open.probes.saturating_add(1);
        let between = Duration::from_secs(2_u64.saturating_pow(open.probes.min(8)));
        open.next_probe = now.after(between.min(LONGEST_BETWEEN_PROBES));
        1
    }

    /// The server failed. `true` when it worked until now.
    pub fn failed(&mut self, now: Timestamp) -> bool {
        let first = self.open.is_none();
        self.open.get_or_insert_with(|| Open { probes: 0, next_probe: now.after(Duration::from_secs(1)) });
        first
    }

    /// The server answered as it should. `true` when it had failed before.
    pub fn succeeded(&mut self) -> bool {
        self.open.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn second(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn a_failing_server_gets_one_mail_at_a_time() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.admit(second(0), 8), 8);
        assert!(breaker.failed(second(0)));
        assert!(!breaker.failed(second(0)));
        assert_eq!(breaker.admit(second(0), 8), 0);
        assert_eq!(breaker.admit(second(1), 8), 1);
        assert_eq!(breaker.admit(second(1), 8), 0);
    }

    #[test]
    fn it_is_probed_at_least_every_fifteen_seconds() {
        let mut breaker = Breaker::default();
        breaker.failed(second(0));
        let mut last = 0;
        for now in 1..600 {
            if breaker.admit(second(now), 8) == 1 {
                assert!(now - last <= 15);
                last = now;
                breaker.failed(second(now));
            }
        }
        assert!(last > 580);
    }

    #[test]
    fn one_success_lets_everything_through() {
        let mut breaker = Breaker::default();
        breaker.failed(second(0));
        assert!(breaker.succeeded());
        assert!(!breaker.succeeded());
        assert_eq!(breaker.admit(second(0), 8), 8);
    }
}
