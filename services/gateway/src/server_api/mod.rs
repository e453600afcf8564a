//! `/api/server/v1`: configuration, with the paths, ids and bodies of the followed product.

mod claims;
mod governance;
mod templates;

use axum::routing::get;

use crate::routes::Table;

const GOVERNANCE: &str = "/api/server/v1/identity-governance";
const CLAIMS: &str = "/api/server/v1/claim-dialects";
const TEMPLATES: &str = "/api/server/v1/email/template-types";

/// The paths of this surface.
pub(crate) fn routes(table: Table) -> Table {
    table
        .route(GOVERNANCE, get(governance::categories))
        .route("/api/server/v1/identity-governance/{category}", get(governance::category))
        .route("/api/server/v1/identity-governance/{category}/connectors", get(governance::connectors).patch(governance::update_all))
        .route("/api/server/v1/identity-governance/{category}/connectors/{connector}", get(governance::connector).patch(governance::update))
        .route(CLAIMS, get(claims::dialects))
        .route("/api/server/v1/claim-dialects/{dialect}", get(claims::dialect))
        .route("/api/server/v1/claim-dialects/{dialect}/claims", get(claims::list))
        .route("/api/server/v1/claim-dialects/{dialect}/claims/{claim}", get(claims::read).put(claims::update))
        .route(TEMPLATES, get(templates::types))
        .route("/api/server/v1/email/template-types/{kind}", get(templates::kind))
        .route("/api/server/v1/email/template-types/{kind}/templates", get(templates::list))
        .route("/api/server/v1/email/template-types/{kind}/templates/{locale}", get(templates::read).put(templates::write))
}
