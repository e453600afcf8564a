//! The control of reading: a bare axum server over HTTPS, set up as the gateway is, that makes two tonic calls one after the other, as
//! the gateway does for a request: the first is handed the credential (authentication), the second the question (scim). As in the
//! product when it runs in one process, the calls reach their servers without a socket. Nothing else happens: no tenant, no
//! authentication, no scope, no span, no metric, no rendering. Where the database is to be read, a call is one statement, answered with
//! what stands in the row.

use anyhow::{Context, Result, anyhow};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_server::tls_rustls::RustlsConfig;
use bytes::Bytes;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{collections::HashMap, convert::Infallible, future::Future, net::SocketAddr, net::TcpListener, path::PathBuf, pin::Pin, sync::Arc};
use tonic::{Request, Status, body::Body};
use tonic_prost::ProstCodec;
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

use crate::{
    database::Database,
    lookups::{self, Lookup},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    listen: SocketAddr,
    /// A folder with https.crt and https.key.
    #[arg(long)]
    keys: PathBuf,
    /// What every answer says when no database is asked.
    #[arg(long)]
    body: PathBuf,
    /// The databases of scim and of authentication.
    #[arg(long)]
    scim: String,
    #[arg(long)]
    authentication: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Question {
    #[prost(string, tag = "1")]
    what: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(bytes = "bytes", tag = "1")]
    json: Bytes,
}

type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Infallible>;

/// What answers a call.
#[derive(Clone)]
enum Handler {
    /// Says what it was told.
    Echo,
    /// Says this.
    Canned(Bytes),
    /// Says what stands in the row of this account.
    Account(Database, Uuid),
    /// Says what stands in the row of a user.
    User(Database),
}

/// The two calls, without and with a look into the database.
#[derive(Clone)]
struct Hops {
    echo: Transport,
    canned: Transport,
    account: Transport,
    user: Transport,
}

#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<()> {
    let hops = Hops {
        echo: server(Handler::Echo),
        canned: server(Handler::Canned(std::fs::read(&options.body)?.into())),
        account: account(&options.authentication).await?,
        user: server(Handler::User(Database::open(&options.scim).await?)),
    };
    let router = Router::new().route("/echo/{id}", get(echo)).route("/read/{id}", get(read)).route("/find", get(find)).with_state(hops);
    let config = RustlsConfig::from_config(tls(&options.keys)?);
    axum_server::from_tcp_rustls(TcpListener::bind(options.listen)?, config)?.serve(router.into_make_service()).await?;
    Ok(())
}

/// As the gateway has it.
fn tls(keys: &std::path::Path) -> Result<Arc<ServerConfig>> {
    let unreadable = |error| anyhow!("{}: {error:?}", keys.display());
    let chain = CertificateDer::from_pem_file(keys.join("https.crt")).map_err(unreadable)?;
    let key = PrivateKeyDer::from_pem_file(keys.join("https.key")).map_err(unreadable)?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![chain], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The caller's own.
async fn account(url: &str) -> Result<Transport> {
    let database = Database::open(url).await?;
    let admin = database.ids("SELECT id FROM accounts WHERE folded = 'admin'").await?;
    Ok(server(Handler::Account(database, *admin.first().context("there is no administrator")?)))
}

async fn echo(State(hops): State<Hops>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    respond(hops.echo, hops.canned, &headers, Question { what: "id".into(), value: id }).await
}

async fn read(State(hops): State<Hops>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    respond(hops.account, hops.user, &headers, Question { what: "id".into(), value: id }).await
}

async fn find(State(hops): State<Hops>, Query(mut query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    let mut taken = |name| query.remove(name).unwrap_or_default();
    let question = Question { what: taken("what"), value: taken("value") };
    respond(hops.echo, hops.user, &headers, question).await
}

async fn respond(first: Transport, second: Transport, headers: &HeaderMap, question: Question) -> Response {
    let credential = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let answer = async {
        call(first, Question { what: credential, value: String::new() }).await?;
        call(second, question).await
    };
    match answer.await {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/scim+json")], answer.json).into_response(),
        Err(status) => (StatusCode::INTERNAL_SERVER_ERROR, status.to_string()).into_response(),
    }
}

/// What a generated client does.
async fn call(to: Transport, question: Question) -> Result<Answer, Status> {
    let mut client = tonic::client::Grpc::new(to);
    let Ok(()) = client.ready().await;
    let path = http::uri::PathAndQuery::from_static("/bench.Echo/Ask");
    let answer = client.unary(Request::new(question), path, ProstCodec::<Question, Answer>::default()).await?;
    Ok(answer.into_inner())
}

/// What a generated server does.
fn server(handler: Handler) -> Transport {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Body>| {
        let handler = handler.clone();
        async move { Ok(tonic::server::Grpc::new(ProstCodec::<Answer, Question>::default()).unary(handler, request).await) }
    }))
}

impl tonic::server::UnaryService<Question> for Handler {
    type Response = Answer;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Answer>, Status>> + Send>>;

    fn call(&mut self, request: Request<Question>) -> Self::Future {
        let (handler, question) = (self.clone(), request.into_inner());
        Box::pin(async move { handler.answer(question).await.map(|json| tonic::Response::new(Answer { json })) })
    }
}

impl Handler {
    async fn answer(&self, question: Question) -> Result<Bytes, Status> {
        match self {
            Self::Echo => Ok(question.what.into()),
            Self::Canned(body) => Ok(body.clone()),
            Self::Account(database, id) => lookups::account(database, *id).await.map(Bytes::from).map_err(|error| failed(&error)),
            Self::User(database) if question.what == "id" => {
                let id = question.value.parse().map_err(|_| Status::invalid_argument("id?"))?;
                lookups::user(database, id).await.map(Bytes::from).map_err(|error| failed(&error))
            }
            Self::User(database) => {
                let lookup = Lookup::named(&question.what).ok_or_else(|| Status::invalid_argument("what?"))?;
                lookup.find(database, question.value).await.map(Bytes::from).map_err(|error| failed(&error))
            }
        }
    }
}

fn failed(error: &anyhow::Error) -> Status {
    Status::internal(format!("{error:#}"))
}
