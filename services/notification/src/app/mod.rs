//! What can be done.

pub mod accept;
pub mod deliver;
pub mod deliveries;
pub mod dispatch;
pub(crate) mod observe;
