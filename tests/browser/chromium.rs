//! A browser of a test's own: chromedriver on a free port, Chromium behind it, both gone when dropped.

use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use rekey_tests::{build::target_dir, ports::free_port, program::Program, wait_for};
use serde_json::{Value, json};
use std::{fs, process::Command};
use tempfile::TempDir;

/// The flags with which a browser runs in a container, as root, and without calls of its own.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1200,900",
    "--lang=en",
];

/// A running browser.
pub(crate) struct Browser {
    pub(crate) client: Client,
    _driver: Program,
    _profile: TempDir,
}

impl Browser {
    /// Starts one; panics, saying what to install, when there is none.
    pub(crate) async fn start() -> Self {
        let (port, profile) = (free_port(), tempfile::tempdir().expect("a temporary folder can be made"));
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let mut driver = Program::start(command, &profile.path().join("chromedriver.log"));
        let capabilities = capabilities(&profile);
        let client = wait_for("chromedriver", async || {
            assert!(driver.ended().is_none(), "chromedriver does not run (`cargo xtask test browser` installs it):\n{}", driver.output());
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities.clone()).connect(&format!("http://127.0.0.1:{port}")).await.ok()
        })
        .await;
        Self { client, _driver: driver, _profile: profile }
    }

    /// Keeps a picture of the page under `target/screenshots/`.
    pub(crate) async fn picture(&self, name: &str) {
        let folder = target_dir().join("screenshots");
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join(format!("{name}.png")), self.client.screenshot().await.expect("a picture")).expect("a picture can be kept");
    }

    /// Ends the session, so that Chromium leaves in good order.
    pub(crate) async fn close(self) {
        self.client.clone().close().await.expect("the browser closes");
    }
}

fn capabilities(profile: &TempDir) -> Capabilities {
    let data = format!("--user-data-dir={}", profile.path().join("data").display());
    let flags: Vec<&str> = FLAGS.iter().copied().chain([data.as_str()]).collect();
    let all = json!({ "browserName": "chrome", "acceptInsecureCerts": true, "goog:chromeOptions": { "args": flags } });
    match all {
        Value::Object(all) => all,
        _ => unreachable!("an object was written above"),
    }
}
