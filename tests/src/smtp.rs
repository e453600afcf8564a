//! A real SMTP server (aiosmtpd) that keeps what it takes.

use crate::{
    Mail,
    mailbox::mails_in,
    ports::free_port,
    program::Program,
    python::python,
    secrets::Secrets,
    wait::{PATIENCE, block_until},
    wait_for,
};
use std::{
    net::{Ipv4Addr, TcpStream},
    path::Path,
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
        let mut server = Self::prepare();
        server.come_back().await;
        server
    }

    /// One that does not listen yet.
    pub fn prepare() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made"), port: free_port(), program: None }
    }

    /// The folder of its mails.
    pub fn folder(&self) -> &Path {
        self.folder.path()
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
        self.come_back_soon();
        wait_for("the SMTP server to listen", async || self.listens().then_some(())).await;
    }

    /// The same where nothing is async.
    pub fn come_back_now(&mut self) {
        self.come_back_soon();
        assert!(block_until(PATIENCE, || self.listens()), "the SMTP server does not listen");
    }

    /// The same without waiting until it listens.
    fn come_back_soon(&mut self) {
        let mut command = Command::new(python());
        command.args(["-c", SCRIPT, &self.port.to_string()]).arg(self.folder.path());
        self.program = Some(Program::start(command, &self.folder.path().join("output.log")));
    }

    fn listens(&mut self) -> bool {
        let program = self.program.as_mut().expect("it was just started");
        assert!(program.ended().is_none(), "the SMTP server does not start:\n{}", program.output());
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
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
