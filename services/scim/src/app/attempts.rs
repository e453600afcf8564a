//! Trying a change anew when another one was quicker.

use rekey_kernel::{Failure, Random};
use std::time::Duration;
use tokio::time::sleep;

/// How often a change is tried.
pub(super) const ATTEMPTS: u32 = 16;
/// Behind so many attempts the pauses grow no longer: the longest is a quarter of a second.
const GROWING: u32 = 8;

/// Waits before an attempt, counted from 0: not at all before the first, then at random and up to twice as long each time. Many that
/// change one resource at the same moment would else be in each other's way again and again.
pub(super) async fn pause(random: &dyn Random, attempt: u32) {
    if attempt > 0 {
        sleep(length(random, attempt)).await;
    }
}

fn length(random: &dyn Random, attempt: u32) -> Duration {
    let mut bytes = [0; 2];
    random.fill(&mut bytes);
    let longest = Duration::from_millis(1 << attempt.min(GROWING));
    longest * u32::from(u16::from_le_bytes(bytes)) / u32::from(u16::MAX)
}

/// Others were quicker each time.
pub(super) fn busy() -> Failure {
    Failure::unavailable("the resource is being changed by others at the same time; ask again")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same number each time.
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_differ() {
        let pauses: Vec<_> = (1..ATTEMPTS).map(|attempt| length(&Always(0xff), attempt).as_millis()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 256, 256, 256, 256, 256, 256, 256]);
        assert_eq!((length(&Always(0), 9), length(&Always(0x33), 9)), (Duration::ZERO, Duration::from_millis(256) / 5));
    }
}
