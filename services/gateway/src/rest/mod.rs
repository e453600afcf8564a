//! `/api/v1`: logging in, resets, deliveries and tenants as JSON.

mod completion;
mod deliveries;
mod login;
mod resets;
mod session;
mod tenants;

use axum::routing::{get, post};

use crate::routes::Table;

pub(crate) use login::{Outcome, log_in};
pub(crate) use resets::state_name;

/// The paths of this surface.
pub(crate) fn routes(table: Table) -> Table {
    table
        .route("/api/v1/login", post(login::login))
        .route("/api/v1/logout", post(session::logout))
        .route("/api/v1/session", get(session::read))
        .route("/api/v1/password-resets/validate", post(completion::validate))
        .route("/api/v1/password-resets/complete", post(completion::complete))
        .route("/api/v1/password-resets", get(resets::list))
        .route("/api/v1/password-resets/{id}", get(resets::read))
        .route("/api/v1/password-resets/{id}/resend", post(resets::resend))
        .route("/api/v1/password-resets/{id}/cancel", post(resets::cancel))
        .route("/api/v1/password-resets/{id}/extend", post(resets::extend))
        .route("/api/v1/deliveries", get(deliveries::list))
        .route("/api/v1/tenants", get(tenants::list).post(tenants::create))
        .route("/api/v1/tenants/{domain}", get(tenants::read).patch(tenants::update).delete(tenants::delete))
}
