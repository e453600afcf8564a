//! Tenants and their domains.

use rekey_kernel::{Failure, TenantId, Timestamp};
use std::{fmt, str::FromStr};

/// The domain of the tenant that exists from the first start.
pub const DEFAULT_DOMAIN: &str = "default";
/// The name of that tenant until an administrator gives another: it stands in mails.
pub const DEFAULT_NAME: &str = "Rekey";

/// Domains that would be mistaken for something else in a path or a host name.
const RESERVED: [&str; 16] =
    ["admin", "api", "carbon", "console", "dev", "forgot", "localhost", "login", "myaccount", "o", "rekey", "reset", "scim2", "system", "t", "www"];
const LONGEST_DOMAIN: usize = 253;
const LONGEST_NAME: usize = 200;

/// What stands behind `/t/` in a tenant's paths: lower-case DNS labels of 1 to 63 characters, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantDomain(String);

impl TenantDomain {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it the domain of the tenant that exists from the first start?
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT_DOMAIN
    }
}

impl FromStr for TenantDomain {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        if text.len() > LONGEST_DOMAIN || !text.split('.').all(is_label) {
            let rule = "a tenant's domain consists of lower-case letters, digits and inner hyphens, in labels of 1 to 63 characters joined by dots";
            return Err(Failure::invalid("invalid_domain", rule));
        }
        if RESERVED.contains(&text) {
            return Err(Failure::invalid("reserved_domain", format!("`{text}` is reserved: choose another domain")));
        }
        Ok(Self(text.to_owned()))
    }
}

fn is_label(label: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&label.len()) && label.chars().all(legal) && !label.starts_with('-') && !label.ends_with('-')
}

impl fmt::Display for TenantDomain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A tenant's name for people: 1 to 200 characters in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantName(String);

impl TenantName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantName {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(Failure::invalid("invalid_name", "a tenant's name has 1 to 200 characters in one line")) }
    }
}

/// Where a tenant stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantState {
    /// Its first administrator is being made; nobody can reach it yet.
    Creating,
    /// In use.
    Active,
    /// What it owns is being removed; nobody can reach it any more.
    Deleting,
}

impl TenantState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Creating, Self::Active, Self::Deleting];

    /// A stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Deleting => "deleting",
        }
    }
}

/// An organisation with users, options and templates of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// It never changes.
    pub id: TenantId,
    /// In paths.
    pub domain: TenantDomain,
    /// For people.
    pub name: TenantName,
    /// Where it stands.
    pub state: TenantState,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Counts the requests that tried to create it: only the last of them may finish.
    pub attempt: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_lower_case_dns_labels() {
        for good in ["default", "acme", "a", "acme.example.com", "a-1.b", &"x".repeat(63)] {
            assert!(good.parse::<TenantDomain>().is_ok(), "{good}");
        }
        for bad in ["", "Acme", "a b", ".a", "a.", "a..b", "-a", "a-", "ü", "a/b", "a_b", &"x".repeat(64), "www", "scim2", "../x", &"a.".repeat(200)] {
            assert!(bad.parse::<TenantDomain>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!("  Acme Inc. ".parse::<TenantName>().unwrap().as_str(), "Acme Inc.");
        for bad in ["", "  ", "a\r\nb", &"x".repeat(201)] {
            assert!(bad.parse::<TenantName>().is_err(), "{bad:?}");
        }
    }
}
