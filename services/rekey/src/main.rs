//! The one program: everything in one process.

mod first_start;
mod ground;
mod house;

use anyhow::{Context, Result};
use clap::Parser;
use rekey_runtime::{config, telemetry, tls};
use std::{path::PathBuf, process::ExitCode};

/// Rekey, the forced password reset: an administrator says that a password is dead, and at once it is, everywhere, with a safe way
/// back for the right person.
///
/// Without arguments everything runs in this one process, with its data in ./rekey-data and HTTPS on https://localhost:9443.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file [default: $REKEY_CONFIG, else ./deployment.toml when it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rekey: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    // Whatever file is made here, a database included, is for its owner alone.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    tls::install_provider();
    let deployment = config::load(arguments.config.as_deref(), std::env::vars())?;
    telemetry::init(&deployment.telemetry.log_level, deployment.telemetry.log_format);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(house::run(deployment))
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
