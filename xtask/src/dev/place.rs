//! Where everything of one installation lies and listens.

use super::answers;
use anyhow::{Context, Result, bail};
use rekey_testing::{Layout, Part, PartPorts, Replicas, make_keys, nats_configuration, write_secret};
use std::{
    fmt::Write as _,
    fs,
    io::Read,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

const SINK: &str = include_str!("sink.py");

pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) layout: Layout,
    pub(super) postgres_port: u16,
    page: u16,
}

impl Place {
    /// Makes what is not there yet: the folder, the keys, the configurations.
    pub(super) fn prepare(folder: &Path, first: u16, binary: &Path) -> Result<Self> {
        let last = first.checked_add(19).context("the first port is too high")?;
        for port in first..=last {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port} is taken: choose others with --first-port"))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        let keys = folder.join("keys");
        make_keys(binary, &keys, "localhost");
        let ports = PartPorts { https: first + 3, grpc: [0, 10, 11, 12, 13].map(|step| first + step), admin: [4, 15, 16, 17, 18].map(|step| first + step) };
        let layout = Layout { replicas: Replicas::ONE, ports, admin_password_file: admin_password(&keys)?, keys, nats: first + 6, smtp: first + 7 };
        let place = Self { folder, layout, postgres_port: first + 5, page: first + 8 };
        place.configure(binary)?;
        Ok(place)
    }

    fn configure(&self, binary: &Path) -> Result<()> {
        let store = self.folder.join("nats");
        fs::write(self.nats_configuration(), nats_configuration(binary, &self.layout.keys, self.layout.nats, &store))?;
        let mut text = String::from("# Made by `cargo xtask dev`, anew at each start.\n");
        for (header, lines) in self.layout.sections() {
            writeln!(text, "{header}\n{lines}\n")?;
        }
        Ok(fs::write(self.configuration(), text)?)
    }

    pub(super) fn configuration(&self) -> PathBuf {
        self.folder.join("deployment.toml")
    }

    pub(super) fn nats_configuration(&self) -> PathBuf {
        self.folder.join("nats.conf")
    }

    pub(super) fn postgres_folder(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The mail server and its page.
    pub(super) fn sink(&self, python: &Path) -> Command {
        let mut command = Command::new(python);
        command.args(["-c", SINK, &self.layout.smtp.to_string(), &self.page.to_string()]).arg(self.folder.join("mails"));
        command
    }

    /// Does every process serve?
    pub(super) fn is_ready(&self) -> bool {
        let processes = self.layout.processes(|_| String::new());
        processes.iter().all(|process| answers(&process.ready))
            && answers(&format!("{}/scim2/ServiceProviderConfig", self.layout.base()))
            && answers(&self.mails())
    }

    fn mails(&self) -> String {
        format!("http://127.0.0.1:{}/", self.page)
    }

    pub(super) fn greeting(&self) -> Result<String> {
        let base = self.layout.base();
        let password = fs::read_to_string(&self.layout.admin_password_file)?;
        let mut text =
            format!("\nRekey serves in five processes.\n\n  console   {base}/console\n  account   {base}/myaccount\n  SCIM      {base}/scim2/Users\n");
        writeln!(text, "  mails     {}", self.mails())?;
        for process in self.layout.processes(|_| String::new()) {
            writeln!(text, "  ready?    {}  ({})", process.ready, process.part.command())?;
        }
        writeln!(text, "\n  account   admin / {password}   (in {})", self.layout.admin_password_file.display())?;
        writeln!(text, "  data      {}   (remove it to begin anew)", self.folder.display())?;
        writeln!(text, "  database  postgres://127.0.0.1:{}, one for each of {}", self.postgres_port, Part::WITH_DATABASE.map(Part::command).join(", "))?;
        writeln!(text, "  bus       tls://127.0.0.1:{} (subscribe with the keys in {})", self.layout.nats, self.layout.keys.join("subscriber").display())?;
        writeln!(text, "\nCtrl-C stops all.\n")?;
        Ok(text)
    }
}

/// Made once, at random.
fn admin_password(keys: &Path) -> Result<PathBuf> {
    let path = keys.join("admin-password");
    if !path.exists() {
        let mut random = [0_u8; 16];
        fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        write_secret(&path, &random.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")));
    }
    if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
        bail!("{} can be read by others: chmod 600", path.display());
    }
    Ok(path)
}
