//! Free ports for programs that must know theirs before they start.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST: u16 = 20_000;
const HOW_MANY: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port of 127.0.0.1 that nobody listens on. It lies below the range from which the system gives ports to outgoing
/// connections, so that none of the tests' own can take it before the program does; no two calls get the same.
pub fn free_port() -> u16 {
    let offset = u16::try_from(std::process::id() % u32::from(HOW_MANY)).unwrap_or_default();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (offset.wrapping_mul(37).wrapping_add(step)) % HOW_MANY;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The first of so many such ports that follow each other.
pub fn free_ports_in_a_row(number: u16) -> u16 {
    loop {
        let first = free_port();
        let row = (1..number).map(|_| free_port()).collect::<Vec<_>>();
        if row.iter().zip(first + 1..).all(|(port, wanted)| *port == wanted) {
            return first;
        }
    }
}
