//! The style sheet and the two scripts: all of them ours, all of them here.

use axum::{
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::routes::Table;

/// The assets' paths.
pub(super) fn routes(table: Table) -> Table {
    table
        .route("/assets/rekey.css", get(|| async { asset("text/css; charset=utf-8", include_str!("../../assets/rekey.css")) }))
        .route("/assets/reset.js", get(|| async { asset("text/javascript; charset=utf-8", include_str!("../../assets/reset.js")) }))
        .route("/assets/dialog.js", get(|| async { asset("text/javascript; charset=utf-8", include_str!("../../assets/dialog.js")) }))
        .route("/assets/icon.svg", get(|| async { asset("image/svg+xml", include_str!("../../assets/icon.svg")) }))
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300")], content).into_response()
}
