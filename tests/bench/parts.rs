//! The product with each service a process of its own: gRPC over mutual TLS between them, and a NATS server for their events.

use anyhow::{Context, Result};
use rekey_testing::{Layout, Part, PartPorts, Process, Replicas, make_keys, nats_configuration, write_secret};
use rekey_tests::{Deployment, Options, fresh_password, ground::nats_program, ports::free_port};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    ground::remove,
    house::{House, is_ready},
    program::{Program, is_listening},
};

/// Whoever serves a GET, and whoever they wait for when they start. Nobody waits for notification, which sends mails.
const NEEDED: [Part; 4] = [Part::Gateway, Part::Scim, Part::Authentication, Part::TenantConfig];

/// Starts them over a folder in which a Rekey in one process has left data and keys; `database` says where each service's is.
pub(crate) fn start(binary: &Path, folder: &Path, database: &dyn Fn(Part) -> String) -> Result<House> {
    let parts = Parts::lay(binary, folder)?;
    let nats = parts.start_nats()?;
    let processes: Vec<_> = parts.layout.processes(database).into_iter().filter(|process| NEEDED.contains(&process.part)).collect();
    let mut programs = processes.iter().map(|process| parts.start(process)).collect::<Result<Vec<_>>>()?;
    for (process, program) in processes.iter().zip(&mut programs) {
        let ready = || is_ready(parts.admin(process.part));
        program.wait_for(&process.name(), ready).with_context(|| format!("see {}", parts.folder.display()))?;
    }
    programs.push(nats);
    House::over(programs, NEEDED.map(|part| parts.admin(part)).to_vec(), parts.layout.ports.https, parts.layout.keys)
}

struct Parts<'a> {
    binary: &'a Path,
    /// What is theirs alone: configuration, logs, events.
    folder: PathBuf,
    layout: Layout,
}

impl<'a> Parts<'a> {
    fn lay(binary: &'a Path, house: &Path) -> Result<Self> {
        let (folder, data) = (house.join("parts"), house.join("data"));
        remove(&folder)?;
        fs::create_dir_all(&folder)?;
        let (keys, admin_password_file) = (data.join("keys"), folder.join("admin-password"));
        make_keys(binary, &keys, "localhost");
        // It must be there, and is not used: there is an administrator, who keeps the old one.
        write_secret(&admin_password_file, &fresh_password());
        let ports = PartPorts::from(free_port);
        let layout = Layout { replicas: Replicas::ONE, ports, keys, admin_password_file, nats: free_port(), smtp: free_port() };
        fs::write(folder.join("deployment.toml"), Options::of(Deployment::PARTS).toml_of_parts(&layout.sections(), &data))?;
        Ok(Self { binary, folder, layout })
    }

    fn start_nats(&self) -> Result<Program> {
        let (config, port) = (self.folder.join("nats.conf"), self.layout.nats);
        fs::write(&config, nats_configuration(self.binary, &self.layout.keys, port, &self.folder.join("nats")))?;
        let mut nats = Program::start(Command::new(nats_program()).arg("-c").arg(&config), &self.log("nats"))?;
        nats.wait_for("nats-server", || is_listening(port))?;
        Ok(nats)
    }

    fn start(&self, process: &Process) -> Result<Program> {
        let mut command = Command::new(self.binary);
        command.arg("--config").arg(self.folder.join("deployment.toml")).arg(process.part.command());
        command.envs(process.environment.iter().map(|(name, value)| (name, value))).current_dir(&self.folder);
        Program::start(&mut command, &self.log(&process.name()))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    fn admin(&self, part: Part) -> u16 {
        self.layout.ports.admin[part as usize]
    }
}
