//! SCIM users and their intents: profiles, the projection of each account's state, and the trigger of a forced reset.
//!
//! Every change of an account goes one way: authentication prepares it, one transaction here commits it with an intent, then
//! authentication makes it true. A committed intent is always carried out, by the request or by the reconciler.

pub mod app;
pub mod clients;
pub mod config;
pub mod domain;
pub mod events;
pub mod grpc;
pub mod ports;
pub mod storage;
pub mod wiring;

#[cfg(test)]
mod tests;
