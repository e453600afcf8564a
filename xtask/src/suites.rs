//! The tests, in the order in which they tell most soonest.
//!
//! Every cargo command selects the whole workspace and the same features, so that nothing is compiled twice.

use crate::{
    Suite, fuzz, install,
    shell::{cargo, run as shell, target_dir},
};
use anyhow::{Context, Result};
use rekey_testing::PostgresServer;
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// The program is tested with its crash points; a shipped one has none.
const EVERYTHING: [&str; 3] = ["--workspace", "--features", "rekey/crash-points"];
/// How many tests in parts run at once: they wait more than they work, and each has five processes or more.
const AT_ONCE: &str = "6";
/// The same in one process: they wait as well.
const IN_ONE_PROCESS: &str = "4";
/// The same where each puts load on eleven processes.
const UNDER_LOAD: &str = "4";
/// What is run again with several replicas of everything: all that one replica might know and another not.
const WITH_REPLICAS: [&str; 7] = ["cancelling::", "crashes::", "guesses::", "logins::", "redemptions::", "resets::", "stories::"];

/// What is not run again in parts: how requests are read and answers written is the same code wherever the services run, and what the
/// databases answer is held to one contract on both. A bulk request goes to one scim whatever there is, which carries out each operation as
/// if it came alone.
const ALIKE_ANYWHERE: [&str; 13] = [
    "scim_attributes::",
    "scim_bulk_resets::",
    "scim_filter_values::",
    "scim_http::",
    "scim_me::",
    "scim_nesting::",
    "scim_paging::",
    "scim_patch::",
    "scim_rights::",
    "scim_rubbish::",
    "scim_search::",
    "scim_sorting::",
    "scim_strictness::",
];

type Step = (&'static str, fn() -> Result<()>);

/// Runs one suite, or all.
pub(crate) fn run(suite: Suite) -> Result<()> {
    let in_parts: [Step; 3] = [("parts", parts), ("replicas", replicas), ("faults", faults)];
    let steps = match suite {
        Suite::Lint => vec![("fmt", fmt as fn() -> Result<()>), ("clippy", clippy)],
        Suite::Unit => vec![("layers", layers as fn() -> Result<()>), ("unit", unit)],
        Suite::Fuzz => vec![("fuzz", fuzz::suite as fn() -> Result<()>)],
        Suite::Api => vec![("build", build as fn() -> Result<()>), ("api", api)],
        Suite::Scim => vec![("build", build as fn() -> Result<()>), ("conformance", conformance), ("scim", scim)],
        Suite::Browser => vec![("build", build as fn() -> Result<()>), ("browser", browser)],
        Suite::Faults => [&[("build", build as fn() -> Result<()>)][..], &in_parts].concat(),
        Suite::All => [
            &[
                ("fmt", fmt as fn() -> Result<()>),
                ("layers", layers),
                ("unit", unit),
                ("fuzz", fuzz::suite),
                ("clippy", clippy),
                ("build", build),
                ("api", api),
                ("conformance", conformance),
                ("browser", browser),
            ][..],
            &in_parts,
        ]
        .concat(),
    };
    install::make()?;
    let mut took = Vec::new();
    for (name, step) in steps {
        println!("\n=== {name} ===");
        let started = Instant::now();
        step()?;
        took.push((name, started.elapsed()));
    }
    summarise(&took);
    Ok(())
}

fn summarise(took: &[(&str, Duration)]) {
    let parts: Vec<_> = took.iter().map(|(name, time)| format!("{name} {} s", time.as_secs())).collect();
    println!("\nAll passed: {}", parts.join(", "));
}

fn fmt() -> Result<()> {
    shell(&mut cargo(&["fmt", "--all", "--check"]))
}

fn layers() -> Result<()> {
    shell(&mut test(&["--test", "layers"], &[]))
}

/// Nothing may be left out: every contract is held on both databases, both buses, and with the example programs.
fn unit() -> Result<()> {
    install::postgres()?;
    install::nats_server()?;
    install::aiosmtpd()?;
    install::subscriber()?;
    let postgres = PostgresServer::start_with(&["max_connections=500"]).context("PostgreSQL does not start")?;
    shell(test(&[], &[]).env("REKEY_TEST_ALL", "1").env("REKEY_TEST_POSTGRES", postgres.url()))
}

fn clippy() -> Result<()> {
    lint(&["--all-targets"])?;
    // Not among "all": cargo leaves them out because plain `cargo test` does.
    lint(&["--test", "it", "--test", "conformance", "--test", "browser", "--test", "faults"])
}

fn lint(targets: &[&str]) -> Result<()> {
    shell(&mut cargo(&[&["clippy"], &EVERYTHING[..], targets, &["--", "-D", "warnings"]].concat()))
}

fn build() -> Result<()> {
    shell(&mut cargo(&[&["build"], &EVERYTHING[..], &["--bins"]].concat()))
}

fn api() -> Result<()> {
    install::curl()?;
    install::aiosmtpd()?;
    shell(&mut test(&["--test", "it"], &["--test-threads", IN_ONE_PROCESS]))
}

/// What independent testers say of SCIM.
fn conformance() -> Result<()> {
    install::scim_testers()?;
    shell(&mut test(&["--test", "conformance"], &[]))
}

/// Those tests of `api` that are about SCIM.
fn scim() -> Result<()> {
    shell(&mut test(&["--test", "it"], &["scim::", "scim_"]))
}

fn browser() -> Result<()> {
    install::browser()?;
    shell(&mut test(&["--test", "browser"], &[]))
}

/// The tests of `api`, over five processes.
fn parts() -> Result<()> {
    black_box("parts", &[])
}

/// Some of them, with two or three of each process.
fn replicas() -> Result<()> {
    black_box("replicas", &WITH_REPLICAS)
}

fn black_box(deployment: &str, selected: &[&str]) -> Result<()> {
    install::curl()?;
    ground()?;
    let skipped = ALIKE_ANYWHERE.map(|name| ["--skip", name]).concat();
    shell(test(&["--test", "it"], &[&["--test-threads", AT_ONCE], &*skipped, selected].concat()).env("REKEY_TEST_DEPLOYMENT", deployment))
}

/// What may die, dies.
fn faults() -> Result<()> {
    ground()?;
    shell(&mut test(&["--test", "faults"], &["--test-threads", UNDER_LOAD]))
}

/// What Rekey in parts stands on.
fn ground() -> Result<()> {
    install::postgres()?;
    install::nats_server()?;
    install::aiosmtpd()
}

fn test(targets: &[&str], words: &[&str]) -> Command {
    let mut command = cargo(&[&["test"], &EVERYTHING[..], targets, &["--"], words].concat());
    // The build step may have put a new file in the place of the one that runs here.
    command.env("REKEY_XTASK", target_dir().join("debug/xtask")).env("REKEY_BIN", target_dir().join("debug/rekey"));
    command.env("REKEY_TEST_PYTHON", install::python()).env("NATS_SERVER", install::nats_program());
    command
}
