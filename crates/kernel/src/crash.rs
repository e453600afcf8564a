//! Places where a test may have the process killed. They exist in programs built with the feature `crash-points` alone; in all
//! others [`point`] is nothing.

#[cfg(feature = "crash-points")]
use std::sync::OnceLock;

/// Dies at once, as by `kill -9`, when `REKEY_CRASH_AT` names this place.
#[cfg(feature = "crash-points")]
pub fn point(name: &str) {
    static CRASH_AT: OnceLock<Option<String>> = OnceLock::new();
    let here = CRASH_AT.get_or_init(|| std::env::var("REKEY_CRASH_AT").ok());
    if here.as_deref() == Some(name) {
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
    }
}

/// The same for code that several services share: the place is `{service}.{step}`.
#[cfg(feature = "crash-points")]
pub fn step(service: &str, step: &str) {
    point(&format!("{service}.{step}"));
}

/// Nothing: the program was built without crash points.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub const fn step(_service: &str, _step: &str) {}

/// Nothing: the program was built without crash points.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub const fn point(_name: &str) {}
