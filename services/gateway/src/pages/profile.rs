//! `/console/users/{id}`: a user's profile, and the reset that is in the way.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::{Caller, Failure, Kind, Method, Methods, Scope};
use rekey_proto::{
    authentication::v1::{ListRequest, Reset, ResetState},
    notification::v1::{Delivery, ListDeliveriesRequest},
    scim::v1::{GetRequest, View},
    tenantconfig::v1::GetClaimRequest,
};
use rekey_runtime::grpc::with_caller;
use serde_json::Value;

use super::{
    frame::Frame,
    page,
    users::{Person, shown_time},
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::Segments,
    rest::state_name,
    scim,
    state::Gateway,
};

/// Resets shown of a user's past.
const HISTORY: u32 = 10;
const CODE: &str = "urn:scim:wso2:schema:oneTimePassword";
const CODE_CLAIM: &str = "http://wso2.org/claims/oneTimePassword";

/// A reset as the page shows it.
struct ResetLine {
    id: String,
    state: &'static str,
    methods: String,
    reason: String,
    initiator: String,
    created_at: String,
    sent_at: Option<String>,
    expires_at: Option<String>,
    guesses_left: u32,
    has_code: bool,
}

impl From<&Reset> for ResetLine {
    fn from(reset: &Reset) -> Self {
        let methods = Methods::from_numbers(&reset.methods);
        Self {
            id: reset.id.clone(),
            state: state_name(reset.state()),
            methods: methods.to_string(),
            reason: reset.reason.clone(),
            initiator: reset.initiator.clone(),
            created_at: shown_time(reset.created_at).unwrap_or_default(),
            sent_at: shown_time(reset.sent_at),
            expires_at: shown_time(reset.expires_at),
            guesses_left: reset.guesses_left,
            has_code: methods.any_code(),
        }
    }
}

#[derive(Template)]
#[template(path = "profile.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a button that is there or not")]
struct ProfilePage {
    frame: Frame,
    person: Person,
    /// The reset in the way: pending, expired or exhausted.
    live: Option<ResetLine>,
    history: Vec<ResetLine>,
    deliveries: Vec<Delivery>,
    /// The field's value; absent when the claim is not supported by default.
    code: Option<String>,
    may_force: bool,
    may_resend: bool,
    may_extend: bool,
    may_cancel: bool,
}

pub(super) async fn show(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame, Segments(id): Segments<String>) -> Result<Response, Refusal> {
    profile(&gateway, &site, &who, frame, &id, StatusCode::OK).await
}

/// The profile, with a status: that of what has just failed, or 200.
///
/// # Errors
/// As reading the user.
pub(super) async fn profile(gateway: &Gateway, site: &Site, who: &SignedIn, frame: Frame, id: &str, status: StatusCode) -> Result<Response, Refusal> {
    let person = person(gateway, site, who, id).await?;
    let resets = resets(gateway, site, who, &person.id).await?;
    let live = resets.first().filter(|reset| matches!(reset.state(), ResetState::Pending | ResetState::Expired | ResetState::Exhausted));
    let may = |scope| who.caller.scopes.contains(scope);
    let template = ProfilePage {
        deliveries: match live {
            Some(reset) => deliveries(gateway, site, who, &reset.id).await,
            None => Vec::new(),
        },
        code: code_field(gateway, site, who, live, &person.id).await,
        live: live.map(Into::into),
        history: resets.iter().map(Into::into).collect(),
        may_force: may(Scope::ResetForce),
        may_resend: may(Scope::ResetResend),
        may_extend: may(Scope::ResetExtend),
        may_cancel: may(Scope::ResetCancel),
        frame,
        person,
    };
    page(status, &template)
}

async fn person(gateway: &Gateway, site: &Site, who: &SignedIn, id: &str) -> Result<Person, Failure> {
    let json = read(gateway, site, who, id, Vec::new()).await?;
    Ok(Person::from(&json))
}

async fn read(gateway: &Gateway, site: &Site, who: &SignedIn, id: &str, attributes: Vec<String>) -> Result<Value, Failure> {
    let view = View { base: scim::base(gateway, site), attributes, ..View::default() };
    let request = GetRequest { view: Some(view), id: id.to_owned(), me: false };
    let found = gateway.clients.users().get(with_caller(&who.caller, request)).await.answer()?;
    serde_json::from_slice(&found.json).map_err(|error| Failure::internal("scim answered with no JSON").because(error))
}

/// Newest first; none for those who may not see them.
async fn resets(gateway: &Gateway, site: &Site, who: &SignedIn, user_id: &str) -> Result<Vec<Reset>, Failure> {
    let query = ListRequest { tenant_id: site.tenant_id(), user_id: user_id.to_owned(), limit: HISTORY, ..ListRequest::default() };
    match gateway.clients.resets().list(with_caller(&who.caller, query)).await.answer() {
        Ok(found) => Ok(found.resets),
        Err(failure) if failure.is(Kind::Forbidden) => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

/// The profile is there as well while notification is not.
async fn deliveries(gateway: &Gateway, site: &Site, who: &SignedIn, reset_id: &str) -> Vec<Delivery> {
    let request = ListDeliveriesRequest { tenant_id: site.tenant_id(), reset_id: reset_id.to_owned() };
    gateway.clients.deliveries().list(with_caller(&who.caller, request)).await.answer().map(|found| found.deliveries).unwrap_or_default()
}

/// Each reading of a code is audited: it is read only where the field is shown, there is one, and the reader may.
async fn code_field(gateway: &Gateway, site: &Site, who: &SignedIn, live: Option<&Reset>, user_id: &str) -> Option<String> {
    if !who.caller.scopes.contains(Scope::OfflineCodeView) || !is_shown(gateway, site).await {
        return None;
    }
    let is_there = live.is_some_and(|reset| reset.state() == ResetState::Pending && reset.methods.contains(&Method::Offline.number()));
    if !is_there {
        return Some(String::new());
    }
    let found = read(gateway, site, who, user_id, vec![CODE.to_owned()]).await.ok();
    found.map(|user| user["urn:scim:wso2:schema"]["oneTimePassword"].as_str().unwrap_or_default().to_owned())
}

/// Is the claim supported by default? The page itself asks: a help desk may read codes without reading the configuration.
async fn is_shown(gateway: &Gateway, site: &Site) -> bool {
    let claim_id = BASE64URL_NOPAD.encode(CODE_CLAIM.as_bytes());
    let request = GetClaimRequest { tenant_id: site.tenant_id(), dialect_id: "local".to_owned(), claim_id };
    let page = Caller::system(site.tenant_or_nobody(), "gateway");
    gateway.clients.claims().get_claim(with_caller(&page, request)).await.answer().is_ok_and(|claim| claim.supported_by_default)
}
