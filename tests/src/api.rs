//! HTTPS, as a caller with some credential sees it.

use crate::secrets::Secrets;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const PER_REQUEST: Duration = Duration::from_mins(1);

/// A client that takes the self-signed certificate and follows no redirects. HTTP/1.1, for a stopping server takes leave of
/// HTTP/2 clients in two round trips, and a test that waits for its program's end answers none. (curl and the browser speak HTTP/2.)
pub fn client() -> reqwest::Client {
    client_at(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The same, for whom `localhost` has this address.
pub fn client_at(address: IpAddr) -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .resolve("localhost", SocketAddr::new(address, 0))
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PER_REQUEST)
        .build()
        .expect("a client can be made")
}

#[derive(Clone, Debug)]
enum Credential {
    None,
    Basic(String, String),
    Bearer(String),
    Cookie(String),
}

/// A caller: a credential, in a tenant.
#[derive(Clone, Debug)]
pub struct Api {
    /// One for each gateway; requests go through them in turn, whatever copy of this makes them.
    clients: Vec<reqwest::Client>,
    turn: Arc<AtomicUsize>,
    base: String,
    tenant: Option<String>,
    credential: Credential,
    pub(crate) secrets: Secrets,
}

impl Api {
    pub(crate) fn new(clients: Vec<reqwest::Client>, base: String, secrets: Secrets) -> Self {
        Self { clients, turn: Arc::default(), base, tenant: None, credential: Credential::None, secrets }
    }

    /// A caller without credentials of a Rekey that the harness did not start.
    pub fn at(client: reqwest::Client, base: String, secrets: Secrets) -> Self {
        Self::new(vec![client], base, secrets)
    }

    /// The same, with HTTP Basic.
    pub fn with_basic(&self, user_name: &str, password: &str) -> Self {
        Self { credential: Credential::Basic(user_name.to_owned(), password.to_owned()), ..self.clone() }
    }

    /// The same, with a bearer token.
    pub fn with_bearer(&self, token: &str) -> Self {
        Self { credential: Credential::Bearer(token.to_owned()), ..self.clone() }
    }

    /// The same, with cookies.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { credential: Credential::Cookie(cookie.to_owned()), ..self.clone() }
    }

    /// The same, with the credential of another caller.
    pub fn with_same_credential(&self, other: &Self) -> Self {
        Self { credential: other.credential.clone(), ..self.clone() }
    }

    /// The same without any credential.
    pub fn anonymous(&self) -> Self {
        Self { credential: Credential::None, ..self.clone() }
    }

    /// The same, with `/t/{domain}` in front of every path.
    pub fn in_tenant(&self, domain: &str) -> Self {
        Self { tenant: Some(domain.to_owned()), ..self.clone() }
    }

    /// The URL of a path, in the caller's tenant.
    pub fn url(&self, path: &str) -> String {
        let tenant = self.tenant.as_ref().map(|domain| format!("/t/{domain}")).unwrap_or_default();
        format!("{}{tenant}{path}", self.base)
    }

    /// A request that can still be added to.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.clients.len();
        let request = self.clients[turn].request(method, self.url(path));
        match &self.credential {
            Credential::None => request,
            Credential::Basic(user_name, password) => request.basic_auth(user_name, Some(password)),
            Credential::Bearer(token) => request.bearer_auth(token),
            Credential::Cookie(cookie) => request.header("cookie", cookie),
        }
    }

    /// GET, or why there was no answer.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap_or_else(|error| panic!("GET {path}: {error:?}"))
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await.unwrap_or_else(|error| panic!("DELETE {path}: {error:?}"))
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.try_json(method.clone(), path, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error:?}"))
    }

    /// Any method with a JSON body, or why there was no answer.
    pub async fn try_json(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Answer> {
        self.try_bytes(method, path, body.to_string().into_bytes()).await
    }

    /// Any method with any bytes that claim to be JSON, or why there was no answer.
    pub async fn try_bytes(&self, method: Method, path: &str, body: Vec<u8>) -> reqwest::Result<Answer> {
        Answer::of(self.request(method, path).header("content-type", "application/json").body(body)).await
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which request it answers, for messages.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// Sends a request and reads the whole answer.
    pub async fn of(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let (client, request) = request.build_split();
        let request = request?;
        let name = format!("{} {}", request.method(), request.url());
        let response = client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { request: name, status, headers, body: response.bytes().await?.to_vec() })
    }

    /// Panics, with the body, unless this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}: {}", self.request, self.status, self.text());
        self
    }

    /// Panics, with the body, unless the status is one of these.
    #[track_caller]
    pub fn expect_any(self, statuses: &[u16]) -> Self {
        assert!(statuses.contains(&self.status), "{} answered {} (expected any of {statuses:?}): {}", self.request, self.status, self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{} answered no JSON ({error}): {}", self.request, self.text()))
    }

    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    }

    /// The cookies that it sets, as a client sends them back.
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned)).collect();
        pairs.join("; ")
    }
}
