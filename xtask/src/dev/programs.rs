//! Programs that run beside each other: their output with their names before it, their end together.

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rekey_testing::Janitor;
use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to finish what it does.
const TO_STOP: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const WIDTH: usize = "authentication".len();

struct Program {
    name: &'static str,
    child: Child,
    janitor: Janitor,
}

/// All of them, in the order in which they were started.
#[derive(Default)]
pub(super) struct Programs(Vec<Program>);

impl Programs {
    /// Starts one more; whatever it says is printed.
    pub(super) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        // Ctrl-C is for us, who stop them in good order.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
        child.stdout.take().into_iter().for_each(|output| follow(name, output));
        child.stderr.take().into_iter().for_each(|output| follow(name, output));
        let janitor = Janitor::hire(&format!("kill -TERM {}", child.id()));
        self.0.push(Program { name, child, janitor });
        Ok(())
    }

    /// The first that has ended.
    pub(super) fn ended(&mut self) -> Option<&'static str> {
        self.0.iter_mut().find_map(|program| program.has_ended().then_some(program.name))
    }

    /// Stops them: first what stands on the others, all at once, then the others.
    pub(super) fn stop(mut self) {
        let standing = self.0.split_off(self.0.len().min(2));
        stop(standing);
        stop(self.0);
    }
}

impl Program {
    fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    fn terminate(&mut self) {
        if let (false, Ok(process)) = (self.has_ended(), i32::try_from(self.child.id())) {
            let _sent = kill(Pid::from_raw(process), Signal::SIGTERM);
        }
    }

    fn bury(mut self, by: Instant) {
        while !self.has_ended() && Instant::now() < by {
            thread::sleep(BETWEEN_LOOKS);
        }
        if !self.has_ended() {
            println!("{} does not stop; it is killed", self.name);
        }
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
        self.janitor.dismiss();
    }
}

fn stop(mut programs: Vec<Program>) {
    let by = Instant::now() + TO_STOP;
    programs.iter_mut().for_each(Program::terminate);
    for program in programs {
        program.bury(by);
    }
}

fn follow(name: &'static str, output: impl Read + Send + 'static) {
    thread::spawn(move || {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            println!("{name:WIDTH$} | {}", String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    });
}
