//! What stands around every page.

use axum::{extract::FromRequestParts, http::request::Parts};
use rekey_kernel::{Failure, Scope};

use crate::{
    edge::{Csrf, SignedIn, Site},
    errors::Refusal,
    extract::Params,
    state::Gateway,
};

/// What a form has done, as the word in the address bar and as the sentence on the page.
const NOTICES: [(&str, &str); 7] = [
    ("forced", "The password reset has begun: the old password and all sessions are dead."),
    ("resent", "A new reset has begun, with a fresh link or code; the earlier one is void."),
    ("extended", "The reset is good for longer now."),
    ("cancelled", "The reset has been cancelled: the old password works again."),
    ("saved", "The settings have been saved."),
    ("updated", "The claim has been updated."),
    ("signed-out", "You have signed out."),
];

/// The scopes that give somebody something to do in the console.
const CONSOLE: [Scope; 4] = [Scope::UserView, Scope::ResetView, Scope::IdpView, Scope::ClaimView];

/// The frame of a page.
#[derive(Clone)]
pub(super) struct Frame {
    /// In front of every link.
    pub(super) prefix: String,
    /// For every form.
    pub(super) csrf: String,
    /// The tenant's domain.
    pub(super) tenant: String,
    /// Who is signed in.
    pub(super) user: Option<String>,
    /// Is the console something for them?
    pub(super) console: bool,
    /// What a form has just done.
    pub(super) notice: Option<&'static str>,
    /// What did not work.
    pub(super) problem: Option<String>,
}

impl Frame {
    /// With what did not work, in a sentence.
    pub(super) fn with_problem(self, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..self }
    }
}

/// May they see the console at all?
pub(super) fn has_console(who: &SignedIn) -> bool {
    CONSOLE.into_iter().any(|scope| who.caller.scopes.contains(scope))
}

impl FromRequestParts<Gateway> for Frame {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refusal> {
        let site = Site::from_request_parts(parts, gateway).await?;
        let done = Params::from_request_parts(parts, gateway).await?.text("done");
        let csrf = parts.extensions.get::<Csrf>().cloned().ok_or_else(|| Failure::internal("the edge was not passed"))?;
        let who = parts.extensions.get::<SignedIn>();
        Ok(Self {
            prefix: site.prefix,
            csrf: csrf.token().to_owned(),
            tenant: site.domain.into_owned(),
            user: who.map(|who| who.caller.name.clone()),
            console: who.is_some_and(has_console),
            notice: NOTICES.iter().find(|(word, _)| *word == done).map(|(_, sentence)| *sentence),
            problem: None,
        })
    }
}
