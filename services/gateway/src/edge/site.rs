//! Which tenant a request is for, and how its paths begin.

use axum::{extract::FromRequestParts, http::request::Parts};
use rekey_kernel::{Failure, TenantId};
use std::borrow::Cow;

use crate::{errors::Refusal, state::Gateway};

/// A tenant as its clients see it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The tenant. For a domain that is no tenant's it is an id that no tenant has: credentials and tokens then fail exactly as
    /// wrong ones do, after the same work.
    pub(crate) tenant: Option<TenantId>,
    /// Its domain.
    pub(crate) domain: Cow<'static, str>,
    /// What stands in front of its paths: `/t/{domain}`, or nothing for `default` when the client left it out.
    pub(crate) prefix: String,
}

impl Site {
    /// Is there such a tenant?
    pub(crate) const fn is_known(&self) -> bool {
        self.tenant.is_some()
    }

    /// The tenant, or the id that no tenant has.
    pub(crate) fn tenant_or_nobody(&self) -> TenantId {
        self.tenant.unwrap_or_else(nobody)
    }

    /// The tenant's id as it travels.
    pub(crate) fn tenant_id(&self) -> String {
        self.tenant_or_nobody().to_string()
    }

    /// A path of this tenant's, on this host.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// A whole URL of this tenant's, made from the configured base.
    pub(crate) fn url(&self, gateway: &Gateway, path: &str) -> String {
        [&gateway.config.base_path, &self.prefix, path].concat()
    }
}

fn nobody() -> TenantId {
    "ffffffff-ffff-ffff-ffff-ffffffffffff".parse().unwrap_or(TenantId::DEFAULT)
}

impl FromRequestParts<Gateway> for Site {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _gateway: &Gateway) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure::internal("the edge was not passed").into())
    }
}

/// Takes `/t/{tenant}` off a path.
pub(crate) fn split(path: &str) -> (Option<&str>, &str) {
    let Some(rest) = path.strip_prefix("/t/") else { return (None, path) };
    let end = rest.find('/').unwrap_or(rest.len());
    let (domain, below) = rest.split_at(end);
    match (domain.is_empty(), below.is_empty()) {
        (true, _) => (None, path),
        (false, true) => (Some(domain), "/"),
        (false, false) => (Some(domain), below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_is_taken_off_once() {
        assert_eq!(split("/scim2/Users"), (None, "/scim2/Users"));
        assert_eq!(split("/t/acme/scim2/Users"), (Some("acme"), "/scim2/Users"));
        assert_eq!(split("/t/acme"), (Some("acme"), "/"));
        assert_eq!(split("/t/a/t/b/api"), (Some("a"), "/t/b/api"));
        assert_eq!(split("/t//api"), (None, "/t//api"));
    }

    #[test]
    fn nobody_is_not_the_default_tenant() {
        assert_ne!(nobody(), TenantId::DEFAULT);
    }
}
