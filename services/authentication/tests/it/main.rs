//! The use cases over a real database, with a clock and randomness that the tests hold in their hands.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod accounts;
mod codes;
mod completion;
mod login;
mod replicas;
mod resets;
mod wiring;
mod world;
