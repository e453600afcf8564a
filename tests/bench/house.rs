//! The product itself: one process with everything in it, as `rekey` alone starts; or, made by `parts.rs`, several.

use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode, header};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{Read, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
};

use rekey_tests::ports::free_port;

use crate::{
    client::Server,
    numbers::Calls,
    program::{Program, is_listening},
};

/// The services with a database.
pub(crate) const SERVICES: [&str; 4] = ["scim", "authentication", "tenant_config", "notification"];

/// A running Rekey.
pub(crate) struct House {
    programs: Vec<Program>,
    /// Where each of them tells its metrics.
    admins: Vec<u16>,
    keys: PathBuf,
    pub(crate) server: Server,
}

impl House {
    /// Starts it over a data folder; `databases` gives each service's address, unless they lie in the folder.
    pub(crate) fn start(binary: &Path, folder: &Path, databases: Option<&dyn Fn(&str) -> String>) -> Result<Self> {
        let (port, admin) = (free_port(), free_port());
        let (data, config) = (folder.join("data"), folder.join("deployment.toml"));
        fs::create_dir_all(&data)?;
        fs::write(&config, configuration(port, admin, &data, databases))?;
        let mut command = Command::new(binary);
        command.arg("--config").arg(&config).current_dir(folder);
        let mut program = Program::start(&mut command, &folder.join("rekey.log"))?;
        program.wait_for("rekey", || is_ready(admin) && is_listening(port)).with_context(|| format!("see {}/rekey.log", folder.display()))?;
        Self::over(vec![program], vec![admin], port, data.join("keys"))
    }

    /// Programs that run already: HTTPS is on `port`, and its certificate among the `keys`.
    pub(crate) fn over(programs: Vec<Program>, admins: Vec<u16>, port: u16, keys: PathBuf) -> Result<Self> {
        let certificate = fs::read(keys.join("gateway/https.crt"))?;
        Ok(Self { programs, admins, keys, server: Server::new(port, &certificate)? })
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.programs.iter().map(Program::id).collect()
    }

    /// The folder with the keys of a service.
    pub(crate) fn keys(&self, service: &str) -> PathBuf {
        self.keys.join(service)
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
        self.programs.iter_mut().try_for_each(Program::stop)
    }

    /// The answer to one request, which must be this status.
    pub(crate) fn ask(&self, request: Request<Full<Bytes>>, expected: StatusCode) -> Result<Bytes> {
        let (status, body) = self.server.once(request)?;
        if status != expected {
            bail!("{status} instead of {expected}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    /// How many calls there were so far of each method between the services, and how many microseconds they took together.
    pub(crate) fn calls(&self) -> Result<BTreeMap<String, (f64, f64)>> {
        let mut calls: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        let metrics = self.admins.iter().map(|admin| plain_get(*admin, "/metrics")).collect::<Result<String>>()?;
        for (kind, method, value) in metrics.lines().filter_map(measured) {
            let entry = calls.entry(method.to_owned()).or_default();
            match kind {
                "count" => entry.0 += value,
                "sum" => entry.1 += value * 1e6,
                _ => {}
            }
        }
        Ok(calls)
    }
}

/// A line such as `rekey_grpc_request_duration_seconds_sum{method="rekey.scim.v1.Users/Get",code="OK"} 1.5`: kind, method, value.
fn measured(line: &str) -> Option<(&str, &str, f64)> {
    let (kind, labels) = line.strip_prefix("rekey_grpc_request_duration_seconds_")?.split_once('{')?;
    let (method, _) = labels.split_once("method=\"")?.1.split_once('"')?;
    let (_, value) = labels.rsplit_once(' ')?;
    Some((kind, method, value.parse().ok()?))
}

/// What happened between two readings, for each of `done` requests.
pub(crate) fn calls_between(before: &BTreeMap<String, (f64, f64)>, after: &BTreeMap<String, (f64, f64)>, done: u64) -> BTreeMap<String, Calls> {
    let since = |(method, (count, sum)): (&String, &(f64, f64))| {
        let (count_before, sum_before) = before.get(method).copied().unwrap_or_default();
        let (count, sum) = (count - count_before, sum - sum_before);
        let each = count / f64::from(u32::try_from(done.max(1)).unwrap_or(u32::MAX));
        // A heartbeat now and then is not part of a request.
        (each > 0.01).then(|| (method.clone(), Calls { each, mean_us: sum / count }))
    };
    after.iter().filter_map(since).collect()
}

/// A request of the first administrator's.
pub(crate) fn request(method: Method, path: &str, body: Bytes) -> Request<Full<Bytes>> {
    let builder = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    let builder = builder.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode("admin:admin")));
    let builder = if body.is_empty() { builder } else { builder.header(header::CONTENT_TYPE, "application/scim+json") };
    builder.body(Full::new(body)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn configuration(port: u16, admin: u16, data: &Path, databases: Option<&dyn Fn(&str) -> String>) -> String {
    let mut text = format!(
        "[server]\nbase_path = \"https://localhost:{port}\"\ndata_dir = \"{}\"\n[gateway]\nlisten = \"127.0.0.1:{port}\"\n\
         [admin]\nlisten = \"127.0.0.1:{admin}\"\n",
        data.display()
    );
    for (service, url) in SERVICES.iter().filter_map(|service| Some((service, databases?(service)))) {
        let _ = write!(text, "[database.{service}]\nurl = \"{url}\"\n");
    }
    text
}

/// Does the process whose admin listener this is say that it serves?
pub(crate) fn is_ready(admin: u16) -> bool {
    plain_get(admin, "/readyz").is_ok()
}

/// The body of a 200 over plain HTTP.
fn plain_get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP")?;
    if head.split(' ').nth(1) != Some("200") {
        bail!("{path}: {head}");
    }
    Ok(body.to_owned())
}
