//! The use cases over a real database file, and the service as the others see it.

mod accept;
mod deliver;
mod dispatch;
mod wiring;
