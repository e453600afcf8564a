//! The built-in roles and what they allow.

use rekey_kernel::{Scope, Scopes, TenantId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A built-in role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything in its own tenant; in `default` also tenants.
    Admin,
    /// Reads users, forces, resends and cancels resets, reads offline codes.
    Helpdesk,
}

const HELPDESK: [Scope; 6] = [Scope::UserView, Scope::ResetView, Scope::ResetForce, Scope::ResetResend, Scope::ResetCancel, Scope::OfflineCodeView];

impl Role {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Admin, Self::Helpdesk];

    /// `admin` or `helpdesk`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Helpdesk => "helpdesk",
        }
    }

    /// The role of that name, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str().eq_ignore_ascii_case(name.trim()))
    }

    /// What it allows in that tenant.
    pub fn scopes(self, tenant: TenantId) -> Scopes {
        match self {
            Self::Admin => Scope::ALL.iter().copied().filter(|scope| *scope != Scope::TenantManage || tenant == TenantId::DEFAULT).collect(),
            Self::Helpdesk => HELPDESK.into_iter().collect(),
        }
    }
}

/// The set of roles that an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// The roles among these names; names that are not roles of ours are profile data and ignored.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().filter_map(Role::from_name).collect())
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their names in a fixed order.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|role| role.as_str().to_owned()).collect()
    }

    /// What they allow together in that tenant.
    pub fn scopes(&self, tenant: TenantId) -> Scopes {
        let mut scopes = Scopes::default();
        self.0.iter().for_each(|role| scopes.extend(role.scopes(tenant).iter()));
        scopes
    }

    /// The roles that one of both has and the other has not: those that a change gives or takes.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.symmetric_difference(&other.0).copied().collect())
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_administrators_of_the_default_tenant_manage_tenants() {
        let elsewhere = TenantId::from_uuid(uuid::Uuid::from_u128(5));
        assert!(Role::Admin.scopes(TenantId::DEFAULT).contains(Scope::TenantManage));
        assert!(!Role::Admin.scopes(elsewhere).contains(Scope::TenantManage));
    }

    #[test]
    fn a_help_desk_can_do_less_than_an_administrator() {
        let tenant = TenantId::DEFAULT;
        assert!(Role::Helpdesk.scopes(tenant).is_subset(&Role::Admin.scopes(tenant)));
        assert!(!Role::Admin.scopes(tenant).is_subset(&Role::Helpdesk.scopes(tenant)));
        assert!(!Role::Helpdesk.scopes(tenant).contains(Scope::UserUpdate));
    }

    #[test]
    fn names_that_are_not_roles_are_ignored() {
        assert_eq!(Roles::from_names(["Helpdesk", "gardener"]).names(), ["helpdesk"]);
        let gained = Roles::from_names(["admin"]).difference(&Roles::from_names(["admin", "helpdesk"]));
        assert_eq!(gained.names(), ["helpdesk"]);
    }
}
