//! `/reset`: the page that a mailed link opens, and the form behind a right one-time code. GET changes nothing and knows nothing:
//! the secret is in the link's fragment, which no browser sends. Only the POST that carries the new password consumes.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_kernel::{Failure, Kind, Secret};
use rekey_proto::authentication::v1::{CompleteRequest, PasswordPolicy, ValidateRequest, complete_request, validate_request};

use super::{
    forms::{NewPassword, Posted},
    frame::Frame,
    page,
};
use crate::{clients::Answer, edge::Site, errors::Refusal, extract::Source, state::Gateway};

/// The longest field that is looked at.
const LONGEST: usize = 2048;

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage {
    frame: Frame,
    token: String,
    reset_session: String,
    policy: Option<String>,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "reset_ended.html")]
struct EndedPage {
    frame: Frame,
    title: &'static str,
    detail: &'static str,
    done: bool,
}

pub(super) async fn show(frame: Frame) -> Result<Response, Refusal> {
    page(StatusCode::OK, &ResetPage { frame, token: String::new(), reset_session: String::new(), policy: None, problems: Vec::new() })
}

/// The form for whoever has just signed in with a one-time code.
///
/// # Errors
/// As writing any page.
pub(super) async fn with_session(gateway: &Gateway, site: &Site, frame: Frame, session: &Secret) -> Result<Response, Refusal> {
    let proof = validate_request::Proof::ResetSession(session.expose().to_owned());
    let policy = policy(gateway, site, proof).await;
    page(StatusCode::OK, &ResetPage { frame, token: String::new(), reset_session: session.expose().to_owned(), policy, problems: Vec::new() })
}

pub(super) async fn submit(
    State(gateway): State<Gateway>,
    site: Site,
    frame: Frame,
    Source(source_address): Source,
    Posted(form): Posted<NewPassword>,
) -> Result<Response, Refusal> {
    if form.password != form.confirmation {
        let problems = vec!["The two passwords are not the same.".to_owned()];
        return again(&gateway, &site, frame, form, problems).await;
    }
    let proof = if form.reset_session.is_empty() {
        complete_request::Proof::Token(capped(&form.token))
    } else {
        complete_request::Proof::ResetSession(capped(&form.reset_session))
    };
    let request = CompleteRequest { tenant_id: site.tenant_id(), proof: Some(proof), password: capped(&form.password), source_address };
    match gateway.clients.resets().complete(request).await.answer() {
        Ok(_) => ended(frame, StatusCode::OK, "Your password has been changed", "Sign in with the new password. The old one is dead.", true),
        Err(failure) if failure.is(Kind::Unprocessable) => again(&gateway, &site, frame, form, reasons(failure)).await,
        Err(failure) => not_done(frame, failure),
    }
}

/// What a field holds, as far as it is looked at: a longer password is refused as too long all the same.
fn capped(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn reasons(failure: Failure) -> Vec<String> {
    if failure.violations.is_empty() { vec![failure.detail] } else { failure.violations.into_iter().map(|it| it.detail).collect() }
}

/// The form again, with what was wrong and with its proof, which is still good.
async fn again(gateway: &Gateway, site: &Site, frame: Frame, form: NewPassword, problems: Vec<String>) -> Result<Response, Refusal> {
    let proof = if form.reset_session.is_empty() {
        validate_request::Proof::Token(capped(&form.token))
    } else {
        validate_request::Proof::ResetSession(capped(&form.reset_session))
    };
    let policy = policy(gateway, site, proof).await;
    let again = ResetPage { frame, token: form.token, reset_session: form.reset_session, policy, problems };
    page(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// What the new password must be like; nothing where that cannot be found out now.
async fn policy(gateway: &Gateway, site: &Site, proof: validate_request::Proof) -> Option<String> {
    let request = ValidateRequest { tenant_id: site.tenant_id(), proof: Some(proof) };
    gateway.clients.resets().validate(request).await.answer().ok()?.policy.map(described)
}

fn described(policy: PasswordPolicy) -> String {
    let length = format!("{} to {} characters", policy.min_length, policy.max_length);
    if policy.history == 0 { format!("{length}.") } else { format!("{length}, and none of your last {} passwords.", policy.history) }
}

fn not_done(frame: Frame, failure: Failure) -> Result<Response, Refusal> {
    match failure.kind {
        Kind::Gone => ended(
            frame,
            StatusCode::GONE,
            "This link is no longer good",
            "It has been used, replaced, cancelled, or its time ran out. Ask for a new one.",
            false,
        ),
        Kind::NotFound | Kind::Invalid => {
            let detail = "Open the link from the mail again, the whole of it; if it still does not work, ask for a new one.";
            ended(frame, StatusCode::NOT_FOUND, "This link is not valid", detail, false)
        }
        Kind::Unauthenticated => {
            let detail = "Sign in with your one-time code again to go on. If it no longer works, ask for a new one.";
            ended(frame, StatusCode::UNAUTHORIZED, "Your time for setting a password has ended", detail, false)
        }
        _ => Err(failure.into()),
    }
}

fn ended(frame: Frame, status: StatusCode, title: &'static str, detail: &'static str, done: bool) -> Result<Response, Refusal> {
    page(status, &EndedPage { frame, title, detail, done })
}
