//! `rekey keys`: what each service is known by, and what it derives secrets from.

mod authority;
mod init;
mod nats;
mod subscriber;

use anyhow::Result;
use clap::Subcommand;
use std::path::PathBuf;

/// What can be done about keys.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a folder for each service with its keys and certificates, and ca/. What is there already stays as it is.
    ///
    /// Each service needs only its own folder; ca/ca.key belongs into a safe place. To renew something, delete its files and run
    /// this again.
    Init {
        /// The folder to make them in (`keys.dir`)
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The public host name of the gateway, for its HTTPS certificate; also a name of the NATS server
        #[arg(long, value_name = "HOST")]
        hostname: String,
        /// One more program that hears the events, beside `subscriber`: its keys go into DIR/subscriber-NAME; may be given several times
        #[arg(long = "subscriber", value_name = "NAME")]
        subscribers: Vec<String>,
    },
    /// Print a complete nats-server configuration for these keys: TLS, JetStream, a user for each service and each subscriber, with no
    /// more rights than each needs.
    NatsConf {
        /// The folder that `rekey keys init` made
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Where the server listens, as in 0.0.0.0:4222
        #[arg(long, value_name = "ADDRESS")]
        listen: String,
        /// Where the server stores the events
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
    },
}

/// Does it.
pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Init { dir, hostname, subscribers } => init::run(dir, hostname, subscribers),
        Command::NatsConf { dir, listen, store } => nats::print(dir, listen, store),
    }
}
