//! Who is calling.

use serde::{Deserialize, Serialize};

use crate::{Failure, Scope, Scopes, TenantId, UserId};

/// The person or service on whose behalf a call is made. The gateway makes it from a verified credential; services hand it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The tenant whose credential it was, and the only one the call may touch.
    pub tenant: TenantId,
    /// The account; absent for a service acting for itself.
    pub user: Option<UserId>,
    /// The account's login name, or the service's name: for audit rows and `initiator`.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The client's network address, for audit rows; empty when there is none.
    #[serde(default)]
    pub source: String,
}

impl Caller {
    /// A service of ours acting for itself: every scope, no account. Password policy does not bind it, so that a first
    /// administrator can be made.
    pub fn system(tenant: TenantId, service: &str) -> Self {
        Self { tenant, user: None, name: service.to_owned(), scopes: Scopes::all(), source: String::new() }
    }

    /// Is it a service acting for itself?
    pub const fn is_system(&self) -> bool {
        self.user.is_none()
    }

    /// # Errors
    /// `Forbidden`, naming the scope, when the caller lacks it.
    pub fn require(&self, scope: Scope) -> Result<(), Failure> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Failure::forbidden(format!("this needs the scope `{scope}`"))) }
    }

    /// # Errors
    /// `NotFound`, without a hint, when the tenant is not the caller's.
    pub fn within(&self, tenant: TenantId) -> Result<(), Failure> {
        if self.tenant == tenant { Ok(()) } else { Err(Failure::not_found("no such resource")) }
    }
}
