//! What can be done, by noun.

pub mod claims;
pub mod governance;
pub mod templates;
pub mod tenants;

#[cfg(test)]
mod claims_tests;
#[cfg(test)]
mod governance_tests;
#[cfg(test)]
mod templates_tests;
#[cfg(test)]
mod tenants_tests;
