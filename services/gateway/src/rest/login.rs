//! `POST /api/v1/login`. Whatever fails, fails alike: the same status, the same bytes.

use axum::{
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use rekey_kernel::{Failure, Kind, Secret};
use rekey_proto::authentication::v1::{LoginRequest, OpenedSession, login_response::Result as Answered};
use serde::Deserialize;
use serde_json::json;

use crate::{
    clients::Answer,
    cookies,
    edge::{self, Site},
    errors::Refusal,
    extract::{Json, Source},
    state::Gateway,
};

/// The answer to everything that is not right.
const FAILED: &str = r#"{"code":"login_failed","message":"Login failed! Please recheck the username and password and try again"}"#;

/// How an attempt to log in ended.
pub(crate) enum Outcome {
    /// A session.
    Authenticated(OpenedSession),
    /// A right one-time code: a session that is good for a new password alone.
    ResetRequired(Secret),
    /// Not at all.
    Failed,
}

/// A name and a password, or a one-time code in its place.
#[derive(Deserialize)]
pub(super) struct Credentials {
    username: String,
    password: String,
}

/// Logs in, for the interface and for the page.
///
/// # Errors
/// `Unavailable`, alike for every name, and defects.
pub(crate) async fn log_in(gateway: &Gateway, site: &Site, source: String, name: String, password: String) -> Result<Outcome, Failure> {
    if !edge::fits(&name, &password) {
        return Ok(Outcome::Failed);
    }
    let request = LoginRequest { tenant_id: site.tenant_id(), user_name: name, password, source_address: source };
    let answer = gateway.clients.authentication().login(request).await.answer();
    match answer.map(|answer| answer.result) {
        Ok(Some(Answered::Authenticated(session))) if site.is_known() => Ok(Outcome::Authenticated(session)),
        Ok(Some(Answered::PasswordResetRequired(session))) if site.is_known() => Ok(Outcome::ResetRequired(Secret::new(session.token))),
        Err(failure) if matches!(failure.kind, Kind::Unavailable | Kind::Internal) => Err(failure),
        _ => Ok(Outcome::Failed),
    }
}

pub(super) async fn login(
    State(gateway): State<Gateway>,
    site: Site,
    Source(source): Source,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Refusal> {
    Ok(match log_in(&gateway, &site, source, credentials.username, credentials.password).await? {
        Outcome::Authenticated(session) => {
            let cookie = [(SET_COOKIE, cookies::open_session(&session.token)?)];
            (cookie, axum::Json(json!({ "status": "authenticated" }))).into_response()
        }
        Outcome::ResetRequired(session) => axum::Json(json!({ "status": "password_reset_required", "resetSession": session.expose() })).into_response(),
        Outcome::Failed => (StatusCode::UNAUTHORIZED, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], FAILED).into_response(),
    })
}
