//! Who may call which method: default deny.

use axum::{extract::Request, response::Response, routing::Route};
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tonic::{Status, body::Body, service::Routes};
use tower::layer::layer_fn;

use super::{Peer, Service, observe::Answering};

/// Stands for every method that no rule names.
const UNKNOWN: &str = "unknown";

/// A method, as in `/rekey.scim.v1.Users/Get`, and the services that may call it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The full path of the method.
    pub method: &'static str,
    /// Who may call it.
    pub callers: &'static [Service],
}

/// The same routes behind an allow list: a method that no rule names, or a peer that its rule does not name, is
/// `PERMISSION_DENIED`.
pub fn guard(routes: Routes, rules: &'static [Rule]) -> Routes {
    let guarded = routes.into_axum_router().layer(layer_fn(move |inner| Guarded { inner, rules }));
    Routes::from(guarded).prepare()
}

/// The routes of one interface. Written out, because a middleware made from a function puts each request into four boxes more.
#[derive(Clone)]
struct Guarded {
    inner: Route,
    rules: &'static [Rule],
}

impl tower::Service<Request> for Guarded {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let rule = self.rules.iter().find(|rule| rule.method == request.uri().path());
        let peer = request.extensions().get::<Peer>().map(|Peer(service)| *service);
        let answering = Answering::begin(peer, rule.map_or(UNKNOWN, |rule| rule.method), request.headers());
        let allowed = rule.zip(peer).is_some_and(|(rule, peer)| rule.callers.contains(&peer));
        if !allowed {
            let method = request.uri().path().to_owned();
            return Box::pin(answering.run(async move { Ok(refuse(&method)) }));
        }
        Box::pin(answering.run(self.inner.call(request)))
    }
}

fn refuse(method: &str) -> Response {
    tracing::warn!(method, "a peer called a method that it may not call");
    Status::permission_denied("this service may not call this method").into_http::<Body>().map(axum::body::Body::new)
}
