//! Failures as HTTP: one table from kind and reason to a status, and the three formats that they are written in.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use rekey_kernel::{Failure, Kind};
use rekey_scim_protocol::ScimError;
use serde_json::{Value, json};
use std::{error::Error, sync::Arc};

/// What clients are told of a defect of ours: nothing of its cause.
const DEFECT: &str = "something went wrong on our side; it has been logged";
/// The challenge of a 401 (RFC 7617).
const CHALLENGE: &str = r#"Basic realm="Rekey", charset="UTF-8""#;
/// The values of `scimType` (RFC 7644 table 9, RFC 9865 §2.1).
const SCIM_TYPES: [&str; 13] = [
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
];

/// A failure on its way to the client. It becomes a response without a body; the edge writes the body, since the edge knows the
/// format.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    failure: Arc<Failure>,
}

/// The table.
const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Gone => StatusCode::GONE,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { status: status(failure.kind), failure: Arc::new(failure) }
    }
}

/// What the protocol's own code refuses to read: the client's mistake.
impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Failure::invalid(error.scim_type.unwrap_or_else(|| "invalidSyntax".to_owned()), error.detail).into()
    }
}

impl Refusal {
    /// 405; the router adds `Allow`.
    pub(crate) fn method_not_allowed() -> Self {
        let failure = Failure::invalid("method_not_allowed", "this method is not for this path; the header `Allow` says which are");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, failure: Arc::new(failure) }
    }

    /// 415.
    pub(crate) fn unsupported_media_type(expected: &str) -> Self {
        let failure = Failure::invalid("unsupported_media_type", format!("a body of type {expected} is expected"));
        Self { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, failure: Arc::new(failure) }
    }

    /// Its status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What the client may read.
    pub(crate) fn detail(&self) -> &str {
        if self.failure.is(Kind::Internal) { DEFECT } else { &self.failure.detail }
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.failure.is(Kind::Unavailable) {
            let seconds = self.failure.retry_after.map_or(1, |after| after.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Logs a defect, once, under the id that the client is told.
pub(crate) fn log(refusal: &Refusal, trace: &str) {
    if refusal.failure.is(Kind::Internal) {
        let cause = refusal.failure.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(trace, cause, "{}", refusal.failure);
    }
}

/// RFC 9457 problem details, for `/api`.
pub(crate) fn problem(refusal: &Refusal, trace: &str) -> (HeaderMap, String) {
    let mut body = json!({
        "type": "about:blank", "title": refusal.title(), "status": refusal.status.as_u16(),
        "detail": refusal.detail(), "code": refusal.failure.reason,
    });
    if refusal.status == StatusCode::UNPROCESSABLE_ENTITY {
        let each = |it: &rekey_kernel::Violation| json!({ "reason": it.reason, "detail": it.detail });
        body["violations"] = refusal.failure.violations.iter().map(each).collect();
    }
    if refusal.status.is_server_error() {
        body["traceId"] = Value::from(trace);
    }
    written("application/problem+json", &body)
}

/// RFC 7644 §3.12, for `/scim2`.
pub(crate) fn scim(refusal: &Refusal) -> (HeaderMap, String) {
    let mut error = ScimError::new(refusal.status.as_u16(), refusal.detail());
    error.scim_type = SCIM_TYPES.contains(&&*refusal.failure.reason).then(|| refusal.failure.reason.to_string());
    written("application/scim+json", &error.to_json())
}

/// As the followed product writes them, for `/api/server/v1`.
pub(crate) fn server(refusal: &Refusal, trace: &str) -> (HeaderMap, String) {
    let body = json!({ "code": refusal.failure.reason, "message": refusal.title(), "description": refusal.detail(), "traceId": trace });
    written("application/json", &body)
}

fn written(content_type: &'static str, body: &Value) -> (HeaderMap, String) {
    (HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]), body.to_string())
}

/// The header that goes with a 401 where HTTP Basic is a way in.
pub(crate) fn challenge(headers: &mut HeaderMap) {
    headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::Violation;
    use std::{collections::BTreeSet, time::Duration};

    fn parsed((_, body): (HeaderMap, String)) -> Value {
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn every_kind_has_a_status_of_its_own() {
        let statuses: BTreeSet<_> = Kind::ALL.into_iter().map(|kind| status(kind).as_u16()).collect();
        assert_eq!(statuses, BTreeSet::from([400, 401, 403, 404, 409, 410, 412, 413, 422, 500, 503]));
    }

    #[test]
    fn a_problem_tells_every_violation() {
        let violations = vec![Violation { reason: "too_short".into(), detail: "use at least 15 characters".into() }];
        let refusal = Failure::unprocessable("password_policy", "the password is refused", violations).into();
        let body = parsed(problem(&refusal, "t"));
        assert_eq!((&body["status"], &body["code"], &body["violations"][0]["reason"]), (&json!(422), &json!("password_policy"), &json!("too_short")));
    }

    #[test]
    fn scim_errors_carry_known_types_only() {
        let body = parsed(scim(&Failure::invalid("invalidFilter", "no").into()));
        assert_eq!((&body["status"], &body["scimType"]), (&json!("400"), &json!("invalidFilter")));
        assert_eq!(parsed(scim(&Failure::not_found("no").into())).get("scimType"), None);
    }

    #[test]
    fn the_followed_products_errors_have_its_four_members() {
        let body = parsed(server(&Failure::invalid("IDG-50013", "no such value").into(), "t"));
        assert_eq!(body, json!({"code": "IDG-50013", "message": "Bad Request", "description": "no such value", "traceId": "t"}));
    }

    #[test]
    fn nothing_of_a_defect_is_told() {
        let refusal = Refusal::from(Failure::internal("the table users is broken"));
        for body in [problem(&refusal, "t").1, scim(&refusal).1, server(&refusal, "t").1] {
            assert!(!body.contains("table users"), "{body}");
        }
    }

    #[test]
    fn unavailable_says_when_to_ask_again() {
        let mut failure = Failure::unavailable("busy");
        failure.retry_after = Some(Duration::from_secs(7));
        assert_eq!(Refusal::from(failure).into_response().headers()[RETRY_AFTER], "7");
    }
}
