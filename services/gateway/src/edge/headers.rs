//! The headers of every answer.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS},
};

use super::Surface;

/// No inline code, nothing of others, no frames.
static PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// Data is no page.
static DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

static COMMON: [(HeaderName, HeaderValue); 4] = [
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000")),
];

/// Adds them. Nothing is stored, but what says itself how long it may be.
pub(super) fn add(surface: Surface, headers: &mut HeaderMap) {
    headers.reserve(COMMON.len() + 2);
    for (name, value) in &COMMON {
        headers.insert(name, value.clone());
    }
    let policy = if surface == Surface::Page { &PAGES } else { &DATA };
    headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
