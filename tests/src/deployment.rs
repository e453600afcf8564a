//! A whole running Rekey, in a folder of its own, gone when dropped.

use crate::{Api, Options, api::client, build::binary, configuration::Ports, program::Program, secrets::Secrets, wait_for};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};
use tempfile::TempDir;

/// The ways in which Rekey can be run; the tests are the same for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deployment {
    /// Everything in one process, with SQLite, the memory bus and the mailbox folder.
    #[default]
    OneProcess,
}

/// Starts Rekey and waits until it serves.
pub async fn start(options: Options) -> Rekey {
    let mut rekey = prepare(options);
    rekey.launch(&[]);
    rekey.ready().await;
    rekey
}

/// Starts a Rekey that is expected to refuse, and waits for its end.
pub async fn start_in_vain(options: Options) -> (ExitStatus, String) {
    let mut rekey = prepare(options);
    rekey.launch(&[]);
    let program = rekey.program.as_mut().expect("it was just launched");
    let status = program.end().await;
    (status, rekey.output())
}

/// A Rekey that is configured but not yet running: see [`Rekey::launch`].
pub fn prepare(options: Options) -> Rekey {
    let folder = tempfile::Builder::new().prefix("rekey-test-").tempdir().expect("a temporary folder can be made");
    let ports = Ports::free();
    let rekey = Rekey { client: client(), secrets: Secrets::default(), program: None, folder, ports, options };
    std::fs::write(rekey.config_file(), rekey.options.toml(ports, &rekey.data_dir())).expect("deployment.toml can be written");
    rekey
}

/// A Rekey of one test. Dropping it stops it, in good order, and fails the test when a secret lies in any file it left.
#[derive(Debug)]
pub struct Rekey {
    folder: TempDir,
    ports: Ports,
    options: Options,
    program: Option<Program>,
    client: reqwest::Client,
    secrets: Secrets,
}

impl Rekey {
    /// Starts the program with these variables added; does not wait.
    pub fn launch(&mut self, environment: &[(&str, &str)]) {
        let mut command = match self.options.deployment {
            Deployment::OneProcess => self.bare_command(),
        };
        command.arg("--config").arg(self.config_file()).envs(environment.iter().copied());
        self.program = Some(Program::start(command, &self.output_file()));
    }

    /// The program in the test's folder, with the test's variables and no others of ours.
    pub fn bare_command(&self) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("REKEY_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).envs(self.options.environment().iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs another command in this one's place (the harness's own way of starting left aside).
    pub fn launch_as(&mut self, command: Command) {
        self.program = Some(Program::start(command, &self.output_file()));
    }

    /// Waits until it serves; panics with its output when it ends instead.
    pub async fn ready(&mut self) {
        let (anyone, health) = (self.anyone(), format!("http://127.0.0.1:{}/readyz", self.ports.admin));
        let client = self.client.clone();
        wait_for("Rekey to serve", async || {
            self.assert_alive();
            let ready = client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success());
            let serves = ready && anyone.try_get("/scim2/ServiceProviderConfig").await.is_ok_and(|answer| answer.status == 200);
            serves.then_some(())
        })
        .await;
    }

    fn assert_alive(&mut self) {
        let ended = self.program.as_mut().expect("it was launched").ended();
        assert!(ended.is_none(), "the program ended ({ended:?}) instead of serving:\n{}", self.output());
    }

    /// `kill -9`.
    pub fn kill9(&mut self) {
        self.program.as_mut().expect("it was launched").kill9();
    }

    /// SIGTERM, and waits for its end.
    pub fn stop(&mut self) {
        let stopped = self.program.as_mut().is_none_or(Program::stop);
        assert!(stopped, "the program did not stop within 15 s of SIGTERM");
    }

    /// Waits until it dies by itself, and says how.
    pub async fn death(&mut self) -> ExitStatus {
        self.program.as_mut().expect("it was launched").end().await
    }

    /// Stops it if it runs, starts it on the same folder with these variables, waits until it serves.
    pub async fn restart(&mut self, environment: &[(&str, &str)]) {
        self.stop();
        self.launch(environment);
        self.ready().await;
    }

    /// The administrator of the tenant `default`.
    pub fn admin(&self) -> Api {
        self.anyone().with_basic("admin", "admin")
    }

    /// A caller without credentials.
    pub fn anyone(&self) -> Api {
        Api::new(self.client.clone(), self.base(), self.secrets.clone())
    }

    /// The public base: `https://localhost:<port>`.
    pub fn base(&self) -> String {
        format!("https://localhost:{}", self.ports.gateway)
    }

    /// The HTTPS port.
    pub fn port(&self) -> u16 {
        self.ports.gateway
    }

    /// The port of health and metrics.
    pub fn admin_port(&self) -> u16 {
        self.ports.admin
    }

    /// Where its databases, mailbox and keys lie.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Its `deployment.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join("deployment.toml")
    }

    /// Its folder, in which it also runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that it printed, over all its starts.
    pub fn output(&self) -> String {
        crate::program::read_lossy(&self.output_file())
    }

    /// What must stand in no file.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    fn output_file(&self) -> PathBuf {
        self.folder.path().join("output.log")
    }

    fn tail(&self) -> String {
        let output = self.output();
        let lines: Vec<_> = output.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Rekey {
    fn drop(&mut self) {
        let stopped = self.program.as_mut().is_none_or(Program::stop);
        if std::thread::panicking() {
            eprintln!("--- the end of what Rekey printed ---\n{}\n---", self.tail());
            return;
        }
        let leaks = self.secrets.leaks(self.folder.path());
        assert!(leaks.is_empty(), "secrets lie in files:\n{}", leaks.join("\n"));
        assert!(!self.output().contains("panicked at"), "a task panicked:\n{}", self.tail());
        assert!(stopped, "the program did not stop within 15 s of SIGTERM:\n{}", self.tail());
    }
}
