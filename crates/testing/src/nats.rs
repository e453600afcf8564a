//! A nats-server that a test may kill, start again, and rob of its memory.

use std::{
    fs::{self, OpenOptions},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

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

impl NatsServer {
    /// Starts this program with a configuration (`nats.conf`) that names this port of 127.0.0.1 and this store; what it logs is
    /// appended beside the configuration (`nats.log`).
    pub fn start(program: &Path, config: &Path, store: &Path, port: u16) -> Self {
        let server = Self {
            program: program.to_owned(),
            config: config.to_owned(),
            store: store.to_owned(),
            log: config.with_extension("log"),
            port,
            child: Mutex::default(),
        };
        server.go_on();
        server
    }

    /// A server that is not running yet.
    pub fn prepare(program: &Path, config: &Path, store: &Path, port: u16) -> Self {
        Self { program: program.to_owned(), config: config.to_owned(), store: store.to_owned(), log: config.with_extension("log"), port, child: Mutex::default() }
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

    /// Starts it again, on what it stored.
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
