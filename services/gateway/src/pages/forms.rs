//! What the pages' forms send. Nothing of a form is read before its CSRF token was checked.

use axum::{
    Form,
    extract::{FromRequest, Request},
};
use rekey_kernel::{Failure, Kind};

use crate::{edge::Csrf, errors::Refusal, extract, state::Gateway};

/// The fields of a form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A field's text; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// A field's text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Is this check-box ticked?
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// A form that was sent from one of our pages.
pub(super) struct Posted<T>(pub(super) T);

impl<T: From<Fields>> FromRequest<Gateway> for Posted<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Refusal> {
        let csrf = request.extensions().get::<Csrf>().cloned();
        let read = Form::<Vec<(String, String)>>::from_request(request, gateway).await;
        let Form(pairs) = read.map_err(|rejection| extract::unreadable(rejection.status()))?;
        let fields = Fields(pairs);
        if csrf.is_some_and(|csrf| csrf.matches(&fields.text("csrf"))) {
            return Ok(Self(T::from(fields)));
        }
        let detail = "the form does not belong to this browser's visit, or cookies are off: go back, reload the page and send it again";
        Err(Failure::new(Kind::Forbidden, "csrf", detail).into())
    }
}

/// The login page's.
pub(super) struct SignIn {
    pub(super) username: String,
    pub(super) password: String,
    /// The page that was asked for.
    pub(super) next: String,
}

impl From<Fields> for SignIn {
    fn from(fields: Fields) -> Self {
        Self { username: fields.text("username"), password: fields.text("password"), next: fields.text("next") }
    }
}

/// The set-password page's.
pub(super) struct NewPassword {
    pub(super) token: String,
    pub(super) reset_session: String,
    pub(super) password: String,
    pub(super) confirmation: String,
}

impl From<Fields> for NewPassword {
    fn from(fields: Fields) -> Self {
        Self {
            token: fields.text("token"),
            reset_session: fields.text("resetSession"),
            password: fields.text("password"),
            confirmation: fields.text("confirmation"),
        }
    }
}

/// The dialog that forces a reset.
pub(super) struct Force {
    pub(super) reason: String,
}

impl From<Fields> for Force {
    fn from(fields: Fields) -> Self {
        Self { reason: fields.text("reason").trim().to_owned() }
    }
}

/// The claim page's.
pub(super) struct ClaimUpdate {
    pub(super) supported_by_default: bool,
}

impl From<Fields> for ClaimUpdate {
    fn from(fields: Fields) -> Self {
        Self { supported_by_default: fields.is_ticked("supportedByDefault") }
    }
}

/// A button and nothing else.
pub(super) struct Button;

impl From<Fields> for Button {
    fn from(_fields: Fields) -> Self {
        Self
    }
}
