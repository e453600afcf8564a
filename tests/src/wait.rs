//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// How long a condition may take. Far longer than anything should: it only ends tests that would hang.
pub const PATIENCE: Duration = Duration::from_mins(1);

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks again and again until there is something, and returns it; panics when that takes longer than [`PATIENCE`].
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited {} s for {what}", PATIENCE.as_secs());
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// The same where nothing is async (while dropping): `false` when `patience` ran out.
pub fn block_until(patience: Duration, mut look: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !look() {
        if started.elapsed() > patience {
            return false;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    true
}
