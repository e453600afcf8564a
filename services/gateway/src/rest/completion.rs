//! `POST /api/v1/password-resets/validate` and `…/complete`: for whoever holds a link or a reset session.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rekey_kernel::{Failure, Kind};
use rekey_proto::authentication::v1::{CompleteRequest, ValidateRequest, complete_request, validate_request};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clients::Answer,
    edge::Site,
    errors::Refusal,
    extract::{Json, Source, time},
    state::Gateway,
};

/// The longest token, reset session or password that is looked at.
const LONGEST: usize = 2048;

/// What shows that one may set the password: one of the two.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof {
    token: Option<String>,
    reset_session: Option<String>,
}

/// The proof and the new password.
#[derive(Deserialize)]
pub(super) struct Completion {
    #[serde(flatten)]
    proof: Proof,
    password: String,
}

enum Shown {
    Token(String),
    Session(String),
}

impl TryFrom<Proof> for Shown {
    type Error = Failure;

    fn try_from(proof: Proof) -> Result<Self, Failure> {
        match (proof.token, proof.reset_session) {
            (Some(token), None) if token.len() <= LONGEST => Ok(Self::Token(token)),
            (None, Some(session)) if session.len() <= LONGEST => Ok(Self::Session(session)),
            (Some(_), None) => Err(Failure::new(Kind::NotFound, "invalid_token", "the link is not valid")),
            (None, Some(_)) => Err(Failure::unauthenticated("login_failed", "the reset session has ended")),
            _ => Err(Failure::invalid("invalid_json", "either `token` or `resetSession` is expected")),
        }
    }
}

pub(super) async fn validate(State(gateway): State<Gateway>, site: Site, Json(proof): Json<Proof>) -> Result<axum::Json<Value>, Refusal> {
    let proof = match proof.try_into()? {
        Shown::Token(token) => validate_request::Proof::Token(token),
        Shown::Session(session) => validate_request::Proof::ResetSession(session),
    };
    let request = ValidateRequest { tenant_id: site.tenant_id(), proof: Some(proof) };
    let found = gateway.clients.resets().validate(request).await.answer()?;
    let policy = found.policy.unwrap_or_default();
    let policy = json!({ "minLength": policy.min_length, "maxLength": policy.max_length, "history": policy.history });
    Ok(axum::Json(json!({ "userName": found.user_name, "expiresAt": time(found.expires_at), "policy": policy })))
}

pub(super) async fn complete(
    State(gateway): State<Gateway>,
    site: Site,
    Source(source_address): Source,
    Json(Completion { proof, password }): Json<Completion>,
) -> Result<Response, Refusal> {
    let proof = match proof.try_into()? {
        Shown::Token(token) => complete_request::Proof::Token(token),
        Shown::Session(session) => complete_request::Proof::ResetSession(session),
    };
    // An over-long password is refused by the policy, after the proof: only what could not be one is cut off there.
    let password = if password.len() > LONGEST { "x".repeat(LONGEST) } else { password };
    let request = CompleteRequest { tenant_id: site.tenant_id(), proof: Some(proof), password, source_address };
    gateway.clients.resets().complete(request).await.answer()?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
