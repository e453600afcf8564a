//! The tasks of the project: `cargo xtask test`, `cargo xtask measure`.

mod install;
mod measure;
mod shell;
mod suites;

use clap::{Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, process::ExitCode};

/// Checks, tests and measurements of Rekey.
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
    /// Measures start-up time, idle memory and size of the release build; prints a table for the README.
    Measure {
        /// How many starts are measured.
        #[arg(long, default_value_t = 10)]
        runs: u32,
        /// Measures this program instead of building the release.
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
    },
}

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Formatting and lints.
    Lint,
    /// The layer rule, unit tests, contract tests and examples in the documentation.
    Unit,
    /// Black-box tests of the real program through HTTPS; needs curl, and aiosmtpd (pip).
    Api,
    /// The pages in a real browser; needs Chromium and chromedriver (apt).
    Browser,
    /// All of them.
    All,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test { suite } => suites::run(suite),
        Task::Ci => suites::run(Suite::All),
        Task::Measure { runs, binary } => measure::run(runs, binary),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
