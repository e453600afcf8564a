//! E-mail addresses.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An address that a mail can be sent to (RFC 5321 §4.1.2, without quoted local parts and address literals): no spaces, no
/// line breaks, one `@`, a domain with letters, digits, hyphens and dots, at most 254 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = ParseEmailError;

    fn from_str(text: &str) -> Result<Self, ParseEmailError> {
        let (local, domain) = text.rsplit_once('@').ok_or(ParseEmailError)?;
        let fits = text.len() <= 254 && is_local_part(local) && is_domain(domain);
        if fits { Ok(Self(text.to_owned())) } else { Err(ParseEmailError) }
    }
}

fn is_local_part(local: &str) -> bool {
    let atom = |c: char| !c.is_ascii() && !c.is_control() && !c.is_whitespace() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    !local.is_empty() && local.len() <= 64 && local.chars().all(atom) && local.split('.').all(|atom| !atom.is_empty())
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    idna::domain_to_ascii(domain).is_ok_and(|ascii| ascii.split('.').all(label))
}

impl TryFrom<String> for EmailAddress {
    type Error = ParseEmailError;

    fn try_from(text: String) -> Result<Self, ParseEmailError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The text is no address that a mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: something like `alice@example.com` is expected")]
pub struct ParseEmailError;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_addresses_are_taken_and_broken_ones_are_not() {
        for good in ["alice@example.com", "a.b+c@localhost", "ü@exämple.org"] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good}");
        }
        for bad in ["", "alice", "@example.com", "alice@", "a b@example.com", "a@b\r\nBcc: c@d", "a..b@example.com", "a@-b.com", "<a@b.com>"] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_address_carries_a_line_break(text in ".*") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert!(!address.as_str().contains(['\r', '\n', ' ']));
            }
        }
    }
}
