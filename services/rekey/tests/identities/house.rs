//! The services as processes of their own, without a bus and without PostgreSQL: for a call to be let in or not they need neither.

use rekey_runtime::{
    grpc::{Identity, Service, Transport, remote},
    tls,
};
use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tonic::{Request, Status, client::Grpc};
use tonic_prost::ProstCodec;

use crate::shared::{free_port, make_keys};

const PATIENCE: Duration = Duration::from_secs(30);
const SERVING: [Service; 4] = [Service::Scim, Service::Authentication, Service::TenantConfig, Service::Notification];

/// The running services, gone with the test.
pub(crate) struct House {
    folder: TempDir,
    ports: Vec<(Service, u16)>,
    processes: Vec<Child>,
}

impl House {
    pub(crate) fn start() -> Self {
        tls::install_provider();
        let folder = tempfile::tempdir().unwrap();
        make_keys(&folder.path().join("keys"));
        fs::create_dir(folder.path().join("data")).unwrap();
        let free: Vec<u16> = (0..2 * SERVING.len()).map(|_| free_port()).collect();
        let ports: Vec<_> = SERVING.into_iter().zip(free.iter().copied()).collect();
        fs::write(folder.path().join("deployment.toml"), configuration(folder.path(), &free)).unwrap();
        let processes = SERVING.iter().map(|service| spawn(folder.path(), *service)).collect();
        let house = Self { folder, ports, processes };
        for service in SERVING {
            house.listens(service);
        }
        house
    }

    /// The folder with all keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub(crate) fn endpoint(&self, of: Service) -> String {
        let (_, port) = self.ports.iter().find(|(service, _)| *service == of).unwrap();
        format!("https://127.0.0.1:{port}")
    }

    /// A way to a service under the identity in this folder.
    pub(crate) fn way(&self, to: Service, identity: &Path) -> Transport {
        remote(&self.endpoint(to), to, &Identity::load(identity).unwrap()).unwrap()
    }

    fn listens(&self, service: Service) {
        let started = Instant::now();
        let address = self.endpoint(service).trim_start_matches("https://").to_owned();
        while TcpStream::connect(&address).is_err() {
            let output = fs::read_to_string(self.folder.path().join(service.as_str())).unwrap_or_default();
            assert!(started.elapsed() < PATIENCE, "{service} does not listen:\n{output}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn spawn(folder: &Path, service: Service) -> Child {
    let output = fs::File::create(folder.join(service.as_str())).unwrap();
    let errors = output.try_clone().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rekey"));
    command.arg("--config").arg(folder.join("deployment.toml")).arg(service.as_str()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().unwrap()
}

fn configuration(folder: &Path, ports: &[u16]) -> String {
    let service = |(at, name): (usize, &str)| {
        let (port, admin) = (ports[at], ports[at + SERVING.len()]);
        format!("[services.{name}]\nlisten = \"127.0.0.1:{port}\"\nendpoint = \"https://127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:{admin}\"\n")
    };
    let services: String = ["scim", "authentication", "tenant_config", "notification"].into_iter().enumerate().map(service).collect();
    let folder = folder.display();
    format!(
        "[server]\ndata_dir = \"{folder}/data\"\n[keys]\ndir = \"{folder}/keys\"\n[bus]\nurl = \"tls://127.0.0.1:1\"\n\
         [super_admin]\npassword = \"a password for tests alone\"\n[output_adapter.email]\nhostname = \"127.0.0.1\"\nport = 1\n{services}"
    )
}

/// Calls a method with an empty message, and takes any answer.
pub(crate) async fn call(way: Transport, method: &str) -> Result<(), Status> {
    let mut client = Grpc::new(way);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    client.unary(Request::new(()), method.parse().unwrap(), ProstCodec::<(), ()>::default()).await.map(drop)
}
