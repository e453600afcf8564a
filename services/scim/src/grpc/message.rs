//! Between messages and what the use cases take and give.

use bytes::Bytes;
use rekey_proto::scim::v1 as proto;
use rekey_scim_protocol::json;

use crate::{
    app::{Listed, Listing, Resource, View},
    domain::Conditions,
};

pub(super) fn view(view: Option<proto::View>) -> View {
    let view = view.unwrap_or_default();
    View { base: base(&view.base), attributes: view.attributes, excluded: view.excluded_attributes }
}

pub(super) const fn conditions<'a>(if_match: &'a str, if_none_match: &'a str) -> Conditions<'a> {
    Conditions { if_match, if_none_match }
}

/// The absolute URL of `/scim2`, without a slash at its end.
pub(super) fn base(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

pub(super) fn listing(request: proto::ListRequest) -> (Listing, View) {
    let listing = Listing {
        filter: request.filter,
        sort_by: request.sort_by,
        sort_order: request.sort_order,
        start_index: request.start_index,
        count: request.count,
        cursor: request.cursor,
    };
    (listing, view(request.view))
}

pub(super) fn listed(listed: &Listed) -> proto::ListResponse {
    proto::ListResponse { json: listed.to_json().into() }
}

/// An empty document is no text at all.
pub(super) fn resource(resource: Resource) -> proto::Resource {
    let json = if resource.json.is_empty() { Bytes::new() } else { json::text(&resource.json).into_bytes().into() };
    proto::Resource { id: resource.id.to_string(), version: resource.version, location: resource.location, json }
}
