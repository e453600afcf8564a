//! Fuzzing the protocol with libFuzzer, by stable Rust: the flags that `cargo fuzz -s none` sets, since the code has no `unsafe` that a
//! sanitizer could find anything in. A C++ compiler builds libFuzzer, which comes with the crate `libfuzzer-sys`.

use crate::{
    install,
    shell::{cargo, run as shell, target_dir, workspace},
};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// What the suite spends on each target.
const SHORT: u32 = 5;
/// Coverage of edges and comparisons, as libFuzzer wants to be told it.
const FLAGS: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];
/// Longer inputs find no more, only slower. One that takes seconds or gigabytes is as bad as one that crashes.
const LIMITS: [&str; 5] = ["-max_len=2000", "-timeout=5", "-rss_limit_mb=1024", "-verbosity=0", "-print_final_stats=1"];

/// How to fuzz.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What is fuzzed; without a word: each of them.
    #[arg(value_enum)]
    target: Option<Target>,
    /// How long each target is fuzzed.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Runs this input alone: one that a crash has left.
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

/// What is fuzzed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    /// Reading and printing filters.
    Filter,
    /// Reading and printing paths.
    Path,
    /// Reading a PATCH and applying it.
    Patch,
    /// Reading a bulk request and carrying it out.
    Bulk,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Path => "path",
            Self::Patch => "patch",
            Self::Bulk => "bulk",
        }
    }
}

/// Fuzzes one target or all of them, or runs one input again.
pub(crate) fn run(options: &Options) -> Result<()> {
    install::compiler()?;
    shell(&mut instrumented("build"))?;
    match (options.target, &options.input) {
        (Some(target), Some(input)) => shell(program(target).arg(input.canonicalize()?)),
        (Some(target), None) => fuzz(target, options.seconds),
        (None, _) => Target::value_variants().iter().try_for_each(|target| fuzz(*target, options.seconds)),
    }
}

/// A short run of all: what CI does.
pub(crate) fn suite() -> Result<()> {
    shell(cargo(&["fmt", "--check"]).current_dir(folder()))?;
    run(&Options { target: None, seconds: SHORT, input: None })
}

/// What is found new is kept in `target/`, to begin with next time; what is committed is only read.
fn fuzz(target: Target, seconds: u32) -> Result<()> {
    let (name, made) = (target.name(), target_dir().join("fuzz"));
    let (found, crashes, log) = (made.join("found").join(name), made.join("crashes").join(name), made.join(name).with_extension("log"));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&crashes)?;
    println!("fuzzing {name} for {seconds} s: {}", log.display());
    let mut program = program(target);
    program.args(LIMITS).arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", crashes.display()));
    program.arg(format!("-dict={}", folder().join("dictionaries").join(name).with_extension("dict").display()));
    program.arg(found).arg(folder().join("corpus").join(name));
    if logged(&mut program, &log)? { Ok(()) } else { bail!("fuzzing {name} failed; {}", how_to_replay(name, &crashes)) }
}

/// Did it find nothing? libFuzzer talks much: it is shown only when it has found something.
fn logged(program: &mut Command, log: &Path) -> Result<bool> {
    let output = File::create(log)?;
    let status = program.stdout(output.try_clone()?).stderr(output).status()?;
    let said = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let worth_saying = |line: &&str| if status.success() { line.starts_with("stat::") } else { !line.contains("NEW_FUNC") };
    println!("{}", said.lines().filter(worth_saying).collect::<Vec<_>>().join("\n"));
    Ok(status.success())
}

/// libFuzzer leaves the input under a name that tells what was wrong with it: `crash-…`, `timeout-…`, `oom-…`.
fn how_to_replay(name: &str, crashes: &Path) -> String {
    let files = fs::read_dir(crashes).into_iter().flatten().flatten();
    let when = |file: &fs::DirEntry| file.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let Some(latest) = files.max_by_key(when) else { return "it left no input".to_owned() };
    let (input, corpus) = (latest.path(), folder().join("corpus").join(name));
    format!("run that input again: cargo xtask fuzz {name} --input {}\nonce it is mended, put the file into {}", input.display(), corpus.display())
}

/// The program of a target, to which arguments can be given.
fn program(target: Target) -> Command {
    let mut command = instrumented("run");
    command.args(["--quiet", "--bin", target.name(), "--"]);
    command
}

/// A cargo that compiles for libFuzzer. `--target` keeps the flags from build scripts and macros.
fn instrumented(verb: &str) -> Command {
    let mut command = cargo(&[verb, "--locked", "--release", "--target", "host-tuple", "--manifest-path"]);
    command.arg(folder().join("Cargo.toml")).arg("--target-dir").arg(target_dir().join("fuzz/build"));
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    command
}

fn folder() -> PathBuf {
    workspace().join("crates/scim-protocol/fuzz")
}
