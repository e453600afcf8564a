//! What can be done, by noun.

pub mod claims;
pub mod governance;
pub mod templates;
pub mod tenants;
