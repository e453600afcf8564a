//! A whole running Rekey, in a folder of its own, gone when dropped.

use crate::{Api, Options, api::client_at, build::binary, configuration::Ports, ground::Ground, program::Program, secrets::Secrets, wait_for};
use rekey_testing::{Part, Process, address};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};
use tempfile::TempDir;

/// A Rekey of one test. Dropping it stops it, in good order, and fails the test when a secret lies in any file it left. Its folder
/// goes with it, unless the test failed and `$REKEY_TEST_KEEP` is set.
#[derive(Debug)]
pub struct Rekey {
    pub(crate) running: Vec<Running>,
    ground: Option<Ground>,
    folder: TempDir,
    pub(crate) ports: Ports,
    options: Options,
    clients: Vec<reqwest::Client>,
    secrets: Secrets,
    /// Something died or was cut off on purpose: then a mail may come twice, and identical.
    pub(crate) harmed: bool,
}

/// One of its processes.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Option<Process>,
    pub(crate) program: Program,
}

impl Running {
    pub(crate) fn is(&self, part: Part, replica: u8) -> bool {
        self.process.as_ref().is_some_and(|process| process.part == part && process.replica == replica)
    }

    fn name(&self) -> String {
        self.process.as_ref().map_or_else(|| "rekey".to_owned(), Process::name)
    }
}

impl Rekey {
    pub(crate) fn new(folder: TempDir, ground: Option<Ground>, options: Options) -> Self {
        let ports = ground.as_ref().map_or_else(Ports::free, |ground| Ports { gateway: ground.layout().ports.https, admin: 0 });
        let gateways = ground.as_ref().map_or(1, |ground| ground.layout().replicas.of(Part::Gateway));
        let clients = (0..gateways).map(|replica| client_at(address(replica))).collect();
        let rekey = Self { running: Vec::new(), ground, folder, ports, options, clients, secrets: Secrets::default(), harmed: false };
        rekey.configure();
        rekey
    }

    fn configure(&self) {
        let text = match &self.ground {
            None => self.options.toml(self.ports, &self.data_dir()),
            Some(ground) => {
                ground.secrets().iter().for_each(|secret| self.secrets.add(secret));
                self.secrets.add_credential("admin", ground.admin_password());
                self.options.toml_of_parts(&ground.layout().sections(), &self.data_dir())
            }
        };
        std::fs::write(self.config_file(), text).expect("deployment.toml can be written");
    }

    /// Starts the program, or all the programs, with these variables added; does not wait.
    pub fn launch(&mut self, environment: &[(&str, &str)]) {
        let processes = self.ground.as_ref().map(Ground::processes);
        self.running = match processes {
            None => vec![self.run(None, environment)],
            Some(processes) => processes.into_iter().map(|process| self.run(Some(process), environment)).collect(),
        };
    }

    pub(crate) fn run(&self, process: Option<Process>, environment: &[(&str, &str)]) -> Running {
        let mut command = self.bare_command();
        command.arg("--config").arg(self.config_file());
        let mut output = self.output_file();
        if let Some(process) = &process {
            // What the test's own variables say goes before what the layout says.
            let told = process.environment.iter().filter(|(name, _)| self.options.environment().iter().all(|(own, _)| own != name));
            command.arg(process.part.command()).envs(told.map(|(name, value)| (name, value)));
            output = self.folder.path().join(format!("output-{}.log", process.name()));
        }
        command.envs(environment.iter().copied());
        Running { process, program: Program::start(command, &output) }
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
        self.running = vec![Running { process: None, program: Program::start(command, &self.output_file()) }];
    }

    /// Waits until all of it serves; panics with its output when a process ends instead.
    pub async fn ready(&mut self) {
        wait_for("Rekey to serve", async || {
            self.assert_alive();
            self.serves().await.then_some(())
        })
        .await;
        if self.ground.is_some() {
            self.administrator_is_there().await;
        }
    }

    /// With several scims the first administrator may be half made when all are ready. Looked for slowly: failed logins are
    /// throttled.
    async fn administrator_is_there(&self) {
        let admin = self.admin();
        for _ in 0..8 {
            if admin.try_get("/scim2/Users?count=0").await.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("everything is ready, but there is no administrator:\n{}", self.tail());
    }

    async fn serves(&self) -> bool {
        for running in &self.running {
            let health = running.process.as_ref().map_or_else(|| format!("http://127.0.0.1:{}/readyz", self.ports.admin), |process| process.ready.clone());
            if !self.clients[0].get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return false;
            }
        }
        for gateway in 0..self.clients.len() {
            if !self.through_gateway(gateway).try_get("/scim2/ServiceProviderConfig").await.is_ok_and(|answer| answer.status == 200) {
                return false;
            }
        }
        true
    }

