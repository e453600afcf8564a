//! A real nats-server with the configuration that `rekey keys nats-conf` prints, over keys that `rekey keys init` made.

use async_nats::{Client, ConnectOptions, Event as ConnectionEvent, ServerError, jetstream};
use rekey_kernel::Secret;
use rekey_messaging::{JetStreamBus, jetstream::Config};
use rekey_runtime::{grpc::Service, tls};
use rekey_testing::{NatsServer, nats_program};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::shared::{free_port, make_keys};

/// How long a condition may take; far longer than anything should, and than an event waits before it is handed out again.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The server, gone with its test.
pub(crate) struct Nats {
    server: NatsServer,
    folder: TempDir,
}

impl Nats {
    /// A server with an empty store; `None`, saying so, where there is no nats-server.
    fn start() -> Option<Self> {
        let program = nats_program()?;
        tls::install_provider();
        let folder = tempfile::tempdir().unwrap();
        make_keys(&folder.path().join("keys"));
        let port = free_port();
        let (config, store) = (folder.path().join("nats.conf"), folder.path().join("store"));
        fs::write(&config, configuration(&folder.path().join("keys"), port, &store)).unwrap();
        let server = NatsServer::prepare(&program, &config, &store, port);
        server.go_on();
        Some(Self { server, folder })
    }

    /// One whose stream is there, with scim's bus, which keeps it there.
    pub(crate) async fn with_stream() -> Option<(Self, JetStreamBus)> {
        let nats = Self::start()?;
        let bus = nats.bus(Service::Scim).await;
        ready(&bus).await;
        Some((nats, bus))
    }

    /// Dies as by `kill -9`, and comes back with its store or without.
    pub(crate) fn restart(&self, wiped: bool) {
        self.server.kill9();
        if wiped {
            self.server.wipe();
        }
        self.server.go_on();
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port()
    }

    pub(crate) fn url(&self) -> String {
        format!("tls://localhost:{}", self.port())
    }

    /// The folder of keys of a service or of `subscriber`.
    pub(crate) fn keys(&self, of: &str) -> PathBuf {
        self.folder.path().join("keys").join(of)
    }

    /// The bus as a service has it.
    pub(crate) async fn bus(&self, service: Service) -> JetStreamBus {
        let keys = self.keys(service.as_str());
        let config = Config {
            url: self.url(),
            service: service.as_str().to_owned(),
            nkey_seed: Some(Secret::new(seed(&keys))),
            ca_file: Some(keys.join("ca.crt")),
            owns_stream: service == Service::Scim,
            replicas: 1,
        };
        JetStreamBus::connect(config, CancellationToken::new()).await.unwrap()
    }

    /// A bare connection with the rights of a service or of `subscriber`.
    pub(crate) async fn user(&self, name: &str) -> User {
        let (told, refusals) = mpsc::unbounded_channel();
        let options = options(&self.keys(name), name).event_callback(move |event| {
            if let ConnectionEvent::ServerError(ServerError::Other(refusal)) = event {
                // The test may be over already.
                let _ = told.send(refusal);
            }
            async {}
        });
        let client = patiently(|| options.clone().connect(self.url())).await;
        User { client, refusals }
    }
}

/// As `rekey keys nats-conf` prints it.
fn configuration(keys: &Path, port: u16, store: &Path) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekey"));
    command.args(["keys", "nats-conf", "--listen", &format!("127.0.0.1:{port}"), "--dir"]).arg(keys).arg("--store").arg(store);
    let printed = command.output().unwrap();
    assert!(printed.status.success(), "{printed:?}");
    printed.stdout
}

pub(crate) fn seed(keys: &Path) -> String {
    fs::read_to_string(keys.join("nats.nk")).unwrap().trim().to_owned()
}

/// How the owner of these keys connects.
pub(crate) fn options(keys: &Path, name: &str) -> ConnectOptions {
    ConnectOptions::with_nkey(seed(keys)).add_root_certificates(keys.join("ca.crt")).require_tls(true).custom_inbox_prefix(format!("_INBOX_{name}"))
}

/// Until it succeeds: a server that was just started may not listen yet.
pub(crate) async fn patiently<T, E>(attempt: impl AsyncFn() -> Result<T, E>) -> T {
    let succeeded = async {
        loop {
            if let Ok(done) = attempt().await {
                return done;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, succeeded).await.expect("it succeeds in time")
}

pub(crate) async fn ready(bus: &JetStreamBus) {
    patiently(async || bus.ready().await).await;
}

/// A connection, and what the server refused it.
pub(crate) struct User {
    pub(crate) client: Client,
    refusals: mpsc::UnboundedReceiver<String>,
}

impl User {
    /// The next refusal.
    pub(crate) async fn refusal(&mut self) -> String {
        timeout(PATIENCE, self.refusals.recv()).await.expect("the server refuses").expect("the connection lives")
    }

    /// Everything that was refused until now is forgotten by the test.
    pub(crate) fn refused_nothing_else(&mut self) {
        assert_eq!(self.refusals.try_recv().ok(), None);
    }

    /// It may not publish there. The server says so; the client would only see that nobody answers.
    pub(crate) async fn may_not_publish(&mut self, subject: &str) {
        self.client.publish_with_reply(subject.to_owned(), self.client.new_inbox(), "{}".into()).await.unwrap();
        let refusal = self.refusal().await;
        // The server may know the question under the name that it carries it over to another account with.
        let question = subject.trim_start_matches("$JS.");
        assert!(refusal.contains("Permissions Violation for Publish") && refusal.contains(question), "{subject}: {refusal}");
    }

    /// It may not listen there.
    pub(crate) async fn may_not_subscribe(&mut self, subject: &str) {
        let _subscription = self.client.subscribe(subject.to_owned()).await.unwrap();
        let refusal = self.refusal().await;
        assert!(refusal.contains("Permissions Violation for Subscription") && refusal.contains(subject), "{subject}: {refusal}");
    }

    /// Asks JetStream's API, and gets its answer as it stands.
    pub(crate) async fn ask(&self, question: &str) -> serde_json::Value {
        let asked = self.client.request(format!("$JS.API.{question}"), "".into());
        let answer = timeout(PATIENCE, asked).await.expect("JetStream answers").unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    pub(crate) fn jetstream(&self) -> jetstream::Context {
        jetstream::new(self.client.clone())
    }
}
