//! The server of PostgreSQL, and what its administrator does.

use anyhow::{Context, Result, ensure};
use rekey_testing::PostgresServer;
use rekey_tests::ports::free_port;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::database::Database;

/// Of PostgreSQL: four services and the controls have a pool of sixteen for each of their databases.
const CONNECTIONS: u32 = 300;
/// How long a server may take to stop.
const LONGEST_STOP: Duration = Duration::from_secs(30);

/// With the settings that PostgreSQL comes with, so that every commit reaches the disk; but with room for the product and all controls.
pub(crate) fn start(root: &Path) -> Result<PostgresServer> {
    wait_for_the_last(&root.join("postgres/data/postmaster.pid"))?;
    let server = PostgresServer::start_in(&root.join("postgres"), free_port());
    let server = server.context("the programs of PostgreSQL are not there: `cargo xtask bench` installs them")?;
    administer(&format!("{}/postgres", server.url()), &[format!("ALTER SYSTEM SET max_connections = {CONNECTIONS}")])?;
    server.stop();
    server.go_on();
    Ok(server)
}

/// An earlier run's server may still be writing down what it holds.
fn wait_for_the_last(postmaster: &Path) -> Result<()> {
    let began = Instant::now();
    let is_there = || fs::read_to_string(postmaster).ok().and_then(|text| Some(Path::new("/proc").join(text.lines().next()?.trim()).exists()));
    while is_there() == Some(true) {
        ensure!(began.elapsed() < LONGEST_STOP, "another PostgreSQL runs in target/bench/postgres: is another benchmark running?");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Statements in their order, each by itself.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn administer(url: &str, statements: &[String]) -> Result<()> {
    let database = Database::open(url).await?;
    for statement in statements {
        database.administer(statement.clone()).await.with_context(|| statement.clone())?;
    }
    database.close().await;
    Ok(())
}
