//! The databases of one Rekey in parts: one for each service, with a role of its own.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use std::{fs, path::PathBuf, thread};
use tokio::runtime::Builder;

use crate::Part;

/// Every role's password: in a test it may stand in no file.
pub const ROLE_PASSWORD: &str = "a-role-needs-one-4711";
/// One test at a time makes the roles that are the server's, not a database's.
const ROLES_LOCK: &str = "SELECT pg_advisory_lock(4711)";
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
        let made = Self { server: server.to_owned(), prefix: format!("rekey_test_{}_", uuid::Uuid::new_v4().simple()), kept: false };
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
        let (server, names) = (self.server.clone(), self.names());
        elsewhere(async move {
            let connection = connect(&server).await;
            run(&connection, ROLES_LOCK).await;
            for part in Part::WITH_DATABASE {
                let role = role(part);
                let unless_there = format!("IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN PASSWORD '{ROLE_PASSWORD}'; END IF");
                run(&connection, &format!("DO $$ BEGIN {unless_there}; END $$")).await;
            }
            run(&connection, "SELECT pg_advisory_unlock_all()").await;
            for (part, name) in Part::WITH_DATABASE.into_iter().zip(names) {
                if rows(&connection, &format!("SELECT datname::text AS it FROM pg_database WHERE datname = '{name}'")).await.is_empty() {
                    run(&connection, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' OWNER {}", role(part))).await;
                    run(&connection, &format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC")).await;
                }
            }
            drop(connection.close().await);
        });
    }

    fn names(&self) -> Vec<String> {
        Part::WITH_DATABASE.iter().map(|part| self.name(*part)).collect()
    }

    /// The files in which all that was ever written to these databases stands, as far as this machine lets us read them.
    pub fn files(&self) -> Vec<PathBuf> {
        let (server, prefix) = (self.server.clone(), self.prefix.clone());
        let folders = elsewhere(async move {
            let connection = connect(&server).await;
            run(&connection, "CHECKPOINT").await;
            let query = format!("SELECT current_setting('data_directory') || '/base/' || oid AS it FROM pg_database WHERE starts_with(datname, '{prefix}')");
            let folders = rows(&connection, &query).await;
            drop(connection.close().await);
            folders
        });
        let files = folders.into_iter().flatten().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        files.map(|entry| entry.path()).filter(|path| is_own(path)).collect()
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let (server, names) = (self.server.clone(), self.names());
        // A server that is gone has taken its databases along.
        let _gone = on_a_thread(async move {
            let connection = connect(&server).await;
            for name in names {
                run(&connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            }
            drop(connection.close().await);
        });
    }
}

fn role(part: Part) -> String {
    format!("rekey_{}", part.section())
}

fn is_own(path: &std::path::Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split(['.', '_']).next().and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number >= FIRST_OWN_FILE)
}

/// Runs it on a runtime of its own, so that it can be called within one and without.
fn elsewhere<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    on_a_thread(work).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn on_a_thread<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> thread::Result<T> {
    thread::spawn(move || Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)).join()
}

async fn connect(server: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap_or_else(|error| panic!("PostgreSQL does not answer: {error}"))
}

async fn run(connection: &DatabaseConnection, statement: &str) {
    connection.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn rows(connection: &DatabaseConnection, query: &str) -> Vec<Option<String>> {
    let statement = Statement::from_string(connection.get_database_backend(), query);
    let rows = connection.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| row.try_get::<String>("", "it").ok()).collect()
}
