//! A child process whose output goes to a file, and which never outlives its test.

use crate::{wait::block_until, wait_for};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// How long a program may take to drain and stop after SIGTERM.
const TO_STOP: Duration = Duration::from_secs(15);

/// A running program.
#[derive(Debug)]
pub struct Program {
    child: Child,
    output: PathBuf,
}

impl Program {
    /// Starts it; what it prints is appended to `output`.
    pub fn start(mut command: Command, output: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(output).expect("the output file opens");
        let errors = file.try_clone().expect("a file handle can be cloned");
        let child = command.stdin(Stdio::null()).stdout(file).stderr(errors).spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child, output: output.to_owned() }
    }

    /// All that it, and whoever wrote to the same file before it, printed.
    pub fn output(&self) -> String {
        read_lossy(&self.output)
    }

    /// How it ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits until it ends by itself.
    pub async fn end(&mut self) -> ExitStatus {
        wait_for("the program to end", async || self.ended()).await
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().expect("a process id is an i32"));
        let _ = kill(pid, signal);
    }

    /// SIGTERM, without waiting.
    pub fn terminate(&mut self) {
        if self.ended().is_none() {
            self.signal(Signal::SIGTERM);
        }
    }

    /// SIGTERM; `false` when it did not stop in time and had to be killed.
    pub fn stop(&mut self) -> bool {
        if self.ended().is_some() {
            return true;
        }
        self.terminate();
        let stopped = block_until(TO_STOP, || self.ended().is_some());
        self.kill9();
        stopped
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// A file as text, whatever is in it; empty when it is not there.
pub fn read_lossy(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}
