//! What every request passes before it is routed: the tenant is taken from the path, the credential is checked, failures are
//! written in the format of the surface, and every answer gets its headers.

mod credential;
mod csrf;
mod headers;
mod leftover;
mod observe;
mod site;
mod surface;
mod tenants;
mod together;

pub(crate) use credential::{SignedIn, fits, source};
pub(crate) use csrf::Csrf;
pub(crate) use observe::Noted;
pub(crate) use site::Site;
pub(crate) use surface::{Access, Surface};
pub(crate) use tenants::Directory;
pub(crate) use together::Together;

use leftover::Leftover;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::{
        StatusCode, Uri,
        header::{CONTENT_LENGTH, LOCATION},
        request::Parts,
        uri::PathAndQuery,
    },
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use rekey_kernel::{Failure, Kind};
use rekey_runtime::grpc::LONGEST;
use rekey_scim_protocol::bulk::MAX_PAYLOAD_SIZE;
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tower::Service as _;

use crate::{
    errors::{self, Refusal},
    pages,
    state::Gateway,
};

/// How long a request may take, a slow body included.
const DEADLINE: Duration = Duration::from_mins(1);
/// Many operations in one request take as long as any call between services may; before it the body has its minute.
const BULK_DEADLINE: Duration = DEADLINE.saturating_add(LONGEST);

/// What stands around the whole router: it rewrites the path (`/t/{tenant}`) and turns strangers away from paths that exist and from
/// those that do not. Written out, because a middleware made from a function costs boxes and copies for each request.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) gateway: Gateway,
    pub(crate) inner: Router,
}

impl tower::Service<Request> for Edge {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { gateway, inner } = self.clone();
        Box::pin(async move { Ok(observe::observe(request, |request| admit(gateway, request, inner)).await) })
    }
}

async fn admit(gateway: Gateway, request: Request, inner: Router) -> Response {
    let (mut parts, body) = request.into_parts();
    let (body, leftover) = Leftover::of(&parts, body);
    let mut visit = Visit::of(&mut parts);
    let response = match visit.enter(&gateway, &mut parts).await {
        Ok(None) => handle(Request::from_parts(parts, body), inner).await,
        Ok(Some(redirect)) => redirect,
        Err(refusal) => refusal.into_response(),
    };
    if let Some(leftover) = leftover {
        leftover.read().await;
    }
    visit.finish(&gateway, response)
}

/// Routes what was admitted, and answers for a handler that takes too long.
async fn handle(mut request: Request, mut inner: Router) -> Response {
    // What discovery says of /Bulk holds for every body.
    DefaultBodyLimit::max(MAX_PAYLOAD_SIZE).apply(&mut request);
    let late = |_elapsed| Refusal::from(Failure::unavailable("the request took too long; ask again")).into_response();
    let time = deadline(request.uri().path());
    let routed = async move {
        let Ok(response) = inner.call(request).await;
        response
    };
    timeout(time, outlive(routed)).await.unwrap_or_else(late)
}

/// Answers for a handler that dies. The panic's text may quote what was being worked on: it is not repeated.
fn outlive(handler: impl Future<Output = Response>) -> impl Future<Output = Response> {
    let mut handler = Box::pin(handler);
    let died = || Refusal::from(Failure::internal("a handler died")).into_response();
    poll_fn(move |context| panic::catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))).unwrap_or_else(|_panic| Poll::Ready(died())))
}

fn deadline(path: &str) -> Duration {
    if path == "/scim2/Bulk" { BULK_DEADLINE } else { DEADLINE }
}

/// A request on its way in and its answer on its way out.
struct Visit {
    surface: Surface,
    access: Access,
    domain: Option<String>,
    /// In front of every link, once the tenant is known.
    prefix: String,
    csrf: Option<Csrf>,
}

impl Visit {
    /// Takes the tenant and a slash at the end off the path.
    fn of(parts: &mut Parts) -> Self {
        let whole = parts.uri.path();
        let (domain, path) = site::split(whole);
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let surface = Surface::of(path);
        let visit = Self { surface, access: Access::to(path, surface), domain: domain.map(str::to_owned), prefix: String::new(), csrf: None };
        if path != whole || !path.starts_with('/') {
            let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            // What is no path any more leads nowhere: `*` stands for nothing of ours.
            let target = PathAndQuery::try_from(format!("{path}{query}")).unwrap_or_else(|_| PathAndQuery::from_static("/nothing"));
            parts.uri = Uri::from(target);
        }
        visit
    }

