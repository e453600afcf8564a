//! `/login`, and signing out.

use askama::Template;
use axum::{
    extract::State,
    http::{
        StatusCode,
        header::{HeaderValue, SET_COOKIE},
    },
    response::Response,
};
use rekey_proto::authentication::v1::LogoutRequest;

use super::{
    forms::{Button, Posted, SignIn},
    frame::Frame,
    page, redirect, reset,
};
use crate::{
    clients::Answer,
    cookies,
    edge::Site,
    errors::Refusal,
    extract::{Params, Source},
    rest::{Outcome, log_in},
    state::Gateway,
};

/// The one sentence for every failure.
const FAILED: &str = "Login failed! Please recheck the username and password and try again";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    username: String,
    next: String,
}

pub(super) async fn show(frame: Frame, params: Params) -> Result<Response, Refusal> {
    page(StatusCode::OK, &LoginPage { frame, username: String::new(), next: params.text("next") })
}

pub(super) async fn submit(
    State(gateway): State<Gateway>,
    site: Site,
    frame: Frame,
    Source(source): Source,
    Posted(form): Posted<SignIn>,
) -> Result<Response, Refusal> {
    match log_in(&gateway, &site, source, form.username.clone(), form.password).await? {
        Outcome::Authenticated(session) => {
            let cookie = cookies::open_session(&session.token)?;
            Ok(with_cookie(redirect(site.path(safe_page(&form.next))), cookie))
        }
        Outcome::ResetRequired(session) => reset::with_session(&gateway, &site, frame, &session).await,
        Outcome::Failed => {
            let username = form.username.chars().take(200).collect();
            page(StatusCode::UNAUTHORIZED, &LoginPage { frame: frame.with_problem(FAILED), username, next: form.next })
        }
    }
}

pub(super) async fn sign_out(
    State(gateway): State<Gateway>,
    site: Site,
    headers: axum::http::HeaderMap,
    Posted(Button): Posted<Button>,
) -> Result<Response, Refusal> {
    if let Some(token) = cookies::read(&headers, cookies::SESSION) {
        let request = LogoutRequest { tenant_id: site.tenant_id(), token: token.to_owned() };
        gateway.clients.authentication().logout(request).await.answer()?;
    }
    Ok(with_cookie(redirect(site.path("/login?done=signed-out")), cookies::close_session()))
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Only pages of ours are gone to after signing in.
fn safe_page(next: &str) -> &str {
    let ours = |root: &str| next.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let plain = next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte));
    if plain && !next.contains("//") && (ours("/console") || ours("/myaccount")) { next } else { "/myaccount" }
}

#[cfg(test)]
mod tests {
    use super::safe_page;

    #[test]
    fn one_is_sent_to_pages_of_ours_only() {
        assert_eq!(safe_page("/console/users/1-2"), "/console/users/1-2");
        for other in ["", "https://evil", "//evil", "/console//evil", "/consolex", "/console?x", "/console/../t/x", "/console\r\nX: y"] {
            assert_eq!(safe_page(other), "/myaccount", "{other}");
        }
    }
}
