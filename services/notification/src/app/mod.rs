//! What can be done.

pub mod accept;
pub mod deliver;
pub mod deliveries;
pub mod dispatch;

#[cfg(test)]
mod accept_tests;
#[cfg(test)]
mod deliver_tests;
#[cfg(test)]
mod dispatch_tests;
