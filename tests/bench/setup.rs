//! Bringing up what a run needs, and making sure that it is what it is taken for.

use anyhow::{Result, ensure};
use hyper::StatusCode;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

use rekey_tests::ports::free_port;

use crate::{
    client::{Server, fresh_dice},
    database::Database,
    ground::{Ground, Kind},
    house::House,
    program::{Program, Servant, is_listening},
    work::{Users, Work, filter, get},
};

/// Does a filter find whom it names? (That the others do what they are taken for, their status says.)
pub(crate) fn check(work: Work, house: &House, users: &Users) -> Result<()> {
    let Work::Filter(lookup) = work else { return Ok(()) };
    let value = lookup.value(&mut fresh_dice(), users.len());
    let list: serde_json::Value = serde_json::from_slice(&house.ask(filter(lookup, &value), StatusCode::OK)?)?;
    ensure!(list["totalResults"] == 1 && list["Resources"][0].to_string().contains(&value), "{value}: {list}");
    Ok(())
}

/// The bare server, in a process of its own.
pub(crate) fn start_bare(ground: &Ground, house: &House, users: &Users) -> Result<(Program, Server)> {
    let (port, body) = (free_port(), ground.folder().join("answer.json"));
    fs::write(&body, house.ask(get(&users.ids[0]), StatusCode::OK)?)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("echo").args(["--listen", &SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string()]);
    command.arg("--keys").arg(house.keys()).arg("--body").arg(body).args(["--scim", &ground.url("scim")]);
    command.args(["--authentication", &ground.url("authentication")]);
    let mut program = Program::start(&mut command, &ground.folder().join("echo.log"))?;
    program.wait_for("the bare server", || is_listening(port))?;
    Ok((program, Server::new(port, &fs::read(house.keys().join("https.crt"))?)?))
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
