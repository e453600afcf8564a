//! The databases of one Rekey in parts: one for each service, with a role of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{Part, server::programs};

/// Every role's password: in a test it may stand in no file.
pub const ROLE_PASSWORD: &str = "a-role-needs-one-4711";
/// One test at a time makes the roles, which are the server's.
const ROLES_LOCK: &str = "SELECT pg_advisory_xact_lock(4711);";
/// Below this number the files of a database are the server's own tables.
const FIRST_OWN_FILE: u32 = 16_384;

/// Four databases on one server, gone when this is dropped.
#[derive(Debug)]
pub struct Databases {
    server: String,
    prefix: String,
    kept: bool,
}

impl Databases {
    /// New ones on a server, given as `postgres://administrator:password@host:port`.
    pub fn make(server: &str) -> Self {
        let made = Self { server: server.to_owned(), prefix: format!("rekey_test_{}_", a_number_of_its_own()), kept: false };
        made.create();
        made
    }

    /// The same ones again and again: made when they are not there, and kept.
    pub fn keep(server: &str) -> Self {
        let kept = Self { server: server.to_owned(), prefix: String::from("rekey_"), kept: true };
        kept.create();
        kept
    }

    /// The address of a service's database, for its own role.
    pub fn url(&self, part: Part) -> String {
        let host = self.server.rsplit_once('@').map_or(self.server.trim_start_matches("postgres://"), |(_, host)| host);
        format!("postgres://{}:{ROLE_PASSWORD}@{host}/{}", role(part), self.name(part))
    }

    fn name(&self, part: Part) -> String {
        format!("{}{}", self.prefix, part.section())
    }

    fn create(&self) {
        let mut statements = vec![format!("{ROLES_LOCK} {}", Part::WITH_DATABASE.map(role_unless_there).concat())];
        let there = self.psql(&["SELECT datname FROM pg_database".to_owned()]);
        for (part, name) in Part::WITH_DATABASE.into_iter().zip(self.names()) {
            if !there.lines().any(|other| other == name) {
                statements.push(format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' OWNER {}", role(part)));
                statements.push(format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"));
            }
        }
        self.psql(&statements);
    }

    fn names(&self) -> Vec<String> {
        Part::WITH_DATABASE.iter().map(|part| self.name(*part)).collect()
    }

    /// The files in which all that was ever written to these databases stands, as far as this machine lets us read them.
    pub fn files(&self) -> Vec<PathBuf> {
        let query = format!("SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE starts_with(datname, '{}')", self.prefix);
        let folders = self.psql(&["CHECKPOINT".to_owned(), query]);
        let files = folders.lines().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        files.map(|entry| entry.path()).filter(|path| is_own(path)).collect()
    }

    /// Runs statements, each in a transaction of its own; what they answer.
    fn psql(&self, statements: &[String]) -> String {
        let done = self.client(statements).output().expect("psql can be run");
        assert!(done.status.success(), "{statements:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn client(&self, statements: &[String]) -> Command {
        let mut command = Command::new(programs().expect("the programs of PostgreSQL are there").join("psql"));
        command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]).arg(format!("--dbname={}/postgres", self.server));
        command.args(statements.iter().map(|statement| format!("--command={statement}"))).stdin(Stdio::null());
        command
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if !self.kept {
            let drops: Vec<_> = self.names().iter().map(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).collect();
            // A server that is gone has taken its databases along.
            let _gone = self.client(&drops).stderr(Stdio::null()).stdout(Stdio::null()).status();
        }
    }
}

fn role(part: Part) -> String {
    format!("rekey_{}", part.section())
}

fn role_unless_there(part: Part) -> String {
    let role = role(part);
    format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN PASSWORD '{ROLE_PASSWORD}'; END IF; END $$; "
    )
}

fn is_own(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split(['.', '_']).next().and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number >= FIRST_OWN_FILE)
}

fn a_number_of_its_own() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_nanos();
    format!("{now:x}_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
