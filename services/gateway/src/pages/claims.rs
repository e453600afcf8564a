//! "Claims" > "List": dialects, their claims, and a claim.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_proto::tenantconfig::v1::{Claim, GetClaimRequest, ListClaimsRequest, ListDialectsRequest, UpdateClaimRequest};
use rekey_runtime::grpc::with_caller;

use super::{
    console::{Link, LinksPage, here},
    forms::{ClaimUpdate, Posted},
    frame::Frame,
    page, redirect,
};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::Segments,
    state::Gateway,
};

const LIST: &str = "/console/claims/list";

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimPage {
    frame: Frame,
    above: Vec<Link>,
    action: String,
    claim: Claim,
}

fn above() -> Vec<Link> {
    vec![here(), Link::new("/console/claims", "Claims", ""), Link::new(LIST, "List", "")]
}

pub(super) async fn dialects(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, ListDialectsRequest { tenant_id: site.tenant_id() });
    let found = gateway.clients.claims().list_dialects(request).await.answer()?;
    let links = found.dialects.into_iter().map(|it| Link::new(format!("{LIST}/{}", it.id), it.uri, "")).collect();
    let above = vec![here(), Link::new("/console/claims", "Claims", "")];
    page(StatusCode::OK, &LinksPage { frame, title: "List".into(), above, links })
}

pub(super) async fn list(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments(dialect_id): Segments<String>,
) -> Result<Response, Refusal> {
    let request = ListClaimsRequest { tenant_id: site.tenant_id(), dialect_id: dialect_id.clone() };
    let found = gateway.clients.claims().list_claims(with_caller(&who.caller, request)).await.answer()?;
    let title = found.claims.first().map(|claim| claim.dialect_uri.clone()).unwrap_or_default();
    let link = |claim: Claim| Link::new(format!("{LIST}/{dialect_id}/{}", claim.id), claim.display_name, claim.attribute);
    page(StatusCode::OK, &LinksPage { frame, title, above: above(), links: found.claims.into_iter().map(link).collect() })
}

pub(super) async fn show(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    frame: Frame,
    Segments((dialect_id, claim_id)): Segments<(String, String)>,
) -> Result<Response, Refusal> {
    let request = GetClaimRequest { tenant_id: site.tenant_id(), dialect_id: dialect_id.clone(), claim_id };
    let claim = gateway.clients.claims().get_claim(with_caller(&who.caller, request)).await.answer()?;
    let mut above = above();
    above.push(Link::new(format!("{LIST}/{dialect_id}"), claim.dialect_uri.clone(), ""));
    page(StatusCode::OK, &ClaimPage { frame, above, action: format!("{LIST}/{dialect_id}/{}", claim.id), claim })
}

pub(super) async fn update(
    State(gateway): State<Gateway>,
    site: Site,
    who: SignedIn,
    Segments((dialect_id, claim_id)): Segments<(String, String)>,
    Posted(form): Posted<ClaimUpdate>,
) -> Result<Response, Refusal> {
    let location = site.path(&format!("{LIST}/{dialect_id}/{claim_id}?done=updated"));
    let supported_by_default = Some(form.supported_by_default);
    let request = UpdateClaimRequest { tenant_id: site.tenant_id(), dialect_id, claim_id, supported_by_default, ..UpdateClaimRequest::default() };
    gateway.clients.claims().update_claim(with_caller(&who.caller, request)).await.answer()?;
    Ok(redirect(location))
}
