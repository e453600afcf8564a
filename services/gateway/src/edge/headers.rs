//! The headers of every answer.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS},
};

use super::Surface;

/// No inline code, nothing of others, no frames.
const PAGES: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                     frame-ancestors 'none'; base-uri 'none'";
/// Data is no page.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'";

const COMMON: [(HeaderName, &str); 4] =
    [(REFERRER_POLICY, "no-referrer"), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (X_FRAME_OPTIONS, "DENY"), (STRICT_TRANSPORT_SECURITY, "max-age=31536000")];

/// Adds them. Nothing is stored, but what says itself how long it may be.
pub(super) fn add(surface: Surface, headers: &mut HeaderMap) {
    for (name, value) in COMMON {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = if surface == Surface::Page { PAGES } else { DATA };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
