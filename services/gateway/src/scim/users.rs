//! `/scim2/Users` and `/scim2/Me`.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use rekey_kernel::Failure;
use rekey_proto::scim::v1::{CreateUserRequest, DeleteUserRequest, GetUserRequest, ListUsersRequest, PatchUserRequest, ReplaceUserRequest};
use rekey_runtime::grpc::with_caller;

use super::{Wanted, if_match, resource, scim_json, unless_known};
use crate::{
    clients::Answer,
    edge::SignedIn,
    errors::Refusal,
    extract::{Params, ScimBody, Segments},
    state::Gateway,
};

pub(super) async fn create(State(gateway): State<Gateway>, who: SignedIn, Wanted(view): Wanted, ScimBody(json): ScimBody) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, CreateUserRequest { view: Some(view), json });
    Ok(resource(StatusCode::CREATED, gateway.clients.users().create(request).await.answer()?))
}

pub(super) async fn read(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, GetUserRequest { view: Some(view), id, me: false });
    Ok(unless_known(&headers, gateway.clients.users().get(request).await.answer()?))
}

pub(super) async fn me(State(gateway): State<Gateway>, who: SignedIn, Wanted(view): Wanted, headers: HeaderMap) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, GetUserRequest { view: Some(view), id: String::new(), me: true });
    Ok(unless_known(&headers, gateway.clients.users().get(request).await.answer()?))
}

pub(super) async fn replace(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, ReplaceUserRequest { view: Some(view), id, json, if_match: if_match(&headers) });
    Ok(resource(StatusCode::OK, gateway.clients.users().replace(request).await.answer()?))
}

pub(super) async fn patch(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, PatchUserRequest { view: Some(view), id, json, if_match: if_match(&headers) });
    Ok(resource(StatusCode::OK, gateway.clients.users().patch(request).await.answer()?))
}

pub(super) async fn delete(State(gateway): State<Gateway>, who: SignedIn, Segments(id): Segments<String>, headers: HeaderMap) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, DeleteUserRequest { id, if_match: if_match(&headers) });
    gateway.clients.users().delete(request).await.answer()?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn list(State(gateway): State<Gateway>, who: SignedIn, Wanted(view): Wanted, params: Params) -> Result<Response, Refusal> {
    if params.get("filter").is_some_and(|filter| filter.trim().is_empty()) {
        return Err(Failure::invalid("invalidFilter", "the filter is empty: leave the parameter out to list everyone").into());
    }
    let query = ListUsersRequest {
        view: Some(view),
        filter: params.text("filter"),
        start_index: params.parsed("startIndex")?,
        count: params.parsed("count")?,
        sort_by: params.text("sortBy"),
        sort_order: params.text("sortOrder"),
    };
    let found = gateway.clients.users().list(with_caller(&who.caller, query)).await.answer()?;
    Ok(scim_json(StatusCode::OK, found.json))
}
