//! What Rekey in parts stands on: keys, databases, a NATS server and a mail server, each a test's own.

use crate::{
    build::{binary, target_dir},
    fresh_password,
    ports::free_port,
    smtp::SmtpServer,
};
use rekey_testing::{
    Databases, Layout, NatsServer, Part, PartPorts, PostgresServer, Process, ROLE_PASSWORD, Replicas, make_keys, nats_configuration, write_secret,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// Which `PostgreSQL` a Rekey in parts stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Postgres {
    /// The one that all tests share, with databases of its own.
    #[default]
    Shared,
    /// A server of its own, which the test may stop.
    Own,
}

/// The ground of one Rekey in parts.
#[derive(Debug)]
pub struct Ground {
    layout: Layout,
    databases: OnceLock<Databases>,
    postgres: Postgres,
    server: OnceLock<PostgresServer>,
    nats: NatsServer,
    smtp: std::sync::Mutex<SmtpServer>,
    admin_password: String,
}

impl Ground {
    /// Lays keys and configurations ready in a folder; no server runs yet.
    pub(crate) fn lay(folder: &Path, replicas: Replicas, postgres: Postgres) -> Self {
        let (keys, store, config) = (folder.join("keys"), folder.join("nats"), folder.join("nats.conf"));
        copy(keys_of_this_run(), &keys);
        let admin_password = fresh_password();
        let admin_password_file = keys.join("admin-password");
        write_secret(&admin_password_file, &admin_password);
        let smtp = SmtpServer::prepare();
        let layout = Layout { replicas, ports: PartPorts::from(free_port), keys: keys.clone(), admin_password_file, nats: free_port(), smtp: smtp.port() };
        fs::write(&config, nats_configuration(binary(), &keys, layout.nats, &store)).expect("nats.conf can be written");
        let nats = NatsServer::prepare(&nats_program(), &config, &store, layout.nats);
        Self { layout, databases: OnceLock::new(), postgres, server: OnceLock::new(), nats, smtp: std::sync::Mutex::new(smtp), admin_password }
    }

    /// Starts the servers, all at once.
    pub fn rise(&self) {
        std::thread::scope(|scope| {
            scope.spawn(|| self.raise_postgres());
            scope.spawn(|| self.nats.go_on());
            scope.spawn(|| self.smtp().come_back_now());
        });
    }

    /// Makes the databases, on a server that is started if need be.
    pub fn raise_postgres(&self) {
        let hint = "the programs of PostgreSQL are not there: `cargo xtask test api` installs them";
        let url = match self.postgres {
            Postgres::Shared => PostgresServer::shared().expect(hint).to_owned(),
            Postgres::Own => {
                // fsync as it should be: this one is there to be killed.
                let server = PostgresServer::start_with(&["max_connections=300", "fsync=on"]).expect(hint);
                let url = server.url();
                self.server.set(server).expect("a server is started once");
                url
            }
        };
        self.databases.set(Databases::make(&url)).expect("databases are made once");
    }

    /// The `PostgreSQL` server that was asked for with [`Postgres::Own`].
    pub fn postgres(&self) -> &PostgresServer {
        self.server.get().expect("the test asked for a PostgreSQL of its own, and it is there")
    }

    /// The NATS server.
    pub fn nats(&self) -> &NatsServer {
        &self.nats
    }

    /// The mail server.
    pub fn smtp(&self) -> std::sync::MutexGuard<'_, SmtpServer> {
        self.smtp.lock().expect("no test panics while it holds this")
    }

    /// Where everything is.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The password of the first administrator.
    pub fn admin_password(&self) -> &str {
        &self.admin_password
    }

    /// What else may stand in no file.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let passwords = self.server.get().map(|server| server.password().to_owned());
        passwords.into_iter().chain([ROLE_PASSWORD.to_owned()]).collect()
    }

    /// The processes, each with what it is to be told.
    pub(crate) fn processes(&self) -> Vec<Process> {
        self.layout.processes(|part| self.database_url(part))
    }

    /// Before there are databases: an address where nobody listens.
    fn database_url(&self, part: Part) -> String {
        self.databases.get().map_or_else(|| format!("postgres://nobody@127.0.0.1:1/{}", part.section()), |databases| databases.url(part))
    }

    /// The files of the databases.
    pub(crate) fn database_files(&self) -> Vec<PathBuf> {
        self.databases.get().map(Databases::files).unwrap_or_default()
    }
}

/// Made once by the real `rekey keys init`.
fn keys_of_this_run() -> &'static Path {
    static KEYS: OnceLock<(TempDir, rekey_testing::Janitor)> = OnceLock::new();
    let (folder, _) = KEYS.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder for the keys");
        make_keys(binary(), folder.path(), "localhost");
        let janitor = rekey_testing::Janitor::hire(&format!("rm -rf '{}'", folder.path().display()));
        (folder, janitor)
    });
    folder.path()
}

/// `$NATS_SERVER`, else the one that `cargo xtask test` installed.
pub fn nats_program() -> PathBuf {
    let program = std::env::var_os("NATS_SERVER").map_or_else(|| target_dir().join("tools/venv/bin/nats-server"), PathBuf::from);
    assert!(program.exists(), "{} is not there: `cargo xtask test faults` installs it", program.display());
    program
}

/// A folder with all that is in it and its modes.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
    let mode = fs::metadata(from).expect("a folder").permissions();
    fs::set_permissions(to, mode).expect("a folder's mode can be set");
}
