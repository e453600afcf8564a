//! The two cookies. `__Host-` binds them to this host, HTTPS and the whole site, so that no neighbour can set them.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use rekey_kernel::Failure;

/// The session.
pub(crate) const SESSION: &str = "__Host-rekey_session";
/// The token that every form must repeat.
pub(crate) const CSRF: &str = "__Host-rekey_csrf";

/// Longer values are none of ours.
const LONGEST: usize = 512;

/// A cookie's value.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name).map(|(_, value)| value);
    values.next().filter(|value| !value.is_empty() && value.len() <= LONGEST)
}

/// Opens the session in the browser.
///
/// # Errors
/// `Internal` when the token is not fit for a header.
pub(crate) fn open_session(token: &str) -> Result<HeaderValue, Failure> {
    set(SESSION, token, "HttpOnly; SameSite=Strict")
}

/// Forgets the session in the browser.
pub(crate) const fn close_session() -> HeaderValue {
    HeaderValue::from_static("__Host-rekey_session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Keeps the token of the forms. Lax: whoever follows the link of a mail must not get a second one that spoils the forms in
/// other tabs.
///
/// # Errors
/// `Internal` when the token is not fit for a header.
pub(crate) fn keep_csrf(token: &str) -> Result<HeaderValue, Failure> {
    set(CSRF, token, "HttpOnly; SameSite=Lax")
}

fn set(name: &str, value: &str, attributes: &str) -> Result<HeaderValue, Failure> {
    let fits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte));
    let cookie = HeaderValue::try_from(format!("{name}={value}; Path=/; Secure; {attributes}"));
    cookie.ok().filter(|_| fits).ok_or_else(|| Failure::internal("a cookie's value is not fit for a header"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=b; __Host-rekey_session=xyz"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-rekey_csrf=c"));
        assert_eq!((read(&headers, SESSION), read(&headers, CSRF), read(&headers, "z")), (Some("xyz"), Some("c"), None));
    }

    #[test]
    fn a_value_cannot_add_attributes() {
        assert!(open_session("a; Domain=evil").is_err() && open_session("a\r\nb").is_err());
        assert!(open_session("Zm9v-_9").unwrap().to_str().unwrap().contains("Secure; HttpOnly; SameSite=Strict"));
    }
}
