//! Hears that a reset has begun, writes the mail for it, sends it, and tells what became of it.
//!
//! A mail is a job in the database before its event is acknowledged, and it is sent under a lease by whoever claims the job. It is sent
//! once, but for the moment between the server's answer and our record of it. [`wiring::build`] puts the service together.

pub mod app;
pub mod clients;
pub mod config;
pub mod domain;
pub mod events;
pub mod grpc;
pub mod mailer;
pub mod ports;
pub mod storage;
pub mod wiring;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
