//! `/scim2/Me` (RFC 7644 §3.11): whoever is calling, by their own right. The answer says under which URL they are a user like others.
//! Nobody makes or deletes themselves: POST and DELETE are 405.

use axum::{
    extract::State,
    http::{
        StatusCode,
        header::{CONTENT_LOCATION, LOCATION},
    },
    response::Response,
};
use rekey_proto::scim::v1::{GetRequest, PatchRequest, ReplaceRequest};
use rekey_runtime::grpc::with_caller;

use super::{Conditions, Wanted, resource};
use crate::{clients::Answer, edge::SignedIn, errors::Refusal, extract::ScimBody, state::Gateway};

pub(super) async fn read(State(gateway): State<Gateway>, who: SignedIn, Wanted(view): Wanted, conditions: Conditions) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, GetRequest { view: Some(view), id: String::new(), me: true });
    conditions.answer(gateway.clients.users().get(request).await.answer()?).map(alias)
}

pub(super) async fn replace(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Conditions { if_match, if_none_match }: Conditions,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let message = ReplaceRequest { view: Some(view), id: String::new(), json, if_match, if_none_match, me: true };
    let done = gateway.clients.users().replace(with_caller(&who.caller, message)).await.answer()?;
    Ok(alias(resource(StatusCode::OK, done)))
}

pub(super) async fn patch(
    State(gateway): State<Gateway>,
    who: SignedIn,
    Wanted(view): Wanted,
    Conditions { if_match, if_none_match }: Conditions,
    ScimBody(json): ScimBody,
) -> Result<Response, Refusal> {
    let message = PatchRequest { view: Some(view), id: String::new(), json, if_match, if_none_match, me: true };
    let done = gateway.clients.users().patch(with_caller(&who.caller, message)).await.answer()?;
    Ok(alias(resource(StatusCode::OK, done)))
}

/// `Location` says where the resource is for good, `Content-Location` that the body is what one reads there (RFC 9110 §8.7).
fn alias(mut response: Response) -> Response {
    if let Some(location) = response.headers().get(LOCATION).cloned() {
        response.headers_mut().insert(CONTENT_LOCATION, location);
    }
    response
}
