//! Tenants, and what each of them has configured: governance options, claims, mail templates.
//!
//! Others read it through gRPC and hear of changes by `config_changed`. [`wiring::build`] puts it together.

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
mod testing;
#[cfg(test)]
mod tests;
