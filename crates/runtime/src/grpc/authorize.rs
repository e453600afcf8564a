//! Who may call which method: default deny.

use axum::{extract::Request, middleware, response::Response};
use std::convert::Infallible;
use tonic::{Status, body::Body, service::Routes};

use super::{Peer, Service};

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
        if allows(rules, &request) {
            return Ok::<Response, Infallible>(next.run(request).await);
        }
        tracing::warn!(method = request.uri().path(), "a peer called a method that it may not call");
        Ok(Status::permission_denied("this service may not call this method").into_http::<Body>().map(axum::body::Body::new))
    }));
    Routes::from(guarded).prepare()
}

fn allows(rules: &[Rule], request: &Request) -> bool {
    let Some(Peer(peer)) = request.extensions().get::<Peer>() else { return false };
    rules.iter().any(|rule| rule.method == request.uri().path() && rule.callers.contains(peer))
}
