//! What a caller may do.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! scopes {
    ($($(#[$doc:meta])* $number:literal $name:ident = $text:literal,)*) => {
        /// A single permission, by the names of the followed product where it has them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope {
            $($(#[$doc])* $name = $number,)*
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            const fn bit(self) -> u32 {
                1 << self as u32
            }
        }
    };
}

// The number is the scope's place in a set on its way between services, which may be of different versions: it never changes, and
// none is given twice.
scopes! {
    /// Read and list users.
    0 UserView = "internal_user_mgt_view",
    /// Create users.
    1 UserCreate = "internal_user_mgt_create",
    /// Change users.
    2 UserUpdate = "internal_user_mgt_update",
    /// Delete users.
    3 UserDelete = "internal_user_mgt_delete",
    /// Read and list groups.
    4 GroupView = "internal_group_mgt_view",
    /// Create groups.
    5 GroupCreate = "internal_group_mgt_create",
    /// Change groups and their members.
    6 GroupUpdate = "internal_group_mgt_update",
    /// Delete groups.
    7 GroupDelete = "internal_group_mgt_delete",
    /// Give and take roles.
    8 RoleUpdate = "internal_role_mgt_update",
    /// List resets.
    9 ResetView = "internal_password_reset_view",
    /// Force a password reset.
    10 ResetForce = "internal_password_reset_force",
    /// Begin a reset anew.
    11 ResetResend = "internal_password_reset_resend",
    /// Take a reset back.
    12 ResetCancel = "internal_password_reset_cancel",
    /// Move a reset's expiry.
    13 ResetExtend = "internal_password_reset_extend",
    /// Read an offline code.
    14 OfflineCodeView = "internal_offline_code_view",
    /// Read governance connectors.
    15 IdpView = "internal_idp_view",
    /// Change governance connectors.
    16 IdpUpdate = "internal_idp_update",
    /// Read claim dialects.
    17 ClaimView = "internal_claim_meta_view",
    /// Change claims.
    18 ClaimUpdate = "internal_claim_meta_update",
    /// Read mail templates.
    19 EmailView = "internal_email_mgt_view",
    /// Change mail templates.
    20 EmailUpdate = "internal_email_mgt_update",
    /// Create, change and delete tenants; in the tenant `default` only.
    21 TenantManage = "internal_tenant_mgt",
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
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct Scopes(u32);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Is it in the set?
    pub const fn contains(&self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Is every scope of this set in the other as well?
    pub const fn is_subset(&self, other: &Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// In a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        Scope::ALL.iter().copied().filter(|scope| self.contains(*scope))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}

impl From<u32> for Scopes {
    /// Numbers that no scope of this version has are left out.
    fn from(numbers: u32) -> Self {
        Self(numbers & Self::all().0)
    }
}

impl From<Scopes> for u32 {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        set.extend(scopes);
        set
    }
}

impl Extend<Scope> for Scopes {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        scopes.into_iter().for_each(|scope| self.0 |= scope.bit());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_a_number_of_its_own() {
        assert_eq!(Scopes::all().iter().count(), Scope::ALL.len());
        assert!(Scope::ALL.iter().all(|scope| (*scope as u32) < u32::BITS));
    }

    #[test]
    fn a_set_knows_what_is_in_it() {
        let some: Scopes = [Scope::TenantManage, Scope::UserView].into_iter().collect();
        assert!(some.contains(Scope::UserView) && !some.contains(Scope::UserCreate));
        assert!(some.is_subset(&Scopes::all()) && !Scopes::all().is_subset(&some) && Scopes::default().is_subset(&some));
        assert_eq!(some.iter().collect::<Vec<_>>(), [Scope::UserView, Scope::TenantManage]);
    }

    #[test]
    fn what_a_later_version_adds_is_no_scope_here() {
        assert_eq!(Scopes::from(u32::MAX), Scopes::all());
        assert_eq!(Scopes::from((1 << 31) | 1), [Scope::UserView].into_iter().collect());
    }
}
