//! What the deployment decides.

use std::time::Duration;

/// What the deployment decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// How often unfinished changes and projections are looked after.
    pub reconcile_every: Duration,
    /// Nobody else can hold a lease on this database: those found at start are void.
    pub void_leases_at_start: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { reconcile_every: Duration::from_secs(2), void_leases_at_start: false }
    }
}
