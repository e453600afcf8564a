//! A database for one test.

use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use std::{env, thread, time::Duration};
use tempfile::TempDir;

use crate::server::{SERVER, left_out};

/// A server that does not answer by then is gone, with its databases.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which kind of database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A database of its own on the server that `REKEY_TEST_POSTGRES` names.
    Postgres,
}

impl Backend {
    /// Can tests run on it here? Says so when they cannot.
    pub fn is_there(self) -> bool {
        self == Self::Sqlite || env::var(SERVER).is_ok() || left_out(&format!("{SERVER} names no PostgreSQL server (postgres://user@host:port)"))
    }
}

/// A new, empty database, gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder { _held: TempDir },
    Server { server: String, name: String },
}

impl TestDatabase {
    /// One of this kind.
    pub async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::file(),
            Backend::Postgres => Self::on_server(&env::var(SERVER).expect("the test asked whether it is there")).await,
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        Self { url: format!("sqlite://{}/test.db?mode=rwc", folder.path().display()), place: Place::Folder { _held: folder } }
    }

    /// One on this server.
    pub async fn on_server(server: &str) -> Self {
        let name = format!("rekey_test_{}", uuid::Uuid::new_v4().simple());
        run(server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await;
        Self { url: format!("{server}/{name}"), place: Place::Server { server: server.to_owned(), name } }
    }

    /// Its address, as the configuration takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement in the server's main database, as its administrator does.
    pub async fn administer(&self, statement: &str) {
        let Place::Server { server, .. } = &self.place else { panic!("a file has no administrator") };
        run(server, statement).await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { server, name } = &self.place else { return };
        let (server, drop_it) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(run(&server, &drop_it));
        });
        // A server that is gone has taken its databases along.
        let _gone = dropping.join();
    }
}

async fn run(server: &str, statement: &str) {
    let mut options = ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false);
    let connection = Database::connect(options).await.unwrap_or_else(|error| panic!("PostgreSQL does not answer: {error}"));
    connection.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    drop(connection.close().await);
}
