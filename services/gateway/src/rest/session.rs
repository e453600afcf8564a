//! `GET /api/v1/session` and `POST /api/v1/logout`.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use rekey_kernel::{Scope, Timestamp};
use rekey_proto::authentication::v1::LogoutRequest;
use serde_json::{Value, json};

use crate::{
    clients::Answer,
    cookies,
    edge::{SignedIn, Site},
    errors::Refusal,
    state::Gateway,
};

pub(super) async fn read(site: Site, who: SignedIn) -> Json<Value> {
    let scopes: Vec<_> = who.caller.scopes.iter().map(Scope::as_str).collect();
    Json(json!({
        "userId": who.caller.user.map(|id| id.to_string()),
        "userName": who.caller.name,
        "tenant": site.domain,
        "scopes": scopes,
        "expiresAt": who.expires_at.map(Timestamp::to_rfc3339),
    }))
}

pub(super) async fn logout(State(gateway): State<Gateway>, site: Site, who: SignedIn) -> Result<Response, Refusal> {
    if let Some(session) = &who.session {
        let request = LogoutRequest { tenant_id: site.tenant_id(), token: session.expose().to_owned() };
        gateway.clients.authentication().logout(request).await.answer()?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookies::close_session())]).into_response())
}
