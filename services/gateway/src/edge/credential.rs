//! Who is calling: HTTP Basic or the session's cookie, checked by authentication each time.

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, header::AUTHORIZATION, request::Parts},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use rekey_kernel::{Caller, Failure, Kind, Secret, Timestamp, UserId};
use rekey_proto::authentication::v1::{Identity, VerifyPasswordRequest, VerifySessionRequest};
use std::net::SocketAddr;

use super::{Site, together::Key};
use crate::{clients::Answer, cookies, errors::Refusal, state::Gateway};

/// The longest name and password, in bytes, that are looked at; longer ones are wrong.
const LONGEST_NAME: usize = 1024;
const LONGEST_PASSWORD: usize = 1024;
/// The longest `Authorization` header: both, in base64.
const LONGEST_HEADER: usize = 4096;
/// Padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Somebody whose credential was good.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// Who, and what they may do.
    pub(crate) caller: Caller,
    /// Until when their session lives; absent for a password.
    pub(crate) expires_at: Option<Timestamp>,
    /// The session; absent for a password.
    pub(crate) session: Option<Secret>,
}

impl FromRequestParts<Gateway> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _gateway: &Gateway) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthenticated().into())
    }
}

fn unauthenticated() -> Failure {
    Failure::unauthenticated("unauthenticated", "valid credentials are needed")
}

/// Could these be a name and a password at all?
pub(crate) fn fits(name: &str, password: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_NAME && !password.is_empty() && password.len() <= LONGEST_PASSWORD
}

/// The network address of the other end.
pub(crate) fn source(extensions: &Extensions) -> String {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical().to_string()).unwrap_or_default()
}

/// # Errors
/// `Unauthenticated` unless the request carries a right name and password.
pub(super) async fn basic(gateway: &Gateway, site: &Site, parts: &Parts) -> Result<SignedIn, Failure> {
    let (header, name, password) = basic_credential(&parts.headers).ok_or_else(unauthenticated)?;
    let source = source(&parts.extensions);
    let key = Key { tenant: site.tenant_or_nobody(), credential: header.clone(), source: source.clone() };
    let answer = gateway.together.ask(key, || verify_password(gateway, site, &name, &password, &source)).await;
    signed_in(site, answer.map_err(as_unauthenticated)?, source, None)
}

async fn verify_password(gateway: &Gateway, site: &Site, name: &str, password: &Secret, source: &str) -> Result<Identity, Failure> {
    let (password, source_address) = (password.expose().to_owned(), source.to_owned());
    let question = VerifyPasswordRequest { tenant_id: site.tenant_id(), user_name: name.to_owned(), password, source_address };
    gateway.clients.authentication().verify_password(question).await.answer()
}

/// # Errors
/// `Unauthenticated` unless the request carries a right name and password or, without any, a live session.
pub(super) async fn basic_or_session(gateway: &Gateway, site: &Site, parts: &Parts) -> Result<SignedIn, Failure> {
    if parts.headers.contains_key(AUTHORIZATION) {
        return basic(gateway, site, parts).await;
    }
    session(gateway, site, parts).await?.ok_or_else(unauthenticated)
}

/// Who the session's cookie belongs to; nobody when it is dead, unknown or of another tenant.
///
/// # Errors
/// `Unavailable` when that cannot be found out.
pub(super) async fn session(gateway: &Gateway, site: &Site, parts: &Parts) -> Result<Option<SignedIn>, Failure> {
    let Some(token) = cookies::read(&parts.headers, cookies::SESSION) else { return Ok(None) };
    let question = VerifySessionRequest { tenant_id: site.tenant_id(), token: token.to_owned() };
    match gateway.clients.authentication().verify_session(question).await.answer().map_err(as_unauthenticated) {
        Ok(identity) => signed_in(site, identity, source(&parts.extensions), Some(Secret::new(token))).map(Some),
        Err(failure) if failure.is(Kind::Unauthenticated) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whatever is wrong with a credential is told alike; only "ask again" and defects stay what they are.
fn as_unauthenticated(failure: Failure) -> Failure {
    if matches!(failure.kind, Kind::Unavailable | Kind::Internal) { failure } else { unauthenticated() }
}

fn signed_in(site: &Site, identity: Identity, source: String, session: Option<Secret>) -> Result<SignedIn, Failure> {
    let user: UserId = identity.user_id.parse().map_err(|error| Failure::internal("authentication names a user by no id").because(error))?;
    let scopes = identity.scopes.into();
    let caller = Caller { tenant: site.tenant.ok_or_else(unauthenticated)?, user: Some(user), name: identity.user_name, scopes, source };
    let expires_at = (identity.expires_at != 0).then(|| Timestamp::from_micros(identity.expires_at));
    Ok(SignedIn { caller, expires_at, session })
}

/// Reads `Authorization: Basic` (RFC 7617): the header, and the name and password in it. Anything else, and anything broken, is no
/// credential.
fn basic_credential(headers: &HeaderMap) -> Option<(&HeaderValue, String, Secret)> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|value| value.len() <= LONGEST_HEADER)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    let decoded = BASE64.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, password) = text.split_once(':')?;
    (fits(name, password) && !text.contains(char::is_control)).then(|| (value, name.to_owned(), Secret::new(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        basic_credential(&headers).map(|(_, name, password)| (name, password.expose().to_owned()))
    }

    #[test]
    fn a_name_and_a_password_are_read() {
        let admin = Some(("admin".to_owned(), "ad:min".to_owned()));
        assert_eq!(read(b"Basic YWRtaW46YWQ6bWlu"), admin);
        assert_eq!(read(b"bASIC  YWRtaW46YWQ6bWlu"), admin);
        assert_eq!(read(b"Basic YTpi"), Some(("a".into(), "b".into())));
    }

    #[test]
    fn anything_broken_is_no_credential() {
        let long = format!("Basic {}", BASE64.encode("a".repeat(4000)));
        let broken: [&[u8]; 9] = [b"", b"Basic", b"Basic ", b"Basic !!!", b"Basic YWRtaW4=", b"Bearer YTpi", b"Basic /w==", b"Basic OmI=", long.as_bytes()];
        for value in broken {
            assert_eq!(read(value), None, "{}", String::from_utf8_lossy(value));
        }
        let control = format!("Basic {}", BASE64.encode("a:b\0"));
        assert_eq!(read(control.as_bytes()), None);
    }

    #[test]
    fn two_credentials_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        assert!(basic_credential(&headers).is_none());
    }
}
