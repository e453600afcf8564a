//! Credentials, login, sessions and the life of a reset.
//!
//! `domain` holds the rules, `app` the use cases, `ports` what they need; the other modules are adapters, and `wiring` puts them together.

pub mod app;
mod clients;
pub mod config;
pub mod domain;
mod events;
mod grpc;
mod hashing;
mod keys;
pub mod ports;
mod storage;
pub mod wiring;

pub use config::{Config, Hashing};
pub use events::subscription;
pub use grpc::RULES;
pub use hashing::Argon2Hasher;
pub use keys::make_derivation_key;
pub use storage::{Migrator, SeaStore};
pub use wiring::{Built, World, build};
