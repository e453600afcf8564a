//! What a caller may do.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A single permission, by the names of the followed product where it has them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

scopes! {
    /// Read and list users.
    UserView = "internal_user_mgt_view",
    /// Create users.
    UserCreate = "internal_user_mgt_create",
    /// Change users.
    UserUpdate = "internal_user_mgt_update",
    /// Delete users.
    UserDelete = "internal_user_mgt_delete",
    /// Read and list groups.
    GroupView = "internal_group_mgt_view",
    /// Create groups.
    GroupCreate = "internal_group_mgt_create",
    /// Change groups and their members.
    GroupUpdate = "internal_group_mgt_update",
    /// Delete groups.
    GroupDelete = "internal_group_mgt_delete",
    /// Give and take roles.
    RoleUpdate = "internal_role_mgt_update",
    /// List resets.
    ResetView = "internal_password_reset_view",
    /// Force a password reset.
    ResetForce = "internal_password_reset_force",
    /// Begin a reset anew.
    ResetResend = "internal_password_reset_resend",
    /// Take a reset back.
    ResetCancel = "internal_password_reset_cancel",
    /// Move a reset's expiry.
    ResetExtend = "internal_password_reset_extend",
    /// Read an offline code.
    OfflineCodeView = "internal_offline_code_view",
    /// Read governance connectors.
    IdpView = "internal_idp_view",
    /// Change governance connectors.
    IdpUpdate = "internal_idp_update",
    /// Read claim dialects.
    ClaimView = "internal_claim_meta_view",
    /// Change claims.
    ClaimUpdate = "internal_claim_meta_update",
    /// Read mail templates.
    EmailView = "internal_email_mgt_view",
    /// Change mail templates.
    EmailUpdate = "internal_email_mgt_update",
    /// Create, change and delete tenants; in the tenant `default` only.
    TenantManage = "internal_tenant_mgt",
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = ParseScopeError;

    fn from_str(text: &str) -> Result<Self, ParseScopeError> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or_else(|| ParseScopeError(text.to_owned()))
    }
}

/// The text names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct ParseScopeError(String);

/// A set of scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Is it in the set?
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Is every scope of this set in the other as well?
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// In a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl Extend<Scope> for Scopes {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        self.0.extend(scopes);
    }
}
