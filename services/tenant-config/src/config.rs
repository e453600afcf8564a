//! What a deployment decides about this service.

use crate::domain::governance::Defaults;

/// The configuration of the service.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[identity_mgt.password_reset_by_admin]` and `[identity_mgt.password_policy]`: what holds for every tenant that has no value of its own.
    pub defaults: Defaults,
    /// Is this the only process with this database? Then the leases of a former one are void at the start.
    pub void_leases_at_start: bool,
}
