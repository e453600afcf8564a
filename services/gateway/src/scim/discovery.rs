//! `/scim2/ServiceProviderConfig`, `/scim2/ResourceTypes` and `/scim2/Schemas`: for anybody.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use percent_encoding::percent_decode_str;
use rekey_kernel::Failure;
use rekey_proto::scim::v1::GetDiscoveryRequest;

use super::scim_json;
use crate::{clients::Answer, edge::Site, errors::Refusal, extract::Params, state::Gateway};

pub(super) async fn read(State(gateway): State<Gateway>, site: Site, params: Params, uri: Uri) -> Result<Response, Refusal> {
    if params.get("filter").is_some() {
        // RFC 7644 §4: "If a 'filter' is provided, the service provider SHOULD respond with HTTP status code 403".
        return Err(Failure::forbidden("discovery documents cannot be filtered").into());
    }
    let document = uri.path().trim_start_matches("/scim2/");
    let document = percent_decode_str(document).decode_utf8().map_err(|_| Failure::not_found("there is no such document"))?;
    let request = GetDiscoveryRequest { base: super::base(&gateway, &site), document: document.into_owned() };
    let found = gateway.clients.discovery().get(request).await.answer()?;
    Ok(scim_json(StatusCode::OK, found.json))
}
