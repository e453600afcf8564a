//! The use cases over a real database file, and the service as the others see it.

mod claims;
mod governance;
mod outage;
mod replicas;
mod templates;
mod tenants;
mod wiring;
