//! `/api/server/v1/claim-dialects`: claims, and the attribute that each is stored in.

use axum::{Json as Body, extract::State};
use rekey_kernel::{Failure, Kind};
use rekey_proto::tenantconfig::v1::{Claim, Dialect, GetClaimRequest, ListClaimsRequest, ListDialectsRequest, UpdateClaimRequest};
use rekey_runtime::grpc::with_caller;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CLAIMS;
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Json, Segments},
    state::Gateway,
};

/// What of a claim may change; the rest of the followed product's body is read over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    display_name: Option<String>,
    description: Option<String>,
    supported_by_default: Option<bool>,
}

fn dialect_json(site: &Site, dialect: &Dialect) -> Value {
    let href = site.path(&format!("{CLAIMS}/{}/claims", dialect.id));
    json!({ "id": dialect.id, "dialectURI": dialect.uri, "link": { "href": href, "rel": "claims" } })
}

fn claim_json(claim: &Claim) -> Value {
    json!({
        "id": claim.id, "claimURI": claim.uri, "dialectURI": claim.dialect_uri, "displayName": claim.display_name,
        "description": claim.description, "displayOrder": 0, "readOnly": claim.read_only, "required": claim.required,
        "supportedByDefault": claim.supported_by_default,
        "attributeMapping": [{ "mappedAttribute": claim.attribute, "userstore": "PRIMARY" }],
        "scimAttribute": claim.scim_attribute, "properties": [],
    })
}

async fn all_dialects(gateway: &Gateway, site: &Site, who: &SignedIn) -> Result<Vec<Dialect>, Failure> {
    let request = with_caller(&who.caller, ListDialectsRequest { tenant_id: site.tenant_id() });
    Ok(gateway.clients.claims().list_dialects(request).await.answer()?.dialects)
}

pub(super) async fn dialects(State(gateway): State<Gateway>, site: Site, who: SignedIn) -> Result<Body<Value>, Refusal> {
    let found = all_dialects(&gateway, &site, &who).await?;
    Ok(Body(found.iter().map(|dialect| dialect_json(&site, dialect)).collect()))
}

pub(super) async fn dialect(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(id): Segments<String>) -> Result<Body<Value>, Refusal> {
    let found = all_dialects(&gateway, &site, &who).await?.into_iter().find(|dialect| dialect.id == id);
    let found = found.ok_or_else(|| Failure::new(Kind::NotFound, "CMT-50016", "there is no such claim dialect"))?;
    Ok(Body(dialect_json(&site, &found)))
}

pub(super) async fn list(State(gateway): State<Gateway>, site: Site, who: SignedIn, Segments(dialect_id): Segments<String>) -> Result<Body<Value>, Refusal> {
    let request = with_caller(&who.caller, ListClaimsRequest { tenant_id: site.tenant_id(), dialect_id });
    let found = gateway.clients.claims().list_claims(request).await.answer()?;
    Ok(Body(found.claims.iter().map(claim_json).collect()))
}

pub(super) async fn read(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((dialect_id, claim_id)): Segments<(String, String)>,
) -> Result<Body<Value>, Refusal> {
    let request = GetClaimRequest { tenant_id: site.tenant_id(), dialect_id, claim_id };
    Ok(Body(claim_json(&gateway.clients.claims().get_claim(with_caller(&who.caller, request)).await.answer()?)))
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((dialect_id, claim_id)): Segments<(String, String)>,
    Json(Change { display_name, description, supported_by_default }): Json<Change>,
) -> Result<Body<Value>, Refusal> {
    let request = UpdateClaimRequest { tenant_id: site.tenant_id(), dialect_id, claim_id, display_name, description, supported_by_default };
    Ok(Body(claim_json(&gateway.clients.claims().update_claim(with_caller(&who.caller, request)).await.answer()?)))
}
