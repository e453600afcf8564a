//! The buttons of a profile: forcing a reset, and what can be done with one.

use axum::{extract::State, response::Response};
use rekey_kernel::Failure;
use rekey_proto::{
    authentication::v1::{CancelRequest, ExtendRequest},
    scim::v1::{PatchRequest, ResendRequest, View},
};
use rekey_runtime::grpc::with_caller;
use serde_json::{Value, json};

use super::{
    forms::{Button, Force, Posted},
    frame::Frame,
    profile::profile,
    redirect,
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::Segments,
    scim,
    state::Gateway,
};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const RESET: &str = "urn:rekey:params:scim:schemas:extension:reset:1.0:User";

/// The same request as any other client's trigger.
fn trigger(reason: &str) -> Value {
    let mut value = json!({ ENTERPRISE: { "forcePasswordReset": true } });
    if !reason.is_empty() {
        value[RESET] = json!({ "reason": reason });
    }
    json!({ "schemas": [PATCH], "Operations": [{ "op": "add", "value": value }] })
}

pub(super) async fn force(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments(id): Segments<String>,
    Posted(form): Posted<Force>,
) -> Result<Response, Refusal> {
    let view = View { base: scim::base(&gateway, &site), ..View::default() };
    let json = trigger(&form.reason).to_string().into();
    let request = PatchRequest { view: Some(view), id: id.clone(), json, ..PatchRequest::default() };
    let outcome = gateway.clients.users().patch(with_caller(&who.caller, request)).await.answer();
    back(&gateway, &site, &who, frame, &id, outcome.map(|_| "forced")).await
}

pub(super) async fn resend(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments((id, reset_id)): Segments<(String, String)>,
    Posted(Button): Posted<Button>,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, ResendRequest { reset_id });
    let outcome = gateway.clients.users().resend(request).await.answer();
    back(&gateway, &site, &who, frame, &id, outcome.map(|_| "resent")).await
}

pub(super) async fn extend(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments((id, reset_id)): Segments<(String, String)>,
    Posted(Button): Posted<Button>,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, ExtendRequest { tenant_id: site.tenant_id(), reset_id, expires_at: 0 });
    let outcome = gateway.clients.resets().extend(request).await.answer();
    back(&gateway, &site, &who, frame, &id, outcome.map(|_| "extended")).await
}

pub(super) async fn cancel(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments((id, reset_id)): Segments<(String, String)>,
    Posted(Button): Posted<Button>,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, CancelRequest { tenant_id: site.tenant_id(), reset_id });
    let outcome = gateway.clients.resets().cancel(request).await.answer();
    back(&gateway, &site, &who, frame, &id, outcome.map(|_| "cancelled")).await
}

/// To the profile: with what was done, or with what went wrong.
async fn back(gateway: &Gateway, site: &Site, who: &SignedIn, frame: Frame, id: &str, outcome: Result<&'static str, Failure>) -> Result<Response, Refusal> {
    let failure = match outcome {
        Ok(done) => return Ok(redirect(site.path(&format!("/console/users/{id}?done={done}")))),
        Err(failure) => Refusal::from(failure),
    };
    if failure.status().is_server_error() {
        return Err(failure);
    }
    let status = failure.status();
    profile(gateway, site, who, frame.with_problem(failure.detail()), id, status).await
}
