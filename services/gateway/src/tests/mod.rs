//! The gateway in front of small servers that remember what they were asked.

mod edge;
mod house;
mod interfaces;
mod pages;
mod scim;
mod serving;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rekey_kernel::{ManualClock, Timestamp};
use rekey_runtime::{
    grpc::{InProcess, Service},
    system::SystemRandom,
};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};
use tower::ServiceExt;

use crate::{Config, Deps, build};
use house::House;

const CSRF: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const ALICE: &str = "01900000-0000-7000-8000-00000000000a";
const RESET: &str = "01900000-0000-7000-8000-00000000000b";

/// A gateway under test.
struct Edge {
    router: Router,
    house: House,
    clock: Arc<ManualClock>,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn edge() -> Edge {
    edge_with(None)
}

fn edge_with(mailbox: Option<PathBuf>) -> Edge {
    let (hub, house) = (InProcess::new(), House::default());
    house.serve(&hub);
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_795_000_000_000_000)));
    let to = |service| hub.client(Service::Gateway, service);
    let router = build(Deps {
        authentication: to(Service::Authentication),
        scim: to(Service::Scim),
        tenant_config: to(Service::TenantConfig),
        notification: to(Service::Notification),
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
        config: Config { base_path: "https://id.example.com:9443/".into(), mailbox },
    });
    Edge { router, house, clock }
}

impl Edge {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// As admin, by HTTP Basic.
    async fn api(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(with_basic(request(method, path), "admin", "admin").header(header::CONTENT_TYPE, "application/json").body(text(body)).unwrap()).await
    }

    /// Without any credential.
    async fn stranger(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(request(method, path).header(header::CONTENT_TYPE, "application/json").body(text(body)).unwrap()).await
    }

    /// As a browser that is signed in.
    async fn page(&self, path: &str) -> Answer {
        self.send(request("GET", path).header(header::COOKIE, cookies("good")).body(Body::empty()).unwrap()).await
    }

    /// A form from such a browser, with its token.
    async fn form(&self, path: &str, fields: &str) -> Answer {
        self.raw_form(path, &format!("csrf={CSRF}&{fields}")).await
    }

    async fn raw_form(&self, path: &str, fields: &str) -> Answer {
        let form = request("POST", path).header(header::COOKIE, cookies("good")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(form.body(text(fields)).unwrap()).await
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path)
}

fn with_basic(request: axum::http::request::Builder, name: &str, password: &str) -> axum::http::request::Builder {
    request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
}

fn cookies(session: &str) -> String {
    format!("__Host-rekey_session={session}; __Host-rekey_csrf={CSRF}")
}

fn text(body: &str) -> Body {
    Body::from(body.to_owned())
}
