//! The control of reading: a bare axum server over HTTPS, set up as the gateway is, that makes two tonic calls one after the other, as
//! the gateway does for a request: the first is handed the credential (authentication), the second the question (scim). As in the
//! product when it runs in one process, the calls reach their servers without a socket (`apart.rs` has them in other processes).
//! Nothing else happens: no tenant, no authentication, no scope, no span, no metric, no rendering. Where the database is to be read, a
//! call is one statement, answered with what stands in the row.

use anyhow::{Result, anyhow};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_server::tls_rustls::RustlsConfig;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{collections::HashMap, net::SocketAddr, net::TcpListener, path::PathBuf, sync::Arc};

use crate::hops::{Handler, Hop, Hops, Question};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    door: Door,
    /// What every answer says when no database is asked.
    #[arg(long)]
    body: PathBuf,
    /// The databases of scim and of authentication.
    #[arg(long)]
    scim: String,
    #[arg(long)]
    authentication: String,
}

/// Where HTTPS is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Door {
    #[arg(long)]
    listen: SocketAddr,
    /// The gateway's folder of keys.
    #[arg(long)]
    pub(crate) keys: PathBuf,
}

#[tokio::main]
pub(crate) async fn run(options: &Options) -> Result<()> {
    let hops = Hops {
        echo: Hop::within(Handler::Echo),
        canned: Hop::within(Handler::Canned(std::fs::read(&options.body)?.into())),
        account: Hop::within(Handler::account(&options.authentication).await?),
        user: Hop::within(Handler::user(&options.scim).await?),
    };
    options.door.serve(hops).await
}

impl Door {
    pub(crate) async fn serve(&self, hops: Hops) -> Result<()> {
        let router = Router::new().route("/echo/{id}", get(echo)).route("/read/{id}", get(read)).route("/find", get(find));
        let router = router.route("/find-as-the-caller", get(find_as_the_caller)).with_state(hops);
        let config = RustlsConfig::from_config(self.tls()?);
        Ok(axum_server::from_tcp_rustls(TcpListener::bind(self.listen)?, config)?.serve(router.into_make_service()).await?)
    }

    /// As the gateway has it.
    fn tls(&self) -> Result<Arc<ServerConfig>> {
        let unreadable = |error| anyhow!("{}: {error:?}", self.keys.display());
        let chain = CertificateDer::from_pem_file(self.keys.join("https.crt")).map_err(unreadable)?;
        let key = PrivateKeyDer::from_pem_file(self.keys.join("https.key")).map_err(unreadable)?;
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![chain], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

async fn echo(State(hops): State<Hops>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    respond(hops.echo, hops.canned, &headers, Question { what: "id".into(), value: id }).await
}

async fn read(State(hops): State<Hops>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    respond(hops.account, hops.user, &headers, Question { what: "id".into(), value: id }).await
}

async fn find(State(hops): State<Hops>, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    respond(hops.echo, hops.user, &headers, asked(query)).await
}

async fn find_as_the_caller(State(hops): State<Hops>, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    respond(hops.account, hops.user, &headers, asked(query)).await
}

fn asked(mut query: HashMap<String, String>) -> Question {
    let mut taken = |name| query.remove(name).unwrap_or_default();
    Question { what: taken("what"), value: taken("value") }
}

async fn respond(first: Hop, second: Hop, headers: &HeaderMap, question: Question) -> Response {
    let credential = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let answer = async {
        first.call(Question { what: credential, value: String::new() }).await?;
        second.call(question).await
    };
    match answer.await {
        Ok(answer) => ([(header::CONTENT_TYPE, "application/scim+json")], answer.json).into_response(),
        Err(status) => (StatusCode::INTERNAL_SERVER_ERROR, status.to_string()).into_response(),
    }
}
