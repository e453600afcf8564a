//! What must be put away when this process ends, however it ends.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
};

/// Runs a script when this process has ended, even by `kill -9`; never while it lives.
#[derive(Debug)]
pub struct Janitor {
    /// Its input closes with this process; nobody else holds it.
    waiting: Child,
}

impl Janitor {
    /// One that will run this script (of `sh`).
    pub fn hire(script: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("if read -r _dismissed; then exit; fi\n{script}")]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C is for the tests; this one has still to clean up behind them.
        command.process_group(0);
        Self { waiting: command.spawn().expect("sh can be run") }
    }

    /// There is nothing left to do.
    pub fn dismiss(mut self) {
        if let Some(mut input) = self.waiting.stdin.take() {
            let _heard = input.write_all(b"\n");
        }
        let _gone = self.waiting.wait();
    }
}
