//! Queries: by GET with parameters, and by POST to `.search` with the same in a body (RFC 7644 §3.4.2 and §3.4.3).

use axum::{extract::State, http::StatusCode, response::Response};
use rekey_kernel::Failure;
use rekey_proto::scim::v1::{ListRequest, View};
use rekey_runtime::grpc::with_caller;
use rekey_scim_protocol::search::Search;

use super::{Wanted, kinds::Searched, scim_json};
use crate::{
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::{Params, ScimBody},
    state::Gateway,
};

pub(super) async fn list<S: Searched>(State(gateway): State<Gateway>, who: SignedIn, Wanted(view): Wanted, params: Params) -> Result<Response, Refusal> {
    answer::<S>(&gateway, &who, by_parameters(view, &params)?).await
}

pub(super) async fn search<S: Searched>(State(gateway): State<Gateway>, who: SignedIn, site: Site, ScimBody(json): ScimBody) -> Result<Response, Refusal> {
    let asked = Search::parse(&json)?;
    answer::<S>(&gateway, &who, by_body(super::base(&gateway, &site), asked)).await
}

async fn answer<S: Searched>(gateway: &Gateway, who: &SignedIn, query: ListRequest) -> Result<Response, Refusal> {
    let found = S::list(&gateway.clients, with_caller(&who.caller, query)).await?;
    Ok(scim_json(StatusCode::OK, found.json))
}

fn by_parameters(view: View, params: &Params) -> Result<ListRequest, Failure> {
    if params.get("filter").is_some_and(|filter| filter.trim().is_empty()) {
        return Err(Failure::invalid("invalidFilter", "the filter is empty: leave the parameter out to list everything"));
    }
    // Empty is not the same as absent: it asks for the first page (RFC 9865 §2.1).
    let cursor = params.get("cursor").map(str::to_owned);
    let unreadable = |failure: Failure| if cursor.is_some() { Failure::invalid("invalidCount", failure.detail) } else { failure };
    Ok(ListRequest {
        view: Some(view),
        filter: params.text("filter"),
        start_index: params.integer("startIndex")?,
        count: params.integer("count").map_err(unreadable)?,
        sort_by: params.text("sortBy"),
        sort_order: params.text("sortOrder"),
        cursor,
    })
}

fn by_body(base: String, asked: Search) -> ListRequest {
    ListRequest {
        view: Some(View { base, attributes: asked.attributes, excluded_attributes: asked.excluded_attributes }),
        filter: asked.filter,
        start_index: asked.start_index,
        count: asked.count,
        sort_by: asked.sort_by,
        sort_order: asked.sort_order,
        cursor: asked.cursor,
    }
}
