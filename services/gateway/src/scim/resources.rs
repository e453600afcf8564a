//! Single resources: `/scim2/Users`, `/scim2/Groups` and what lies below them.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rekey_proto::scim::v1::{CreateRequest, DeleteRequest, GetRequest, PatchRequest, ReplaceRequest};
use rekey_runtime::grpc::with_caller;

use super::{Conditions, Wanted, kinds::Resources, resource};
use crate::{
    edge::SignedIn,
    errors::Refusal,
    extract::{ScimBody, Segments},
    state::Gateway,
};

pub(super) async fn create<R: Resources>(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, CreateRequest { view: Some(view), json });
    Ok(resource(StatusCode::CREATED, R::create(&gateway.clients, request).await?))
}

pub(super) async fn read<R: Resources>(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    conditions: Conditions,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, GetRequest { view: Some(view), id, me: false });
    conditions.answer(R::get(&gateway.clients, request).await?)
}

pub(super) async fn replace<R: Resources>(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    Conditions { if_match, if_none_match }: Conditions,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let message = ReplaceRequest { view: Some(view), id, json, if_match, if_none_match, me: false };
    Ok(resource(StatusCode::OK, R::replace(&gateway.clients, with_caller(&who.caller, message)).await?))
}

pub(super) async fn patch<R: Resources>(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    Conditions { if_match, if_none_match }: Conditions,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let message = PatchRequest { view: Some(view), id, json, if_match, if_none_match, me: false };
    let changed = R::patch(&gateway.clients, with_caller(&who.caller, message)).await?;
    let status = if changed.json.is_empty() { StatusCode::NO_CONTENT } else { StatusCode::OK };
    Ok(resource(status, changed))
}

pub(super) async fn delete<R: Resources>(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Segments(id): Segments<String>,
    Conditions { if_match, if_none_match }: Conditions,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, DeleteRequest { id, if_match, if_none_match });
    R::delete(&gateway.clients, request).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
