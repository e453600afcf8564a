//! An OpenTelemetry collector that keeps what it is sent.

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::Span,
};
use std::sync::{Arc, Mutex};
use tonic::{
    Request, Response, Status, async_trait,
    transport::{Server, server::TcpIncoming},
};

type Kept = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// It listens as long as the test's runtime lives.
#[derive(Debug)]
pub struct Collector {
    endpoint: String,
    kept: Kept,
}

impl Collector {
    /// One on a port of its own.
    pub fn start() -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().expect("an address")).expect("a port is free");
        let endpoint = format!("http://{}", incoming.local_addr().expect("it listens"));
        let kept = Kept::default();
        let service = TraceServiceServer::new(Keeper(Arc::clone(&kept)));
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Self { endpoint, kept }
    }

    /// The section of `deployment.toml` that sends traces here.
    pub fn section(&self) -> String {
        format!("[telemetry]\notlp_endpoint = \"{}\"\n", self.endpoint)
    }

    /// The spans of one trace that have come so far.
    pub fn trace(&self, id: &str) -> Vec<Span> {
        let kept = self.kept.lock().expect("no test panics while it holds this");
        let scopes = kept.iter().flat_map(|request| &request.resource_spans).flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans).filter(|span| hex(&span.trace_id) == id).cloned().collect()
    }

    /// Everything that has come so far, as text.
    pub fn text(&self) -> String {
        format!("{:?}", self.kept.lock().expect("no test panics while it holds this"))
    }
}

/// As identifiers of traces and spans are written.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[derive(Debug)]
struct Keeper(Kept);

#[async_trait]
impl TraceService for Keeper {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().expect("no test panics while it holds this").push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
