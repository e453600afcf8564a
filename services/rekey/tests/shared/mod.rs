//! What several test targets of this package need.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
};

const FIRST: u16 = 20_000;
const HOW_MANY: u16 = 12_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port of 127.0.0.1 that nobody listens on, below those that the system gives to outgoing connections: who waits at one of those for
/// a program to listen may find itself connected to itself.
pub(crate) fn free_port() -> u16 {
    let offset = u16::try_from(std::process::id() % u32::from(HOW_MANY)).unwrap_or_default();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (offset.wrapping_mul(53).wrapping_add(step)) % HOW_MANY;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Keys as `rekey keys init` makes them, with those of a second subscriber, `subscriber-siem`.
pub(crate) fn make_keys(dir: &Path) {
    let made = Command::new(env!("CARGO_BIN_EXE_rekey"))
        .args(["keys", "init", "--hostname", "id.example.com", "--subscriber", "siem", "--dir"])
        .arg(dir)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}
