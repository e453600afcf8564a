//! An OpenTelemetry collector that keeps what it is sent.

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1 as proto,
};
use std::sync::{Arc, Mutex};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

type Kept = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// It listens until the test ends.
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    kept: Kept,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let endpoint = format!("http://{}", incoming.local_addr().unwrap());
        let kept = Kept::default();
        let service = TraceServiceServer::new(Keeper(Arc::clone(&kept)));
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Self { endpoint, kept }
    }

    /// Everything that has come so far.
    pub(crate) fn seen(&self) -> Seen {
        let kept = self.kept.lock().unwrap();
        let resources: Vec<_> = kept.iter().flat_map(|request| &request.resource_spans).collect();
        let spans = resources.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans).map(Span::from).collect();
        let about = resources.iter().filter_map(|it| it.resource.as_ref()).flat_map(|it| &it.attributes).map(pair).collect();
        Seen { spans, about, everything: format!("{kept:?}") }
    }
}

struct Keeper(Kept);

#[tonic::async_trait]
impl TraceService for Keeper {
    async fn export(&self, request: Request<ExportTraceServiceRequest>) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// What a collector has been sent.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<Span>,
    about: Vec<(String, String)>,
    everything: String,
}

/// A span, in plain words.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) events: Vec<String>,
    attributes: Vec<(String, String)>,
}

impl Seen {
    /// The distinct values of a property of the process.
    pub(crate) fn resource(&self, name: &str) -> Vec<&str> {
        let mut values: Vec<_> = self.about.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
        values.dedup();
        values
    }

    pub(crate) fn only(&self, name: &str) -> &Span {
        let mut found = self.spans.iter().filter(|span| span.name == name);
        let (Some(span), None) = (found.next(), found.next()) else { panic!("not exactly one span `{name}`: {self:?}") };
        span
    }

    pub(crate) fn child_of(&self, parent: &Span) -> &Span {
        self.spans.iter().find(|span| span.parent == parent.id).unwrap_or_else(|| panic!("{parent:?} has no child: {self:?}"))
    }

    /// All of it, as text.
    pub(crate) fn everything(&self) -> &str {
        &self.everything
    }
}

impl Span {
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl From<&proto::Span> for Span {
    fn from(span: &proto::Span) -> Self {
        Self {
            trace: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            name: span.name.clone(),
            kind: span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase(),
            events: span.events.iter().map(|event| event.name.clone()).collect(),
            attributes: span.attributes.iter().map(pair).collect(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn pair(attribute: &KeyValue) -> (String, String) {
    let value = match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    };
    (attribute.key.clone(), value)
}
