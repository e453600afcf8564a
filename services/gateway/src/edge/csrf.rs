//! The token that every form repeats: whoever makes a browser send a form from elsewhere knows no token (double submit; the
//! cookie's `__Host-` keeps neighbours from setting one).

use axum::http::{HeaderMap, Method, header::SET_COOKIE};
use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::Random;
use subtle::ConstantTimeEq;

use crate::cookies;

/// The length of a token: 32 bytes in base64url.
const LENGTH: usize = 43;

/// Has a page of somebody else made the browser send this, so as to change something? A browser adds a name and a password that it
/// knows to such a request too, and to one without a body's type it asks nobody before. Other clients do not send the header.
pub(super) fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map_or(&b""[..], |value| value.as_bytes());
    !method.is_safe() && matches!(site, b"cross-site" | b"same-site")
}

/// A browser's token.
#[derive(Clone)]
pub(crate) struct Csrf {
    token: String,
    is_new: bool,
}

impl Csrf {
    /// The browser's, or a new one.
    pub(crate) fn of(headers: &HeaderMap, random: &dyn Random) -> Self {
        let kept = cookies::read(headers, cookies::CSRF).filter(|token| token.len() == LENGTH && BASE64URL_NOPAD.decode(token.as_bytes()).is_ok());
        if let Some(token) = kept {
            return Self { token: token.to_owned(), is_new: false };
        }
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self { token: BASE64URL_NOPAD.encode(&bytes), is_new: true }
    }

    /// For the form's hidden field.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Did the form repeat the token that the browser had before?
    pub(crate) fn matches(&self, repeated: &str) -> bool {
        !self.is_new && bool::from(self.token.as_bytes().ct_eq(repeated.as_bytes()))
    }

    /// Has the browser keep a new one.
    pub(crate) fn keep(&self, headers: &mut HeaderMap) {
        if let (true, Ok(cookie)) = (self.is_new, cookies::keep_csrf(&self.token)) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}
