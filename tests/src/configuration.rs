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

    /// The whole of `deployment.toml` for a Rekey in parts: the layout's sections, and the test's over them.
    pub fn toml_of_parts(&self, layout: &[(String, String)], data_dir: &Path) -> String {
        let mut own = self.sections.join("\n");
        let mut shared = Vec::new();
        for (header, lines) in layout {
            let data = if header == "[server]" { format!("\ndata_dir = \"{}\"", data_dir.display()) } else { String::new() };
            match own.find(header.as_str()) {
                Some(place) => own.insert_str(place + header.len(), &missing(lines, &own[place + header.len()..])),
                None => shared.push(format!("{header}\n{lines}{data}\n")),
            }
        }
        shared.push(own);
        shared.join("\n")
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

/// Those lines whose keys a section, at the beginning of this text, does not give itself.
fn missing(lines: &str, text: &str) -> String {
    let section = text.split("\n[").next().unwrap_or_default();
    let gives = |key: &str| section.lines().any(|line| line.split('=').next().unwrap_or_default().trim() == key);
    let missing = lines.lines().filter(|line| !gives(line.split('=').next().unwrap_or_default().trim()));
    missing.fold(String::from("\n"), |text, line| format!("{text}{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tests_own_keys_go_over_those_of_the_layout() {
        let layout = [("[mail]".to_owned(), "from = 1\nhost = 2".to_owned()), ("[bus]".to_owned(), "url = 3".to_owned())];
        let toml = Options::of(Deployment::PARTS).config("[mail]\nfrom = 7\n[other]\nhost = 8\n").toml_of_parts(&layout, Path::new("/d"));
        let table: toml::Table = toml.parse().unwrap();
        assert_eq!(table["mail"].as_table().unwrap()["from"].as_integer(), Some(7));
        assert_eq!(table["mail"].as_table().unwrap()["host"].as_integer(), Some(2));
        assert_eq!(table["bus"].as_table().unwrap()["url"].as_integer(), Some(3));
    }
}
