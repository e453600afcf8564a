//! What a test may decide about the program that it starts.

use crate::{Deployment, ground::Postgres, ports::free_port};
use std::path::Path;

/// How to start the program.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// In one process, or in parts.
    pub deployment: Deployment,
    /// In parts: which `PostgreSQL` it stands on.
    pub postgres: Postgres,
    sections: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Options {
    /// For a test that is about one way of running.
    pub fn of(deployment: Deployment) -> Self {
        Self { deployment, ..Self::default() }
    }

    /// In parts: with a `PostgreSQL` server that the test may stop.
    pub fn with_own_postgres(mut self) -> Self {
        self.postgres = Postgres::Own;
        self
    }

    /// Adds sections to `deployment.toml`; `[server]`, `[gateway]` and `[admin]` are there already.
    pub fn config(mut self, sections: &str) -> Self {
        self.sections.push(sections.to_owned());
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The variables to set.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The whole of `deployment.toml` for a Rekey in parts: the layout's sections, but for those that the test has its own of.
    pub fn toml_of_parts(&self, layout: &[(String, String)], data_dir: &Path) -> String {
        let own = |header: &str| self.sections.iter().any(|sections| sections.lines().any(|line| line.trim() == header));
        let shared = layout.iter().filter(|(header, _)| !own(header)).map(|(header, lines)| {
            let data = if header == "[server]" { format!("\ndata_dir = \"{}\"", data_dir.display()) } else { String::new() };
            format!("{header}\n{lines}{data}\n")
        });
        shared.chain(self.sections.iter().cloned()).collect::<Vec<_>>().join("\n")
    }

    /// The whole of `deployment.toml` for one process.
    pub fn toml(&self, ports: Ports, data_dir: &Path) -> String {
        let Ports { gateway, admin } = ports;
        let own = format!(
            "[server]\nbase_path = \"https://localhost:{gateway}\"\ndata_dir = \"{}\"\n\n[gateway]\nlisten = \"127.0.0.1:{gateway}\"\n\n[admin]\nlisten = \"127.0.0.1:{admin}\"\n",
            data_dir.display()
        );
        std::iter::once(own).chain(self.sections.iter().cloned()).collect::<Vec<_>>().join("\n")
    }
}

/// The ports that one program listens on.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// HTTPS for everybody.
    pub gateway: u16,
    /// Health and metrics.
    pub admin: u16,
}

impl Ports {
    /// Two that are free now.
    pub fn free() -> Self {
        Self { gateway: free_port(), admin: free_port() }
    }
}
