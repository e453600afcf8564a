//! What the tests need beside Rust: got from the system's packages and by pip when it is not there.

use crate::shell::{run, target_dir, works};
use anyhow::{Context, Result};
use std::{path::PathBuf, process::Command};

const AIOSMTPD: &str = "aiosmtpd==1.4.6";

/// The Python that has aiosmtpd.
pub(crate) fn python() -> PathBuf {
    target_dir().join("tools/venv/bin/python")
}

/// curl, with which the guide's command is tried to the letter.
pub(crate) fn curl() -> Result<()> {
    if works(Command::new("curl").arg("--version")) { Ok(()) } else { apt(&["curl", "ca-certificates"]) }
}

/// A browser and its driver.
pub(crate) fn browser() -> Result<()> {
    let there = works(Command::new("chromedriver").arg("--version")) && works(Command::new("chromium").arg("--version"));
    if there { Ok(()) } else { apt(&["chromium", "chromium-driver"]) }
}

/// An SMTP server, in a virtual environment under `target/`.
pub(crate) fn aiosmtpd() -> Result<()> {
    if works(Command::new(python()).args(["-c", "import aiosmtpd"])) {
        return Ok(());
    }
    println!("{AIOSMTPD} is not there: installing it from PyPI into {}", target_dir().join("tools/venv").display());
    virtual_environment()?;
    run(Command::new(python()).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", AIOSMTPD])).context(
        "aiosmtpd, a test's SMTP server, could not be installed: is PyPI reachable? Without it, run `cargo xtask test unit` and `cargo xtask test browser`",
    )
}

fn virtual_environment() -> Result<()> {
    let make = || Command::new("python3");
    let folder = target_dir().join("tools/venv");
    if works(make().args(["-m", "venv", "--clear"]).arg(&folder)) {
        return Ok(());
    }
    apt(&["python3", "python3-venv"])?;
    run(make().args(["-m", "venv", "--clear"]).arg(&folder))
}

/// Installs packages of Debian or Ubuntu, as root or through sudo.
fn apt(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    println!("{names}: not there, installing by apt-get");
    let hint = || format!("the tests need {names}; they could not be installed by apt-get: install them by hand, then run this again");
    run(elevated().args(["apt-get", "update", "-qq"])).with_context(hint)?;
    run(elevated().args(["apt-get", "install", "-qq", "--yes", "--no-install-recommends"]).args(packages)).with_context(hint)
}

/// `env`, through sudo unless we are root already.
fn elevated() -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if root { "env" } else { "sudo" });
    if !root {
        command.args(["--non-interactive", "env"]);
    }
    command.arg("DEBIAN_FRONTEND=noninteractive");
    command
}
