//! Who may call which method: default deny.

use axum::{extract::Request, middleware, response::Response};
use std::convert::Infallible;
use tonic::{Status, body::Body, service::Routes};

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
    let guarded = routes.into_axum_router().layer(middleware::from_fn(move |request: Request, next: middleware::Next| async move {
        let rule = rules.iter().find(|rule| rule.method == request.uri().path());
        let peer = request.extensions().get::<Peer>().map(|Peer(service)| *service);
        let answering = Answering::begin(peer, rule.map_or(UNKNOWN, |rule| rule.method), request.headers());
        let allowed = rule.zip(peer).is_some_and(|(rule, peer)| rule.callers.contains(&peer));
        Ok::<_, Infallible>(answering.run(async move { if allowed { next.run(request).await } else { refuse(&request) } }).await)
    }));
    Routes::from(guarded).prepare()
}

fn refuse(request: &Request) -> Response {
    tracing::warn!(method = request.uri().path(), "a peer called a method that it may not call");
    Status::permission_denied("this service may not call this method").into_http::<Body>().map(axum::body::Body::new)
}
