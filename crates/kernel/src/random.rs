//! Where randomness comes from.

/// A source of unpredictable bytes, fit for keys and session ids.
pub trait Random: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Random;
    use std::sync::atomic::{AtomicU8, Ordering};

    /// Bytes that count up, so that tests see the same ones each time.
    #[derive(Default)]
    pub(crate) struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
