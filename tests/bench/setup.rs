//! Bringing up what a run needs, and making sure that it is what it is taken for.

use anyhow::{Result, ensure};
use hyper::StatusCode;
use std::process::Command;

use crate::{
    client::fresh_dice,
    database::Database,
    ground::{Ground, Kind},
    house::House,
    program::Servant,
    work::{Users, Work, filter},
};

/// Does a filter find whom it names? (That the others do what they are taken for, their status says.)
pub(crate) fn check(work: Work, house: &House, users: &Users) -> Result<()> {
    let Work::Filter(lookup) = work else { return Ok(()) };
    let value = lookup.value(&mut fresh_dice(), users.len());
    let list: serde_json::Value = serde_json::from_slice(&house.ask(filter(lookup, &value), StatusCode::OK)?)?;
    ensure!(list["totalResults"] == 1 && list["Resources"][0].to_string().contains(&value), "{value}: {list}");
    Ok(())
}

/// SQL by hand, in a process of its own.
pub(crate) fn start_driver(ground: &Ground) -> Result<Servant> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["driver", "--reading", &ground.url("scim"), "--scim", &ground.control_url("scim")]);
    Servant::start(command.args(["--authentication", &ground.control_url("authentication")]))
}

/// The users that there are.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn ids(url: &str) -> Result<Vec<uuid::Uuid>> {
    Database::open(url).await?.ids("SELECT id FROM users WHERE external_id LIKE 'hr-%'").await
}

/// How many transactions have written something so far, in all of PostgreSQL: only those are given a number.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn transactions(url: &str) -> Result<i64> {
    let database = Database::open(url).await?;
    let number = database.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").await;
    database.close().await;
    number
}

/// Which database it is.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn version(url: &str, kind: Kind) -> Result<String> {
    let sql = match kind {
        Kind::Sqlite => "SELECT 'SQLite ' || sqlite_version()",
        Kind::Postgres => "SELECT 'PostgreSQL ' || current_setting('server_version')",
    };
    Ok(Database::open(url).await?.texts(sql).await?.concat())
}
