//! `cargo xtask dev`: Rekey in parts on this machine, in one go.

mod place;
mod programs;

use crate::{
    install,
    shell::{cargo, run as shell, target_dir, works},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use place::Place;
use programs::Programs;
use rekey_testing::{Databases, PostgresServer};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

const TO_SERVE: Duration = Duration::from_mins(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Where and with what.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where keys, databases, events and mails are kept [default: target/dev]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The first of the twenty ports of this machine that it takes; HTTPS is on the fourth
    #[arg(long, default_value_t = 9_440, value_name = "PORT")]
    first_port: u16,
    /// Runs this program instead of building it
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Starts everything, and stays until Ctrl-C or until something ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    let signals = signals()?;
    install::make()?;
    install::postgres()?;
    install::nats_server()?;
    install::aiosmtpd()?;
    let binary = options.binary.clone().map_or_else(build, |path| Ok(path.canonicalize()?))?;
    let place = Place::prepare(&options.data.clone().unwrap_or_else(|| target_dir().join("dev")), options.first_port, &binary)?;
    let postgres = PostgresServer::start_in(&place.postgres_folder(), place.postgres_port).context("PostgreSQL does not start")?;
    let databases = Databases::keep(&postgres.url());
    let mut programs = Programs::default();
    let ended = start(&mut programs, &place, &databases, &binary).and_then(|()| serve(&mut programs, &place, &signals));
    println!("stopping");
    programs.stop();
    postgres.stop();
    ended
}

fn build() -> Result<PathBuf> {
    shell(&mut cargo(&["build", "--package", "rekey"]))?;
    Ok(target_dir().join("debug/rekey"))
}

/// From now on Ctrl-C and its like do not end us, but are heard of here.
fn signals() -> Result<Receiver<i32>> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let (sender, receiver) = channel();
    thread::spawn(move || signals.forever().try_for_each(|signal| sender.send(signal)));
    Ok(receiver)
}

fn start(programs: &mut Programs, place: &Place, databases: &Databases, binary: &Path) -> Result<()> {
    programs.start("nats", Command::new(install::nats_program()).arg("-c").arg(place.nats_configuration()))?;
    programs.start("mail", &mut place.sink(&install::python()))?;
    for process in place.layout.processes(|part| databases.url(part)) {
        let mut command = Command::new(binary);
        command.arg("--config").arg(place.configuration()).arg(process.part.command()).current_dir(&place.folder);
        programs.start(process.part.command(), command.envs(process.environment))?;
    }
    Ok(())
}

/// Says when it serves, and waits for the end.
fn serve(programs: &mut Programs, place: &Place, signals: &Receiver<i32>) -> Result<()> {
    let begun = Instant::now();
    let mut greeted = false;
    loop {
        match signals.recv_timeout(BETWEEN_LOOKS) {
            Ok(_signal) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => bail!("signals cannot be waited for"),
        }
        if let Some(name) = programs.ended() {
            bail!("{name} ended; what it said last stands above");
        }
        if !greeted && place.is_ready() {
            greeted = true;
            println!("{}", place.greeting()?);
        }
        if !greeted && begun.elapsed() > TO_SERVE {
            bail!("it does not serve after {} s", TO_SERVE.as_secs());
        }
    }
}

/// Is there a curl that says yes to this address?
fn answers(address: &str) -> bool {
    works(Command::new("curl").args(["--silent", "--fail", "--max-time", "2", "--insecure", "--output", "/dev/null", address]))
}
