//! The closed-loop client: so many callers, each with a connection of its own that is kept alive, each asking again as soon as it has
//! its answer. HTTP/1.1 over TLS. The callers share two threads: more would take the processor from the server.

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{
    net::Ipv4Addr,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, runtime::Runtime, task::JoinSet};
use tokio_rustls::TlsConnector;

use crate::{cpu, numbers::Slice, people::Dice};

const THREADS: usize = 2;

/// What one caller asks next.
pub(crate) type Next = Arc<dyn Fn(&mut Dice) -> Request<Full<Bytes>> + Send + Sync>;

/// A server on this machine.
#[derive(Clone)]
pub(crate) struct Server {
    port: u16,
    tls: TlsConnector,
}

/// What is asked of it.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) callers: usize,
    pub(crate) time: Duration,
    pub(crate) expected: StatusCode,
    pub(crate) next: Next,
}

impl Server {
    /// The one on this port, with this certificate (PEM).
    pub(crate) fn new(port: u16, certificate: &[u8]) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate).map_err(|error| anyhow!("the certificate: {error:?}"))?)?;
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Ok(Self { port, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Runs a load on connections made for it; making them is not measured.
    pub(crate) fn measure(&self, load: &Load) -> Result<Slice> {
        let threads = THREADS.min(load.callers);
        let start = Arc::new(Barrier::new(threads + 1));
        let running: Vec<_> = (0..threads).map(|thread| self.spawn(load.clone(), share(load.callers, threads, thread), &start)).collect();
        start.wait();
        let (began, cpu) = (Instant::now(), cpu::of(std::process::id())?);
        let mut heard = Heard::default();
        for thread in running {
            heard.add(thread.join().map_err(|_| anyhow!("a thread of callers died"))??);
        }
        let took = began.elapsed();
        Ok(Slice { client_cpu: cpu::of(std::process::id())? - cpu, failed: heard.failed, ..Slice::of(heard.latencies, took) })
    }

    fn spawn(&self, load: Load, callers: usize, start: &Arc<Barrier>) -> thread::JoinHandle<Result<Heard>> {
        let (server, start) = (self.clone(), Arc::clone(start));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let connected = runtime.block_on(server.connect(callers));
            start.wait();
            ask(&runtime, connected?, &load)
        })
    }

    async fn connect(&self, callers: usize) -> Result<Vec<SendRequest<Full<Bytes>>>> {
        let mut connections = Vec::new();
        for _caller in 0..callers {
            connections.push(self.connection().await?);
        }
        Ok(connections)
    }

    async fn connection(&self) -> Result<SendRequest<Full<Bytes>>> {
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?;
        tcp.set_nodelay(true)?;
        let tls = self.tls.connect(ServerName::try_from("localhost")?, tcp).await.context("no TLS")?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    /// One request on a connection of its own: status and body.
    pub(crate) fn once(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { answer(&mut self.connection().await?, request).await })
    }
}

/// How many of the callers a thread has.
const fn share(callers: usize, threads: usize, thread: usize) -> usize {
    callers / threads + if thread < callers % threads { 1 } else { 0 }
}

/// What callers were answered.
#[derive(Default)]
struct Heard {
    latencies: Vec<u32>,
    failed: u64,
}

impl Heard {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.failed += other.failed;
    }
}

fn ask(runtime: &Runtime, connections: Vec<SendRequest<Full<Bytes>>>, load: &Load) -> Result<Heard> {
    runtime.block_on(async {
        let mut callers = JoinSet::new();
        for connection in connections {
            callers.spawn(caller(connection, load.clone()));
        }
        let mut heard = Heard::default();
        while let Some(done) = callers.join_next().await {
            heard.add(done??);
        }
        Ok(heard)
    })
}

async fn caller(mut connection: SendRequest<Full<Bytes>>, load: Load) -> Result<Heard> {
    let (end, mut dice, mut heard) = (Instant::now() + load.time, fresh_dice(), Heard::default());
    loop {
        let request = (load.next)(&mut dice);
        let began = Instant::now();
        if began >= end {
            return Ok(heard);
        }
        let (status, body) = answer(&mut connection, request).await?;
        if status == load.expected {
            heard.latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            heard.failed += 1;
            eprintln!("{status} instead of {}: {}", load.expected, String::from_utf8_lossy(&body));
        }
    }
}

async fn answer(connection: &mut SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    let status = answer.status();
    Ok((status, answer.into_body().collect().await?.to_bytes()))
}

/// No two callers throw the same numbers, and none what was thrown before.
pub(crate) fn fresh_dice() -> Dice {
    Dice::new(uuid::Uuid::new_v4().as_u64_pair().0)
}
