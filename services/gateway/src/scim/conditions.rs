//! Conditional requests (RFC 9110 §13): on which versions the client insists. Those of a change go to scim with it; those of a read are
//! kept here, where the version that is read is known.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{IF_MATCH, IF_NONE_MATCH},
        request::Parts,
    },
    response::Response,
};
use bytes::Bytes;
use rekey_kernel::{Failure, Kind};
use rekey_proto::scim::v1::Resource;
use rekey_scim_protocol::etag::{Tag, tags};

use super::resource;
use crate::{errors::Refusal, state::Gateway};

/// The headers as the client wrote them; empty where it did not.
pub(super) struct Conditions {
    pub(super) if_match: String,
    pub(super) if_none_match: String,
}

impl FromRequestParts<Gateway> for Conditions {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _gateway: &Gateway) -> Result<Self, Refusal> {
        Ok(Self { if_match: lines(&parts.headers, IF_MATCH), if_none_match: lines(&parts.headers, IF_NONE_MATCH) })
    }
}

/// All lines of this name. A tag may hold bytes that are no text (RFC 9110 §8.8.3): it is one that nothing has, and not none.
fn lines(headers: &HeaderMap, name: HeaderName) -> String {
    let lines: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    lines.join(", ")
}

impl Conditions {
    /// The answer to a read (RFC 9110 §13.2.2): 304 for a client that has this version already.
    ///
    /// # Errors
    /// `PreconditionFailed` for one that insists on another.
    pub(super) fn answer(&self, found: Resource) -> Result<Response, Refusal> {
        if !self.if_match.trim().is_empty() && !insists_on(&self.if_match, &found.version) {
            let detail = format!("the version is {} by now, not the one of If-Match: read without it", found.version);
            return Err(Failure::new(Kind::PreconditionFailed, "versionMismatch", detail).into());
        }
        if !knows(&self.if_none_match, &found.version) {
            return Ok(resource(StatusCode::OK, found));
        }
        Ok(resource(StatusCode::NOT_MODIFIED, Resource { json: Bytes::new(), ..found }))
    }
}

/// If-None-Match compares weakly (RFC 9110 §13.1.2).
fn knows(list: &str, version: &str) -> bool {
    tags(version).any(|version| tags(list).any(|tag| tag == Tag::Any || tag == version))
}

/// As on a change: what stands behind the dot of a tag follows from elsewhere and counts for nothing.
fn insists_on(list: &str, version: &str) -> bool {
    tags(version).any(|version| tags(list).any(|tag| tag == Tag::Any || tag.own() == version.own()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn versions_are_compared_weakly() {
        assert!(knows("W/\"1\", \"3\"", "W/\"3\""));
        assert!(knows("*", "W/\"3\""));
        assert!(!knows("W/\"2\"", "W/\"3\"") && !knows("", "W/\"3\""));
        assert!(!knows("\"x,3\"", "W/\"3\"") && !knows("\"*\"", "W/\"3\"") && !insists_on("\"x,3\", \"*\"", "W/\"3\""));
    }

    #[test]
    fn what_follows_from_elsewhere_is_news_but_no_other_version() {
        assert!(!knows("W/\"3.00000000\"", "W/\"3.11111111\""));
        for tag in ["W/\"3.00000000\"", "W/\"3\"", "\"3\"", "W/\"1\", W/\"3\"", "*"] {
            assert!(insists_on(tag, "W/\"3.11111111\""), "{tag}");
        }
        assert!(!insists_on("W/\"2.11111111\"", "W/\"3.11111111\"") && !insists_on("", "W/\"3\""));
    }

    #[test]
    fn a_tag_that_is_no_text_is_one_that_nothing_has() {
        let mut headers = HeaderMap::new();
        headers.append(IF_MATCH, HeaderValue::from_bytes(b"\"\xff\"").unwrap());
        assert!(!lines(&headers, IF_MATCH).is_empty() && !insists_on(&lines(&headers, IF_MATCH), "W/\"3\""));
        headers.append(IF_MATCH, HeaderValue::from_static("\"3\""));
        assert!(insists_on(&lines(&headers, IF_MATCH), "W/\"3\""));
        assert_eq!(lines(&headers, IF_NONE_MATCH), "");
    }
}