    /// Finds the tenant and whoever must be known. Gives a redirection to the login page where that is the answer.
    async fn enter(&mut self, gateway: &Gateway, parts: &mut Parts) -> Result<Option<Response>, Refusal> {
        let site = gateway.tenants.site(self.domain.as_deref()).await?;
        if !site.is_known() && self.needs_tenant() {
            return Err(Failure::not_found("there is nothing at this path").into());
        }
        if self.surface == Surface::Page {
            self.prefix.clone_from(&site.prefix);
            let csrf = Csrf::of(&parts.headers, &*gateway.random);
            parts.extensions.insert(csrf.clone());
            self.csrf = Some(csrf);
        }
        let signed_in = match self.access {
            Access::Public => None,
            Access::Basic => Some(credential::basic(gateway, &site, parts).await?),
            Access::BasicOrSession => Some(credential::basic_or_session(gateway, &site, parts).await?),
            Access::Session => match credential::session(gateway, &site, parts).await? {
                Some(signed_in) => Some(signed_in),
                None => return Ok(Some(to_login(&site, parts.uri.path()))),
            },
        };
        observe::tell(site.tenant, signed_in.as_ref().and_then(|who| who.caller.user));
        parts.extensions.insert(site);
        if self.surface != Surface::Page && signed_in.is_some() && csrf::is_foreign(&parts.method, &parts.headers) {
            return Err(Failure::new(Kind::Forbidden, "csrf", "pages of other sites may not send this").into());
        }
        if let Some(signed_in) = signed_in {
            parts.extensions.insert(signed_in);
        }
        Ok(None)
    }

    /// Is there something for anybody to see here, wherever there is a tenant? Elsewhere one that there is not looks like a wrong credential.
    fn needs_tenant(&self) -> bool {
        self.surface == Surface::Page || (self.surface == Surface::Scim && self.access == Access::Public)
    }

    /// Writes the body of a refusal and the headers of every answer.
    fn finish(self, gateway: &Gateway, mut response: Response) -> Response {
        if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
            self.write(gateway, &refusal, &mut response);
        }
        if response.status() == StatusCode::UNAUTHORIZED && matches!(self.access, Access::Basic | Access::BasicOrSession) {
            errors::challenge(response.headers_mut());
        }
        if let Some(csrf) = self.csrf {
            csrf.keep(response.headers_mut());
        }
        if matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            // The router says 0, which HTTP/1.1 leaves out and HTTP/2 does not: it has no place in the one, and is not true of the other
            // (RFC 9110 §8.6).
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        headers::add(self.surface, response.headers_mut());
        response
    }

    fn write(&self, gateway: &Gateway, refusal: &Refusal, response: &mut Response) {
        let trace = trace_id(gateway);
        errors::log(refusal, &trace);
        let (headers, body) = match self.surface {
            Surface::Scim => errors::scim(refusal),
            Surface::Api => errors::problem(refusal, &trace),
            Surface::Server => errors::server(refusal, &trace),
            Surface::Page => pages::error_page(refusal, &self.prefix, &trace),
        };
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().extend(headers);
        *response.body_mut() = Body::from(body);
    }
}

fn to_login(site: &Site, path: &str) -> Response {
    let location = site.path(&format!("/login?next={path}"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The id of the request's trace; one of its own where there are no traces.
fn trace_id(gateway: &Gateway) -> String {
    if let Some(span) = rekey_kernel::trace::current() {
        return span.trace_id();
    }
    let mut bytes = [0; 16];
    gateway.random.fill(&mut bytes);
    HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_dies_is_a_defect() {
        let answer = outlive(async { panic!("hunter2") }).await;
        assert_eq!(answer.extensions().get::<Refusal>().map(Refusal::status), Some(StatusCode::INTERNAL_SERVER_ERROR));
    }

    #[test]
    fn only_many_operations_in_one_get_more_than_a_minute() {
        assert_eq!((deadline("/scim2/Users"), deadline("/scim2/Bulk/x")), (DEADLINE, DEADLINE));
        // The call behind it ends first, and is answered as what it is.
        assert!(deadline("/scim2/Bulk") > LONGEST);
    }
}
