//! The use cases over a real database file, and the service as the others see it.

mod claims;
mod governance;
mod templates;
mod tenants;
mod wiring;
