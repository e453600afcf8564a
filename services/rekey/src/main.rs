//! The one program: everything in one process.

mod buses;
mod first_start;
mod ground;
mod house;
mod keys;
mod part;
mod works;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use rekey_runtime::{config, grpc::Service, telemetry, tls};
use std::{path::PathBuf, process::ExitCode};

/// A request allocates some hundred times, and glibc's allocator took an eighth of its time.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Rekey, the forced password reset: an administrator says that a password is dead, and at once it is, everywhere, with a safe way
/// back for the right person.
///
/// Without a command everything runs in this one process, with its data in ./rekey-data and HTTPS on localhost:9443. With a
/// service's name that service alone runs, over PostgreSQL and NATS JetStream; make its keys with `rekey keys init`.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file, instead of the one that `$REKEY_CONFIG` names, or else of `./deployment.toml` if it is there
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the HTTPS edge: SCIM, REST and web pages
    Gateway,
    /// Run the service of users and their changes
    Scim,
    /// Run the service of credentials, sessions and resets
    Authentication,
    /// Run the service of tenants and their options
    TenantConfig,
    /// Run the service that sends mails
    Notification,
    /// Make keys and certificates, and the configuration of a NATS server for them
    #[command(subcommand)]
    Keys(keys::Command),
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
    let service = match &arguments.command {
        Some(Command::Keys(command)) => return keys::run(command),
        None => None,
        Some(Command::Gateway) => Some(Service::Gateway),
        Some(Command::Scim) => Some(Service::Scim),
        Some(Command::Authentication) => Some(Service::Authentication),
        Some(Command::TenantConfig) => Some(Service::TenantConfig),
        Some(Command::Notification) => Some(Service::Notification),
    };
    serve(arguments, service)
}

fn serve(arguments: &Arguments, service: Option<Service>) -> Result<()> {
    let deployment = config::load(arguments.config.as_deref(), std::env::vars())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let _within = runtime.enter();
    // Dropped before the runtime, which its last delivery needs.
    let _telemetry = telemetry::init(&telemetry_name(service), &deployment.telemetry)?;
    match service {
        None => runtime.block_on(house::run(deployment)),
        Some(service) => runtime.block_on(part::run(service, deployment)),
    }
}

/// What the process is called in traces and metrics.
fn telemetry_name(service: Option<Service>) -> String {
    service.map_or_else(|| "rekey".to_owned(), |service| format!("rekey-{service}"))
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
