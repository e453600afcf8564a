//! What a test does to single processes of a Rekey in parts.

use crate::Rekey;
use nix::sys::signal::Signal;
use rekey_testing::Part;

impl Rekey {
    /// `kill -9` for one process.
    pub fn kill9_one(&mut self, part: Part, replica: u8) {
        self.harmed = true;
        self.each(part, replica, |running| running.program.kill9());
    }

    /// Stops a process in the middle of whatever it does, until [`Rekey::thaw`].
    pub fn freeze(&mut self, part: Part, replica: u8) {
        self.harmed = true;
        self.each(part, replica, |running| running.program.signal(Signal::SIGSTOP));
    }

    /// Lets a frozen process go on.
    pub fn thaw(&mut self, part: Part, replica: u8) {
        self.each(part, replica, |running| running.program.signal(Signal::SIGCONT));
    }

    /// SIGTERM to one process, and waits for its end; did it end by itself, in time?
    pub fn stop_one(&mut self, part: Part, replica: u8) -> bool {
        let mut stopped = true;
        self.each(part, replica, |running| stopped &= running.program.stop());
        stopped
    }

    /// Starts one process again; does not wait.
    pub fn launch_one(&mut self, part: Part, replica: u8, environment: &[(&str, &str)]) {
        let processes = self.ground().expect("it runs in parts").processes();
        let process = processes.into_iter().find(|process| process.part == part && process.replica == replica).expect("there is such a process");
        let started = self.run(Some(process), environment);
        self.running().retain(|running| !running.is(part, replica));
        self.running().push(started);
    }

    /// Has this process ended, by itself or killed?
    pub fn has_ended(&mut self, part: Part, replica: u8) -> bool {
        let mut ended = true;
        self.each(part, replica, |running| ended &= running.program.ended().is_some());
        ended
    }

    /// The address of a process's `/readyz`.
    pub fn readiness(&self, part: Part, replica: u8) -> String {
        let processes = self.ground().expect("it runs in parts").processes();
        processes.into_iter().find(|process| process.part == part && process.replica == replica).expect("there is such a process").ready
    }

    /// Something that is not a process of Rekey was cut off: a mail may come twice.
    pub fn harmed(&mut self) {
        self.harmed = true;
    }

    fn each(&mut self, part: Part, replica: u8, mut act: impl FnMut(&mut crate::rekey::Running)) {
        let found: Vec<_> = self.running().iter_mut().filter(|running| running.is(part, replica)).collect();
        assert!(!found.is_empty(), "there is no {}-{}", part.command(), replica + 1);
        found.into_iter().for_each(&mut act);
    }
}
