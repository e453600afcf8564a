//! Child processes that end with this one.

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

const LONGEST_START: Duration = Duration::from_mins(1);
const LONGEST_STOP: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A running program.
pub(crate) struct Program(Child);

impl Program {
    /// Starts it; what it prints goes to a file.
    pub(crate) fn start(command: &mut Command, output: &Path) -> Result<Self> {
        let file = File::create(output)?;
        let child = command.stdin(Stdio::null()).stderr(file.try_clone()?).stdout(file).spawn();
        Ok(Self(child.with_context(|| format!("{} does not start", command.get_program().display()))?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it is ready, which it says itself.
    pub(crate) fn wait_for(&mut self, what: &str, is_ready: impl Fn() -> bool) -> Result<()> {
        let began = Instant::now();
        while !is_ready() {
            if let Some(status) = self.0.try_wait()? {
                bail!("{what} ended: {status}");
            }
            if began.elapsed() > LONGEST_START {
                bail!("{what} is not ready in time");
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    /// Tells it to stop in good order, and waits until it has.
    pub(crate) fn stop(&mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.0.id())?), Signal::SIGTERM)?;
        let began = Instant::now();
        while self.0.try_wait()?.is_none() {
            if began.elapsed() > LONGEST_STOP {
                bail!("a program does not stop");
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Does anybody listen there?
pub(crate) fn is_listening(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A program that is given a line and answers with one.
pub(crate) struct Servant {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Servant {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = (child.stdin.take().context("no input")?, child.stdout.take().context("no output")?);
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    pub(crate) fn ask(&mut self, order: &str) -> Result<String> {
        writeln!(self.input, "{order}")?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            bail!("the driver ended at `{order}`");
        }
        Ok(answer)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Servant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
