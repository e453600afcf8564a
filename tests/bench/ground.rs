//! What a measurement stands on: databases with so many users in them, the same each time, and a copy for the control to write to.
//!
//! Users are made once, through the public API, and kept under `target/bench`; each run works on copies.

use anyhow::{Result, bail};
use rekey_testing::PostgresServer;
use rekey_tests::{Deployment, build::target_dir};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    database::Database,
    house::{House, SERVICES},
    parts, postgres, seed,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Databases that were made ready.
pub(crate) struct Ground {
    pub(crate) kind: Kind,
    /// Were the users there from an earlier run?
    pub(crate) reused: bool,
    users: u64,
    folder: PathBuf,
    server: Option<PostgresServer>,
}

impl Ground {
    /// Makes users unless there are some of this schema already, and copies of them.
    pub(crate) fn prepare(kind: Kind, binary: &Path, users: u64) -> Result<Self> {
        let root = target_dir().join("bench");
        fs::create_dir_all(&root)?;
        let server = (kind == Kind::Postgres).then(|| postgres::start(&root)).transpose()?;
        let kept = root.join(format!("{}-{users}", kind.name().to_lowercase()));
        let ground = Self { kind, reused: false, users, folder: root.join(format!("{}-run", kind.name().to_lowercase())), server };
        let stamp = stamp(binary, &root, users)?;
        let reused = fs::read_to_string(kept.join("stamp")).is_ok_and(|kept| kept == stamp);
        if !reused {
            ground.make(binary, &kept)?;
            fs::write(kept.join("stamp"), stamp)?;
        }
        ground.copy(&kept)?;
        Ok(Self { reused, ..ground })
    }

    /// The product, on the copy.
    pub(crate) fn start(&self, binary: &Path, deployment: Deployment) -> Result<House> {
        if deployment != Deployment::OneProcess {
            return parts::start(binary, &self.folder, &|part| self.url(part.section()));
        }
        let url = |service: &str| self.postgres_url("run", service);
        House::start(binary, &self.folder, self.server.as_ref().map(|_| &url as &dyn Fn(&str) -> String))
    }

    /// Where the product's database of a service is.
    pub(crate) fn url(&self, service: &str) -> String {
        self.address("run", service)
    }

    /// Where the control may write.
    pub(crate) fn control_url(&self, service: &str) -> String {
        self.address("control", service)
    }

    /// For whatever else belongs to the run.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process whose children serve the database; none for SQLite.
    pub(crate) fn database_process(&self) -> Option<u32> {
        let file = fs::read_to_string(self.server.as_ref()?.folder().join("data/postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok()
    }

    fn address(&self, copy: &str, service: &str) -> String {
        if self.server.is_some() {
            return self.postgres_url(copy, service);
        }
        let folder = if copy == "run" { "data" } else { copy };
        format!("sqlite://{}?mode=rwc", self.folder.join(folder).join(file(service)).display())
    }

    fn postgres_url(&self, copy: &str, service: &str) -> String {
        format!("{}/{copy}_{service}", self.server.as_ref().map(PostgresServer::url).unwrap_or_default())
    }

    fn make(&self, binary: &Path, kept: &Path) -> Result<()> {
        println!("{}: making {} users through the public API", self.kind.name(), self.users);
        remove(kept)?;
        fs::create_dir_all(kept)?;
        let seed = self.seed();
        self.databases(|service| vec![format!("DROP DATABASE IF EXISTS {seed}_{service} WITH (FORCE)"), format!("CREATE DATABASE {seed}_{service}")])?;
        let url = |service: &str| self.postgres_url(&seed, service);
        let mut house = House::start(binary, kept, self.server.as_ref().map(|_| &url as &dyn Fn(&str) -> String))?;
        seed::fill(&house, self.users)?;
        house.stop()?;
        for service in SERVICES.iter().filter(|_| self.server.is_some()) {
            postgres::administer(&url(service), &["VACUUM ANALYZE".to_owned(), "CHECKPOINT".to_owned()])?;
        }
        Ok(())
    }

    fn copy(&self, kept: &Path) -> Result<()> {
        remove(&self.folder)?;
        fs::create_dir_all(&self.folder)?;
        // Whole folders: what is not in a database's own file yet lies beside it.
        copy(&kept.join("data"), &self.folder.join("data"))?;
        copy(&kept.join("data"), &self.folder.join("control"))?;
        let seed = self.seed();
        self.databases(|service| {
            let again = |copy| {
                let name = format!("{copy}_{service}");
                [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name} TEMPLATE {seed}_{service}")]
            };
            ["run", "control"].into_iter().flat_map(again).collect()
        })
    }

    /// How the databases with the kept users are called.
    fn seed(&self) -> String {
        format!("seed_{}", self.users)
    }

    fn databases(&self, statements: impl Fn(&str) -> Vec<String>) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let statements: Vec<_> = SERVICES.iter().flat_map(|service| statements(service)).collect();
        postgres::administer(&format!("{}/postgres", server.url()), &statements)
    }
}

fn file(service: &str) -> String {
    format!("{service}.db")
}

/// What must be the same for kept users to be used again: their number, and the schema that this program makes.
fn stamp(binary: &Path, root: &Path, users: u64) -> Result<String> {
    let folder = root.join("schema");
    remove(&folder)?;
    fs::create_dir_all(&folder)?;
    House::start(binary, &folder, None)?.stop()?;
    let mut stamp = format!("{users} users\n{}\n", serde_json::json!(crate::people::document(7)));
    for service in SERVICES {
        stamp += &schema(&format!("sqlite://{}", folder.join("data").join(file(service)).display()))?;
    }
    Ok(stamp)
}

#[tokio::main(flavor = "current_thread")]
async fn schema(url: &str) -> Result<String> {
    let database = Database::open(url).await?;
    let mut lines = database.texts("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").await?;
    lines.extend(database.texts("SELECT version FROM seaql_migrations ORDER BY version").await?);
    database.close().await;
    Ok(lines.join("\n"))
}

pub(crate) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() { Ok(fs::remove_dir_all(folder)?) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").args(["-r", "--reflink=auto"]).arg(from).arg(to).status()?;
    if !status.success() {
        bail!("{} could not be copied", from.display());
    }
    Ok(())
}
