//! `/api/v1/tenants`.

use axum::{
    extract::State,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use rekey_proto::tenantconfig::v1::{
    Administrator, CreateTenantRequest, DeleteTenantRequest, GetTenantRequest, ListTenantsRequest, Tenant, UpdateTenantRequest,
};
use rekey_runtime::grpc::with_caller;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Json, Segments, time},
    state::Gateway,
};

/// A tenant that is to be.
#[derive(Deserialize)]
pub(super) struct Draft {
    name: String,
    domain: String,
    admin: FirstAdministrator,
}

/// Its first administrator.
#[derive(Deserialize)]
pub(super) struct FirstAdministrator {
    username: String,
    password: String,
    #[serde(default)]
    email: Option<String>,
}

/// What of a tenant may change.
#[derive(Deserialize)]
pub(super) struct Change {
    name: String,
}

fn as_json(tenant: &Tenant) -> Value {
    json!({ "id": tenant.id, "domain": tenant.domain, "name": tenant.name, "createdAt": time(tenant.created_at) })
}

pub(super) async fn list(State(gateway): State<Gateway>, who: SignedIn) -> Result<axum::Json<Value>, Refusal> {
    let found = gateway.clients.tenants().list(with_caller(&who.caller, ListTenantsRequest {})).await.answer()?;
    let tenants: Vec<_> = found.tenants.iter().map(as_json).collect();
    Ok(axum::Json(json!({ "tenants": tenants })))
}

pub(super) async fn create(State(gateway): State<Gateway>, site: Site, who: SignedIn, Json(draft): Json<Draft>) -> Result<Response, Refusal> {
    let admin = Administrator { user_name: draft.admin.username, password: draft.admin.password, email: draft.admin.email.unwrap_or_default() };
    let request = CreateTenantRequest { name: draft.name, domain: draft.domain, admin: Some(admin) };
    let tenant = gateway.clients.tenants().create(with_caller(&who.caller, request)).await.answer()?;
    let location = site.url(&gateway, &format!("/api/v1/tenants/{}", tenant.domain));
    Ok((StatusCode::CREATED, [(LOCATION, location)], axum::Json(as_json(&tenant))).into_response())
}

pub(super) async fn read(State(gateway): State<Gateway>, who: SignedIn, Segments(domain): Segments<String>) -> Result<axum::Json<Value>, Refusal> {
    let request = with_caller(&who.caller, GetTenantRequest { domain });
    Ok(axum::Json(as_json(&gateway.clients.tenants().get(request).await.answer()?)))
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Segments(domain): Segments<String>,
    Json(change): Json<Change>,
) -> Result<axum::Json<Value>, Refusal> {
    let request = with_caller(&who.caller, UpdateTenantRequest { domain, name: change.name });
    Ok(axum::Json(as_json(&gateway.clients.tenants().update(request).await.answer()?)))
}

pub(super) async fn delete(State(gateway): State<Gateway>, who: SignedIn, Segments(domain): Segments<String>) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, DeleteTenantRequest { domain: domain.clone() });
    gateway.clients.tenants().delete(request).await.answer()?;
    gateway.tenants.forget(&domain);
    Ok(StatusCode::NO_CONTENT.into_response())
}
