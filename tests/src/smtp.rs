//! A real SMTP server (aiosmtpd) that keeps what it takes.

use crate::{Mail, build::target_dir, mailbox::mails_in, ports::free_port, program::Program, secrets::Secrets, wait_for};
use std::{
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::Command,
};
use tempfile::TempDir;

const SCRIPT: &str = include_str!("smtp_server.py");

/// The server. Each mail becomes a file of its folder.
#[derive(Debug)]
pub struct SmtpServer {
    folder: TempDir,
    port: u16,
    program: Option<Program>,
}

impl SmtpServer {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let mut server = Self { folder: tempfile::tempdir().expect("a temporary folder can be made"), port: free_port(), program: None };
        server.come_back().await;
        server
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// It is down from now on.
    pub fn go_down(&mut self) {
        self.program = None;
    }

    /// It is up again, on the same port, with what it took before.
    pub async fn come_back(&mut self) {
        let mut command = Command::new(python());
        command.args(["-c", SCRIPT, &self.port.to_string()]).arg(self.folder.path());
        let mut program = Program::start(command, &self.folder.path().join("output.log"));
        wait_for("the SMTP server to listen", async || {
            assert!(program.ended().is_none(), "the SMTP server does not start:\n{}", program.output());
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()
        })
        .await;
        self.program = Some(program);
    }

    /// All mails that it took.
    pub fn mails(&self, secrets: &Secrets) -> Vec<Mail> {
        mails_in(self.folder.path(), secrets)
    }

    /// Waits for a mail to an address.
    pub async fn mail_to(&self, address: &str, secrets: &Secrets) -> Mail {
        wait_for(&format!("a mail to {address}"), async || self.mails(secrets).into_iter().find(|mail| mail.to.iter().any(|to| to == address))).await
    }
}

/// The Python with aiosmtpd: `$REKEY_TEST_PYTHON`, else the one that `cargo xtask test api` made.
fn python() -> PathBuf {
    let python = std::env::var_os("REKEY_TEST_PYTHON").map_or_else(|| target_dir().join("tools/venv/bin/python"), PathBuf::from);
    assert!(python.exists(), "{} is not there: `cargo xtask test api` makes it, with aiosmtpd in it", python.display());
    python
}
