//! Mails, jobs and how they are tried: types and rules, without I/O.

pub mod breaker;
pub mod content;
pub mod job;
pub mod mail;
pub mod pace;
pub mod placeholder;
