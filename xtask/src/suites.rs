//! The tests, in the order in which they tell most soonest.
//!
//! Every cargo command selects the whole workspace and the same features, so that nothing is compiled twice.

use crate::{
    Suite, install,
    shell::{cargo, run as shell, target_dir},
};
use anyhow::Result;
use std::time::{Duration, Instant};

/// The program is tested with its crash points; a shipped one has none.
const EVERYTHING: [&str; 3] = ["--workspace", "--features", "rekey/crash-points"];

/// Runs one suite, or all.
pub(crate) fn run(suite: Suite) -> Result<()> {
    type Step = (&'static str, fn() -> Result<()>);
    let steps: &[Step] = match suite {
        Suite::Lint => &[("fmt", fmt), ("clippy", clippy)],
        Suite::Unit => &[("layers", layers), ("unit", unit)],
        Suite::Api => &[("build", build), ("api", api)],
        Suite::Browser => &[("build", build), ("browser", browser)],
        Suite::All => &[("fmt", fmt), ("layers", layers), ("unit", unit), ("clippy", clippy), ("build", build), ("api", api), ("browser", browser)],
    };
    let mut took = Vec::new();
    for (name, step) in steps {
        println!("\n=== {name} ===");
        let started = Instant::now();
        step()?;
        took.push((*name, started.elapsed()));
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
    test(&["--test", "layers"])
}

fn unit() -> Result<()> {
    test(&[])
}

fn clippy() -> Result<()> {
    lint(&["--all-targets"])?;
    // Not among "all": cargo leaves them out because plain `cargo test` does.
    lint(&["--test", "it", "--test", "browser"])
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
    test(&["--test", "it"])
}

fn browser() -> Result<()> {
    install::browser()?;
    test(&["--test", "browser"])
}

fn test(targets: &[&str]) -> Result<()> {
    let mut command = cargo(&[&["test"], &EVERYTHING[..], targets].concat());
    shell(command.env("REKEY_BIN", target_dir().join("debug/rekey")).env("REKEY_TEST_PYTHON", install::python()))
}