    fn assert_alive(&mut self) {
        let dead = self.running.iter_mut().find_map(|running| Some((running.name(), running.program.ended()?)));
        assert!(dead.is_none(), "a program ended instead of serving ({dead:?}):\n{}", self.tail());
        assert!(!self.running.is_empty(), "it was launched");
    }

    /// `kill -9` for all of it.
    pub fn kill9(&mut self) {
        self.harmed = true;
        self.running.iter_mut().for_each(|running| running.program.kill9());
    }

    /// SIGTERM to all of it, and waits for its end.
    pub fn stop(&mut self) {
        let slow = self.stopped();
        assert!(slow.is_empty(), "{slow:?} did not stop within 15 s of SIGTERM:\n{}", self.tail());
    }

    /// Stops all; the names of those that had to be killed.
    fn stopped(&mut self) -> Vec<String> {
        self.running.iter_mut().for_each(|running| running.program.terminate());
        self.running.iter_mut().filter_map(|running| (!running.program.stop()).then(|| running.name())).collect()
    }

    /// Waits until it, or one of its processes, dies by itself, and says how.
    pub async fn death(&mut self) -> ExitStatus {
        self.harmed = true;
        wait_for("a program to end", async || self.running.iter_mut().find_map(|running| running.program.ended())).await
    }

    /// Stops it if it runs, starts it on the same folder with these variables, waits until it serves.
    pub async fn restart(&mut self, environment: &[(&str, &str)]) {
        self.stop();
        self.launch(environment);
        self.ready().await;
    }

    /// The administrator of the tenant `default`.
    pub fn admin(&self) -> Api {
        self.anyone().with_basic("admin", self.admin_password())
    }

    /// The password of the administrator of the tenant `default`.
    pub fn admin_password(&self) -> &str {
        self.ground.as_ref().map_or("admin", Ground::admin_password)
    }

    /// A caller without credentials, who goes through all gateways in turn.
    pub fn anyone(&self) -> Api {
        Api::new(self.clients.clone(), self.base(), self.secrets.clone())
    }

    /// A caller without credentials, who goes through one gateway alone.
    pub fn through_gateway(&self, replica: usize) -> Api {
        Api::new(vec![self.clients[replica].clone()], self.base(), self.secrets.clone())
    }

    /// The public base: `https://localhost:<port>`.
    pub fn base(&self) -> String {
        format!("https://localhost:{}", self.ports.gateway)
    }

    /// What it stands on, when it runs in parts.
    pub fn ground(&self) -> Option<&Ground> {
        self.ground.as_ref()
    }

    pub(crate) fn running(&mut self) -> &mut Vec<Running> {
        &mut self.running
    }

    /// Where, in one process, its databases, mailbox and keys lie.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Every file that its databases are kept in.
    pub fn database_files(&self) -> Vec<PathBuf> {
        let in_folder =
            || std::fs::read_dir(self.data_dir()).expect("a data folder").flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        self.ground.as_ref().map_or_else(in_folder, Ground::database_files)
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
        self.outputs().iter().map(|path| crate::program::read_lossy(path)).collect()
    }

    fn outputs(&self) -> Vec<PathBuf> {
        let is_output = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("output"));
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path()).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_output).collect();
        files.sort();
        files
    }

    /// What must stand in no file.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    fn output_file(&self) -> PathBuf {
        self.folder.path().join("output.log")
    }

    /// The end of what each process printed.
    pub fn tail(&self) -> String {
        let long = if self.ground.is_some() { 25 } else { 60 };
        let end = |path: &PathBuf| {
            let text = crate::program::read_lossy(path);
            let lines: Vec<_> = text.lines().collect();
            format!("--- {}\n{}\n", path.display(), lines[lines.len().saturating_sub(long)..].join("\n"))
        };
        self.outputs().iter().map(end).collect()
    }

    fn leaks(&self) -> Vec<String> {
        let mut leaks = self.secrets.leaks(self.folder.path());
        if let Some(ground) = &self.ground {
            leaks.extend(self.secrets.leaks_in(&ground.database_files()));
        }
        leaks
    }
}

impl Drop for Rekey {
    fn drop(&mut self) {
        let slow = self.stopped();
        if std::thread::panicking() {
            eprintln!("the end of what Rekey printed:\n{}---", self.tail());
            self.folder.disable_cleanup(std::env::var_os("REKEY_TEST_KEEP").is_some());
            return;
        }
        let leaks = self.leaks();
        assert!(leaks.is_empty(), "secrets lie in files:\n{}", leaks.join("\n"));
        assert!(!self.output().contains("panicked at"), "a task panicked:\n{}", self.tail());
        assert!(slow.is_empty(), "{slow:?} did not stop within 15 s of SIGTERM:\n{}", self.tail());
        if !self.harmed {
            self.assert_no_mail_came_twice();
        }
    }
}
