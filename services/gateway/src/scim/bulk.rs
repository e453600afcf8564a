//! `/scim2/Bulk`: many operations in one request (RFC 7644 §3.7).

use axum::{extract::State, http::StatusCode, response::Response};
use rekey_proto::scim::v1::BulkRequest;
use rekey_runtime::grpc::{LONGEST, with_caller, within};

use super::scim_json;
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::ScimBody,
    state::Gateway,
};

pub(super) async fn run(State(gateway): State<Gateway>, who: SignedIn, site: Site, ScimBody(json): ScimBody) -> Result<Response, Refusal> {
    let request = with_caller(&who.caller, BulkRequest { base: super::base(&gateway, &site), json });
    let done = within(LONGEST, gateway.clients.bulk().run(request)).await.answer()?;
    Ok(scim_json(StatusCode::OK, done.json))
}
