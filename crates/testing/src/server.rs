//! A `PostgreSQL` server of a test's own, which it may stop and start.

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid, User, chown},
};
use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};
use tempfile::TempDir;

use crate::janitor::Janitor;

/// Names a `PostgreSQL` server where databases may be made: `postgres://user@host:port`.
pub(crate) const SERVER: &str = "REKEY_TEST_POSTGRES";
/// Its administrator's password. It is in every address, so a test can look for it where it must not be.
const PASSWORD: &str = "open-sesame-4711";
const LONGEST_WAIT: &str = "60";

/// A running server, stopped when this is dropped or the process ends, and then removed unless it was told where to live.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    folder: Place,
    port: u16,
    janitor: Option<Janitor>,
}

#[derive(Debug)]
enum Place {
    Temporary(TempDir),
    Kept(PathBuf),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

impl PostgresServer {
    /// A new one; `None`, saying so, where there are no programs of `PostgreSQL`.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// A new one with these settings: `max_connections=5`.
    pub fn start_with(settings: &[&str]) -> Option<Self> {
        let Some(programs) = programs() else {
            left_out("the programs of PostgreSQL (initdb, pg_ctl) are not there");
            return None;
        };
        let folder = Place::Temporary(tempfile::tempdir().expect("a folder for PostgreSQL"));
        Some(Self::run(Self { programs, folder, port: free_port(), janitor: None }, &[&["fsync=off"], settings].concat()))
    }

    /// The one that lives in this folder, on this port: made the first time, kept for the next. `None` where there are no programs
    /// of `PostgreSQL`.
    pub fn start_in(folder: &Path, port: u16) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder for PostgreSQL");
        Some(Self::run(Self { programs: programs()?, folder: Place::Kept(folder.to_owned()), port, janitor: None }, &[]))
    }

    /// A server that all tests of this process share, with room for many Rekeys: the one that `REKEY_TEST_POSTGRES` names, else
    /// one of our own that ends with the process. `None` where there is neither.
    pub fn shared() -> Option<&'static str> {
        static SHARED: OnceLock<Option<(String, Option<PostgresServer>)>> = OnceLock::new();
        let start = || {
            let server = Self::start_with(&["max_connections=800", "shared_buffers=256MB", "max_wal_size=256MB", "autovacuum=off"])?;
            Some((server.url(), Some(server)))
        };
        SHARED.get_or_init(|| env::var(SERVER).ok().map(|url| (url, None)).or_else(start)).as_ref().map(|(url, _)| url.as_str())
    }

    fn run(mut server: Self, settings: &[&str]) -> Self {
        if !server.data().join("PG_VERSION").exists() {
            server.make();
        }
        server.configure(settings);
        server.janitor = Some(Janitor::hire(&server.cleaning()));
        server.go_on();
        server
    }

    /// What is to be done when nobody is left who could drop it.
    fn cleaning(&self) -> String {
        let folder = self.folder.path().display();
        let stop = |signal: &str| format!("process=$(head -n 1 '{folder}/data/postmaster.pid') && kill -{signal} \"$process\"");
        match self.folder {
            Place::Temporary(_) => format!("{}\nsleep 1\nrm -rf '{folder}'", stop("QUIT")),
            Place::Kept(_) => stop("INT"),
        }
    }

    /// Where it listens, with its administrator's name and password.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// The password in [`PostgresServer::url`].
    pub const fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Where all its files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it as a crash does: clients are cut off in the middle of whatever they do.
    pub fn crash(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Stops it as an administrator does: clients are told, and cut off.
    pub fn stop(&self) {
        self.control(&["stop", "-m", "fast"]);
    }

    /// Starts it again on the same data.
    pub fn go_on(&self) {
        let log = self.folder.path().join("log");
        self.control(&["start", "-l", &log.display().to_string()]);
    }

    fn make(&self) {
        let secret = self.folder.path().join("password");
        fs::write(&secret, PASSWORD).expect("a file for the password");
        give_to_runner(self.folder.path());
        give_to_runner(&secret);
        let mut initdb = self.program("initdb");
        initdb.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.arg(format!("--pwfile={}", secret.display())).arg("-D").arg(self.data());
        run(&mut initdb);
        drop(fs::remove_file(&secret));
    }

    fn configure(&self, settings: &[&str]) {
        let own = [format!("port={}", self.port), format!("unix_socket_directories='{}'", self.folder.path().display())];
        let lines: Vec<_> = own.into_iter().chain(settings.iter().map(|line| (*line).to_owned())).collect();
        let path = self.data().join("postgresql.auto.conf");
        fs::write(&path, lines.join("\n")).expect("PostgreSQL's settings");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self, arguments: &[&str]) {
        run(self.program("pg_ctl").arg("-D").arg(self.data()).args(["-w", "-s", "-t", LONGEST_WAIT]).args(arguments));
    }

    /// A program of `PostgreSQL`, which never runs as root.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if Uid::effective().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir(self.folder.path());
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let first_line = fs::read_to_string(self.data().join("postmaster.pid")).ok().and_then(|text| text.lines().next()?.parse().ok());
        if let Some(process) = first_line {
            let signal = if matches!(self.folder, Place::Kept(_)) { Signal::SIGINT } else { Signal::SIGQUIT };
            let _stopped = kill(Pid::from_raw(process), signal);
        }
    }
}

fn run(command: &mut Command) {
    let done = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.success(), "{command:?}: {done}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}

fn give_to_runner(path: &Path) {
    if Uid::effective().is_root() {
        let user = User::from_name("postgres").ok().flatten().expect("Debian's PostgreSQL comes with a user `postgres`");
        chown(path, Some(user.uid), Some(user.gid)).expect("a folder for `postgres`");
    }
}

/// Where Debian has them, newest first, or wherever the path leads.
pub(crate) fn programs() -> Option<PathBuf> {
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    debian.into_iter().rev().chain(env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())
}

/// False, and a word about what is missing.
pub(crate) fn left_out(why: &str) -> bool {
    assert!(env::var("REKEY_TEST_ALL").is_err(), "{why}: run `cargo xtask test`, which brings one along");
    eprintln!("left out: {why}; `cargo xtask test` brings one along");
    false
}
