//! `/scim2`: SCIM 2.0 (RFC 7644) over HTTP. The resources themselves are scim's.

mod bulk;
mod conditions;
mod discovery;
mod kinds;
mod me;
mod queries;
mod resources;

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use bytes::Bytes;
use rekey_proto::scim::v1::{Resource, View};

use crate::{edge::Site, errors::Refusal, extract::Params, routes::Table, state::Gateway};
use conditions::Conditions;
use kinds::{Everything, Groups, Resources, Users};

/// The paths of this surface.
pub(crate) fn routes(table: Table) -> Table {
    let table = of_a_type::<Users>(table, ["/scim2/Users", "/scim2/Users/.search", "/scim2/Users/{id}"]);
    let table = of_a_type::<Groups>(table, ["/scim2/Groups", "/scim2/Groups/.search", "/scim2/Groups/{id}"]);
    table
        .route("/scim2", get(queries::list::<Everything>))
        .route("/scim2/.search", post(queries::search::<Everything>))
        .route("/scim2/Me", get(me::read).put(me::replace).patch(me::patch))
        .route("/scim2/Bulk", post(bulk::run))
        .route("/scim2/ServiceProviderConfig", get(discovery::read))
        .route("/scim2/ResourceTypes", get(discovery::read))
        .route("/scim2/ResourceTypes/{name}", get(discovery::read))
        .route("/scim2/Schemas", get(discovery::read))
        .route("/scim2/Schemas/{urn}", get(discovery::read))
}

fn of_a_type<R: Resources>(table: Table, [all, search, one]: [&'static str; 3]) -> Table {
    let single: MethodRouter<Gateway> = get(resources::read::<R>).put(resources::replace::<R>);
    table
        .route(all, get(queries::list::<R>).post(resources::create::<R>))
        .route(search, post(queries::search::<R>))
        .route(one, single.patch(resources::patch::<R>).delete(resources::delete::<R>))
}

/// How the client wants the answer written.
pub(super) struct Wanted(View);

impl FromRequestParts<Gateway> for Wanted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refusal> {
        let site = Site::from_request_parts(parts, gateway).await?;
        let params = Params::from_request_parts(parts, gateway).await?;
        let names = |name| split_names(params.get(name).unwrap_or_default());
        Ok(Self(View { base: base(gateway, &site), attributes: names("attributes"), excluded_attributes: names("excludedAttributes") }))
    }
}

fn split_names(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The URL of `/scim2` as the client sees it.
pub(crate) fn base(gateway: &Gateway, site: &Site) -> String {
    site.url(gateway, "/scim2")
}

fn scim_json(status: StatusCode, body: Bytes) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"))], body).into_response()
}

/// One resource, with where it is and which version; without a body when there is no document.
fn resource(status: StatusCode, resource: Resource) -> Response {
    let mut response = if resource.json.is_empty() { status.into_response() } else { scim_json(status, resource.json) };
    let headers = [(LOCATION, resource.location), (ETAG, resource.version)];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_names_stand_between_commas() {
        assert_eq!(split_names("userName, emails.value,,"), ["userName", "emails.value"]);
    }
}
