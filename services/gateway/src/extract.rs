//! What handlers take out of a request. Each refuses in one sentence what it cannot read.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
};
use rekey_kernel::{Failure, Kind, Timestamp};
use rekey_scim_protocol::json;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    num::{IntErrorKind, ParseIntError},
    str::FromStr,
};

use crate::{edge, errors::Refusal, state::Gateway};

/// A path's variable parts. Those that are not UTF-8 name nothing.
pub(crate) struct Segments<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Gateway> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refusal> {
        let found = Path::<T>::from_request_parts(parts, gateway).await;
        found.map(|Path(segments)| Self(segments)).map_err(|_| Failure::not_found("there is nothing at this path").into())
    }
}

/// A query's parameters.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// The first of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first of this name, as text; empty when it is not there.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// The first of this name, as something else.
    ///
    /// # Errors
    /// `Invalid` with reason `invalidValue`, naming the parameter.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let refuse = |_| Failure::invalid("invalidValue", format!("the parameter `{name}` cannot be read"));
        self.get(name).filter(|text| !text.is_empty()).map(|text| text.trim().parse().map_err(refuse)).transpose()
    }

    /// The first of this name, as a whole number; what is too large for us becomes as large as can be, and what is too small as small.
    ///
    /// # Errors
    /// As [`parsed`](Self::parsed).
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Failure> {
        Ok(self.parsed::<Saturating>(name)?.map(|Saturating(number)| number))
    }
}

struct Saturating(i64);

impl FromStr for Saturating {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        // A number that is too large is told before what stands behind it.
        let is_number = text.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
        text.parse().map(Self).or_else(|error: ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow if is_number => Ok(Self(i64::MAX)),
            IntErrorKind::NegOverflow if is_number => Ok(Self(i64::MIN)),
            _ => Err(error),
        })
    }
}

impl FromRequestParts<Gateway> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _gateway: &Gateway) -> Result<Self, Refusal> {
        let read = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        read.map(|Query(pairs)| Self(pairs)).map_err(|_| Failure::invalid("invalidValue", "the query cannot be read").into())
    }
}

/// A JSON body. An empty one counts as `{}` where everything in it may be left out.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Gateway> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Refusal> {
        check_type(request.headers(), &["application/json"])?;
        let body = bytes(request, gateway).await?;
        let body = if body.is_empty() { &b"{}"[..] } else { &body };
        // The whole body is read, what nobody asks for too: no name twice, nothing deep, nothing that is not text.
        let members = json::object(body).map_err(|error| Failure::invalid("invalid_json", error.detail))?;
        let read = serde_json::from_value(Value::Object(members));
        // serde_json says what was expected. It may quote a value of the wrong type, which the client itself sent.
        read.map(Self).map_err(|error| Failure::invalid("invalid_json", format!("the body cannot be read: {error}")).into())
    }
}

/// A SCIM body as it came: scim reads it.
pub(crate) struct ScimBody(pub(crate) Bytes);

impl FromRequest<Gateway> for ScimBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, gateway: &Gateway) -> Result<Self, Refusal> {
        check_type(request.headers(), &["application/scim+json", "application/json"])?;
        let body = bytes(request, gateway).await?;
        let missing = || Failure::invalid("invalidSyntax", "this request needs a body: one JSON object");
        if body.is_empty() { Err(missing().into()) } else { Ok(Self(body)) }
    }
}

/// The network address of the other end.
pub(crate) struct Source(pub(crate) String);

impl FromRequestParts<Gateway> for Source {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _gateway: &Gateway) -> Result<Self, Refusal> {
        Ok(Self(edge::source(&parts.extensions)))
    }
}

async fn bytes(request: Request, gateway: &Gateway) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, gateway).await.map_err(|rejection: BytesRejection| unreadable(rejection.status()))
}

/// A body that did not arrive whole.
pub(crate) fn unreadable(status: StatusCode) -> Refusal {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::new(Kind::TooLarge, "too_large", "the body is larger than 1 MiB (1048576 bytes)").into();
    }
    Failure::invalid("unreadable_body", "the body did not arrive whole").into()
}

/// A body without a type is taken for what is expected.
fn check_type(headers: &HeaderMap, accepted: &[&str]) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if accepted.iter().any(|it| it.eq_ignore_ascii_case(essence)) { Ok(()) } else { Err(Refusal::unsupported_media_type(&accepted.join(" or "))) }
}

/// A point in time as it stands in JSON; zero stands for none.
pub(crate) fn time(micros: i64) -> Option<String> {
    (micros != 0).then(|| Timestamp::from_micros(micros).to_rfc3339())
}
