//! What a test may decide about the program that it starts.

use crate::{Deployment, ports::free_port};
use std::path::Path;

/// How to start the program.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// In one process, or in parts.
    pub deployment: Deployment,
    sections: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Options {
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

    /// The whole of `deployment.toml`.
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
