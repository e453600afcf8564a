//! The bus as a real nats-server guards it: who may publish, who may hear, and the example subscribers that other people copy.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod connections;
mod examples;
mod nats;
mod permissions;
#[path = "../shared/mod.rs"]
mod shared;
