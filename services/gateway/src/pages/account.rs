//! `/myaccount`, `/forgot` and the front door.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_kernel::Timestamp;
use rekey_proto::scim::v1::{GetRequest, View};
use rekey_runtime::grpc::with_caller;

use super::{
    frame::Frame,
    page, redirect,
    users::{Person, shown_time},
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    scim,
    state::Gateway,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    person: Option<Person>,
    name: String,
    session_until: Option<String>,
    scopes: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage {
    frame: Frame,
}

pub(super) async fn home(site: Site) -> Response {
    redirect(site.path("/myaccount"))
}

pub(super) async fn show(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame) -> Result<Response, Refusal> {
    let view = View { base: scim::base(&gateway, &site), ..View::default() };
    let request = with_caller(&who.caller, GetRequest { view: Some(view), id: String::new(), me: true });
    // The page is there as well while the profiles are not.
    let person = gateway.clients.users().get(request).await.answer().ok().and_then(|found| Person::read(&found.json));
    let scopes = who.caller.scopes.iter().map(rekey_kernel::Scope::as_str).collect();
    let session_until = who.expires_at.map(Timestamp::as_micros).and_then(shown_time);
    page(StatusCode::OK, &AccountPage { frame, person, name: who.caller.name, session_until, scopes })
}

pub(super) async fn forgot(frame: Frame) -> Result<Response, Refusal> {
    page(StatusCode::OK, &ForgotPage { frame })
}
