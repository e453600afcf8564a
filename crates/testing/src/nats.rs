//! A nats-server that a test may kill, start again, and rob of its memory.

use std::{
    env,
    fs::{self, OpenOptions},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::server::left_out;

const LONGEST_WAIT: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// A running server; killed when this is dropped.
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    config: PathBuf,
    store: PathBuf,
    log: PathBuf,
    port: u16,
    child: Mutex<Option<Child>>,
}

/// The program that `$NATS_SERVER` names; `None`, saying so, where nothing does.
pub fn nats_program() -> Option<PathBuf> {
    let program = env::var_os("NATS_SERVER").map(PathBuf::from);
    if program.is_none() {
        left_out("NATS_SERVER names no nats-server");
    }
    program
}

impl NatsServer {
    /// This program with a configuration (`nats.conf`) that names this port of 127.0.0.1 and this store; it is not running yet. What
    /// it logs is appended beside the configuration (`nats.log`).
    pub fn prepare(program: &Path, config: &Path, store: &Path, port: u16) -> Self {
        Self {
            program: program.to_owned(),
            config: config.to_owned(),
            store: store.to_owned(),
            log: config.with_extension("log"),
            port,
            child: Mutex::default(),
        }
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`.
    pub fn kill9(&self) {
        if let Some(mut child) = self.child().take() {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }

    /// Starts it, on what it stored before.
    pub fn go_on(&self) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).expect("nats-server's log");
        let errors = log.try_clone().expect("a file handle can be cloned");
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(&self.config).stdin(Stdio::null()).stdout(log).stderr(errors);
        *self.child() = Some(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")));
        self.wait();
    }

    /// While it is down: it forgets everything.
    pub fn wipe(&self) {
        fs::remove_dir_all(&self.store).expect("the store can be removed");
    }

    /// Has it ended by itself?
    pub fn ended(&self) -> bool {
        self.child().as_mut().is_none_or(|child| child.try_wait().is_ok_and(|status| status.is_some()))
    }

    fn wait(&self) {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(!self.ended() && begun.elapsed() < LONGEST_WAIT, "nats-server does not start:\n{}", log());
            sleep(BETWEEN_LOOKS);
        }
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill9();
    }
}
