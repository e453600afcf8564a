//! The HTTPS edge: SCIM, REST and web pages, translated into gRPC. It owns no database and keeps no credential.
//!
//! A request goes through the edge first: the tenant is taken from the path, the credential is checked, and only then is
//! it routed. Handlers say what went wrong as a failure; the edge writes it in the format of the path's surface.

mod clients;
mod config;
mod cookies;
mod edge;
mod errors;
mod extract;
mod pages;
mod rest;
mod routes;
mod scim;
mod server;
mod server_api;
mod state;
mod wiring;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use server::{serve, tls_config};
pub use wiring::{Deps, build};
