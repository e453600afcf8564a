//! The web pages, written by the server. Scripts only help: the link's fragment is read by one, a dialog opened by another.

mod account;
mod assets;
mod claims;
mod console;
mod force;
mod forms;
mod frame;
mod governance;
mod login;
mod mailbox;
mod profile;
mod reset;
mod users;

use askama::Template;
use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rekey_kernel::Failure;

use crate::{errors::Refusal, routes::Table};

/// The paths of this surface.
pub(crate) fn routes(table: Table) -> Table {
    let table = table
        .route("/", get(account::home))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", post(login::sign_out))
        .route("/myaccount", get(account::show))
        .route("/reset", get(reset::show).post(reset::submit))
        .route("/forgot", get(account::forgot));
    console_routes(assets::routes(table))
}

fn console_routes(table: Table) -> Table {
    table
        .route("/console", get(console::home))
        .route("/console/identity-providers", get(console::identity_providers))
        .route("/console/identity-providers/resident", get(governance::categories))
        .route("/console/identity-providers/resident/{category}", get(governance::connectors))
        .route("/console/identity-providers/resident/{category}/{connector}", get(governance::show).post(governance::save))
        .route("/console/claims", get(console::claims))
        .route("/console/claims/list", get(claims::dialects))
        .route("/console/claims/list/{dialect}", get(claims::list))
        .route("/console/claims/list/{dialect}/{claim}", get(claims::show).post(claims::update))
        .route("/console/users-and-roles", get(console::users_and_roles))
        .route("/console/users-and-roles/list", get(console::users_and_roles_list))
        .route("/console/users", get(users::list))
        .route("/console/users/{id}", get(profile::show))
        .route("/console/users/{id}/force", post(force::force))
        .route("/console/users/{id}/resets/{reset}/resend", post(force::resend))
        .route("/console/users/{id}/resets/{reset}/extend", post(force::extend))
        .route("/console/users/{id}/resets/{reset}/cancel", post(force::cancel))
}

/// The development mailbox.
pub(crate) fn mailbox_routes(table: Table) -> Table {
    table.route("/dev/mailbox", get(mailbox::list)).route("/dev/mailbox/{file}", get(mailbox::read))
}

/// A page.
///
/// # Errors
/// `Internal` when the template fails.
fn page(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    let html = template.render().map_err(|error| Failure::internal("a page cannot be written").because(error))?;
    Ok((status, [(CONTENT_TYPE, html_type())], html).into_response())
}

/// To another page, after a form.
fn redirect(location: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

const fn html_type() -> HeaderValue {
    HeaderValue::from_static("text/html; charset=utf-8")
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    prefix: &'a str,
    title: &'a str,
    detail: &'a str,
    trace: Option<&'a str>,
}

/// The page of a failure.
pub(crate) fn error_page(refusal: &Refusal, prefix: &str, trace: &str) -> (HeaderMap, String) {
    let status = refusal.status();
    let title = match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::FORBIDDEN => "You may not do this",
        StatusCode::SERVICE_UNAVAILABLE => "Please try again in a moment",
        _ if status.is_server_error() => "Something went wrong",
        _ => "This did not work",
    };
    let trace = status.is_server_error().then_some(trace);
    let html = ErrorPage { prefix, title, detail: refusal.detail(), trace }.render().unwrap_or_else(|_| title.to_owned());
    (HeaderMap::from_iter([(CONTENT_TYPE, html_type())]), html)
}
