//! `/console`: its front page and the pages that only lead on.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_kernel::{Failure, Scope};
use rekey_proto::authentication::v1::{ListRequest, Reset, ResetState};
use rekey_runtime::grpc::with_caller;

use super::{
    frame::{Frame, has_console},
    page,
    users::shown_time,
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    rest::state_name,
    state::Gateway,
};

/// Alerts of one kind on the front page.
const ALERTS: u32 = 20;

/// A link of a page that leads on.
pub(super) struct Link {
    /// Where, without the tenant.
    pub(super) path: String,
    /// Its name.
    pub(super) name: String,
    /// What is there, in a few words.
    pub(super) about: String,
}

impl Link {
    /// A link.
    pub(super) fn new(path: impl Into<String>, name: impl Into<String>, about: impl Into<String>) -> Self {
        Self { path: path.into(), name: name.into(), about: about.into() }
    }
}

/// A page of links.
#[derive(Template)]
#[template(path = "links.html")]
pub(super) struct LinksPage {
    pub(super) frame: Frame,
    pub(super) title: String,
    /// The pages above, outermost first.
    pub(super) above: Vec<Link>,
    pub(super) links: Vec<Link>,
}

/// A reset that ended without a new password: the account is locked until somebody acts.
struct Alert {
    user_id: String,
    user_name: String,
    state: &'static str,
    since: String,
}

impl From<Reset> for Alert {
    fn from(reset: Reset) -> Self {
        let state = state_name(reset.state());
        Self { state, since: shown_time(reset.created_at).unwrap_or_default(), user_id: reset.user_id, user_name: reset.user_name }
    }
}

#[derive(Template)]
#[template(path = "console.html")]
struct ConsolePage {
    frame: Frame,
    links: Vec<Link>,
    alerts: Vec<Alert>,
}

/// The console's own place, for the way back.
pub(super) fn here() -> Link {
    Link::new("/console", "Console", "")
}

pub(super) async fn home(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame) -> Result<Response, Refusal> {
    if !has_console(&who) {
        return Err(Failure::forbidden("the console is for administrators and the help desk").into());
    }
    let may = |scope| who.caller.scopes.contains(scope);
    let links = [
        (Scope::IdpView, Link::new("/console/identity-providers", "Identity Providers", "How passwords are reset, and which are good enough")),
        (Scope::ClaimView, Link::new("/console/claims", "Claims", "What is known of users, and what their profiles show")),
        (Scope::UserView, Link::new("/console/users-and-roles", "Users and Roles", "Find a user, force a password reset")),
    ];
    let links = links.into_iter().filter(|(scope, _)| may(*scope)).map(|(_, link)| link).collect();
    let alerts = if may(Scope::ResetView) { alerts(&gateway, &site, &who).await } else { Vec::new() };
    page(StatusCode::OK, &ConsolePage { frame, links, alerts })
}

/// The front page is there as well while the resets are not.
async fn alerts(gateway: &Gateway, site: &Site, who: &SignedIn) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for state in [ResetState::Exhausted, ResetState::Expired] {
        let query = ListRequest { tenant_id: site.tenant_id(), state: state.into(), limit: ALERTS, ..ListRequest::default() };
        let found = gateway.clients.resets().list(with_caller(&who.caller, query)).await.answer();
        alerts.extend(found.map(|found| found.resets).unwrap_or_default().into_iter().map(Alert::from));
    }
    alerts
}

pub(super) async fn identity_providers(frame: Frame) -> Result<Response, Refusal> {
    let links = vec![Link::new("/console/identity-providers/resident", "Resident", "This server itself")];
    page(StatusCode::OK, &LinksPage { frame, title: "Identity Providers".into(), above: vec![here()], links })
}

pub(super) async fn claims(frame: Frame) -> Result<Response, Refusal> {
    let links = vec![Link::new("/console/claims/list", "List", "The claim dialects")];
    page(StatusCode::OK, &LinksPage { frame, title: "Claims".into(), above: vec![here()], links })
}

pub(super) async fn users_and_roles(frame: Frame) -> Result<Response, Refusal> {
    let links = vec![Link::new("/console/users-and-roles/list", "List", "What there is")];
    page(StatusCode::OK, &LinksPage { frame, title: "Users and Roles".into(), above: vec![here()], links })
}

pub(super) async fn users_and_roles_list(frame: Frame) -> Result<Response, Refusal> {
    let above = vec![here(), Link::new("/console/users-and-roles", "Users and Roles", "")];
    let links = vec![Link::new("/console/users", "Users", "Everybody who can sign in")];
    page(StatusCode::OK, &LinksPage { frame, title: "List".into(), above, links })
}
