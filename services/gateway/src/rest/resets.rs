//! `/api/v1/password-resets`: the life of resets, for administrators.

use axum::extract::State;
use rekey_kernel::{Failure, Methods, ResetId, Timestamp, UserId};
use rekey_proto::{
    authentication::v1::{CancelRequest, ExtendRequest, GetRequest, ListRequest, Reset, ResetState},
    scim::v1::ResendRequest,
};
use rekey_runtime::grpc::with_caller;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Json, Params, Segments, time},
    state::Gateway,
};

/// The states by their names.
const STATES: [(ResetState, &str); 6] = [
    (ResetState::Pending, "pending"),
    (ResetState::Completed, "completed"),
    (ResetState::Cancelled, "cancelled"),
    (ResetState::Superseded, "superseded"),
    (ResetState::Expired, "expired"),
    (ResetState::Exhausted, "exhausted"),
];

/// When a reset shall expire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension {
    expires_at: Option<String>,
}

/// A state's name.
pub(crate) fn state_name(state: ResetState) -> &'static str {
    STATES.iter().find(|(it, _)| *it == state).map_or("unknown", |(_, name)| name)
}

fn state_named(name: &str) -> Result<ResetState, Failure> {
    let names = || STATES.map(|(_, name)| name).join(", ");
    let found = STATES.iter().find(|(_, it)| *it == name).map(|(state, _)| *state);
    found.ok_or_else(|| Failure::invalid("invalid_state", format!("there is no such state: use one of {}", names())))
}

fn as_json(reset: &Reset) -> Value {
    let methods: Vec<_> = Methods::from_numbers(&reset.methods).iter().map(rekey_kernel::Method::as_str).collect();
    json!({
        "id": reset.id, "userId": reset.user_id, "userName": reset.user_name, "state": state_name(reset.state()), "methods": methods,
        "reason": reset.reason, "initiator": reset.initiator, "epoch": reset.epoch, "createdAt": time(reset.created_at),
        "sentAt": time(reset.sent_at), "expiresAt": time(reset.expires_at), "completedAt": time(reset.completed_at),
        "guessesLeft": reset.guesses_left,
    })
}

/// The id in a path; what is none names no reset.
fn id_in_path(text: &str) -> Result<String, Failure> {
    text.parse::<ResetId>().map(|id| id.to_string()).map_err(|_| Failure::not_found("there is no such reset"))
}

fn filter(site: &Site, params: &Params) -> Result<ListRequest, Failure> {
    let user = params.get("userId").filter(|text| !text.is_empty()).map(str::parse::<UserId>).transpose();
    let user = user.map_err(|error| Failure::invalid("invalid_user_id", format!("`userId`: {error}")))?;
    let state = params.get("state").filter(|text| !text.is_empty()).map(state_named).transpose()?;
    Ok(ListRequest {
        tenant_id: site.tenant_id(),
        user_id: user.map(|id| id.to_string()).unwrap_or_default(),
        state: state.unwrap_or_default().into(),
        limit: params.parsed("limit")?.unwrap_or(0),
        // `next` of the answer, under its own name as well: ignored, it would give the first page over and over.
        cursor: params.get("cursor").or(params.get("next")).unwrap_or_default().to_owned(),
    })
}

pub(super) async fn list(State(gateway): State<Gateway>, site: Site, who: SignedIn, params: Params) -> Result<axum::Json<Value>, Refusal> {
    let request = with_caller(&who.caller, filter(&site, &params)?);
    let page = gateway.clients.resets().list(request).await.answer()?;
    let resets: Vec<_> = page.resets.iter().map(as_json).collect();
    Ok(axum::Json(json!({ "resets": resets, "next": (!page.next.is_empty()).then_some(page.next) })))
}

pub(super) async fn read(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<axum::Json<Value>, Refusal> {
    one(&gateway, &site, &who, id_in_path(&id)?).await
}

/// Through scim, as a trigger: it fetches the address as it stands now. The answer is the new reset.
pub(super) async fn resend(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<axum::Json<Value>, Refusal> {
    let request = with_caller(&who.caller, ResendRequest { reset_id: id_in_path(&id)? });
    let begun = gateway.clients.users().resend(request).await.answer()?;
    one(&gateway, &site, &who, begun.reset_id).await
}

pub(super) async fn cancel(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<axum::Json<Value>, Refusal> {
    let request = CancelRequest { tenant_id: site.tenant_id(), reset_id: id_in_path(&id)? };
    let reset = gateway.clients.resets().cancel(with_caller(&who.caller, request)).await.answer()?;
    Ok(axum::Json(as_json(&reset)))
}

pub(super) async fn extend(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments(id): Segments<String>,
    Json(extension): Json<Extension>,
) -> Result<axum::Json<Value>, Refusal> {
    let refuse = || Failure::invalid("invalid_time", "`expiresAt` is not an RFC 3339 time such as 2026-11-24T06:00:00Z");
    let expires_at = extension.expires_at.map(|text| Timestamp::parse_rfc3339(&text).ok_or_else(refuse)).transpose()?;
    let expires_at = expires_at.map(|at| if at.as_micros() > 0 { Ok(at.as_micros()) } else { Err(refuse()) }).transpose()?;
    let request = ExtendRequest { tenant_id: site.tenant_id(), reset_id: id_in_path(&id)?, expires_at: expires_at.unwrap_or(0) };
    let reset = gateway.clients.resets().extend(with_caller(&who.caller, request)).await.answer()?;
    Ok(axum::Json(as_json(&reset)))
}

async fn one(gateway: &Gateway, site: &Site, who: &SignedIn, reset_id: String) -> Result<axum::Json<Value>, Refusal> {
    let request = with_caller(&who.caller, GetRequest { tenant_id: site.tenant_id(), reset_id });
    let reset = gateway.clients.resets().get(request).await.answer()?;
    Ok(axum::Json(as_json(&reset)))
}
