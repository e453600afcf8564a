//! The use cases over real databases of both kinds, and the service as the others see it.

mod accept;
mod deliver;
mod dispatch;
mod outage;
mod replicas;
mod wiring;
