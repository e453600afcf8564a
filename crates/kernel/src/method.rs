//! The ways back in after a forced reset.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

/// For so many minutes a tenant's resets are good by themselves, at most: 90 days. Time gives nobody more guesses: all its life a code has
/// five of them, of at least 2^40 codes, where NIST SP 800-63B asks of a random secret 20 bits and at most 100 wrong attempts. But each
/// day is one more on which a mail, or a note of what was read out on the telephone, may be found by somebody else: NIST ends a mailed
/// code after 24 hours, as is usual here too, and one that comes by post after a month. 90 days leave room for long absences; for a longer
/// one an administrator names the moment in that one order.
pub const LONGEST_RESET_MINUTES: u32 = 90 * 24 * 60;
/// See [`LONGEST_RESET_MINUTES`].
pub const LONGEST_RESET: Duration = Duration::from_mins(1).saturating_mul(LONGEST_RESET_MINUTES);

/// A way back in for a user whose password was reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A mailed link.
    Link,
    /// A mailed one-time code.
    Otp,
    /// A code that an administrator reads out.
    Offline,
}

impl Method {
    /// All of them, in the order in which people see them.
    pub const ALL: [Self; 3] = [Self::Link, Self::Otp, Self::Offline];

    /// `link`, `otp` or `offline`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Otp => "otp",
            Self::Offline => "offline",
        }
    }

    /// Its number in `rekey.common.v1.Method`.
    pub const fn number(self) -> i32 {
        match self {
            Self::Link => 1,
            Self::Otp => 2,
            Self::Offline => 3,
        }
    }

    /// The method of a number in `rekey.common.v1.Method`.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.number() == number)
    }

    /// Does it reach the user by mail?
    pub const fn is_mailed(self) -> bool {
        matches!(self, Self::Link | Self::Otp)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Method {
    type Err = ParseMethodError;

    fn from_str(text: &str) -> Result<Self, ParseMethodError> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| ParseMethodError(text.chars().take(100).collect()))
    }
}

/// The text names no method.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a reset method: use `link`, `otp` or `offline`")]
pub struct ParseMethodError(String);

/// A set of methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Methods(BTreeSet<Method>);

impl Methods {
    /// Is it in the set?
    pub fn contains(&self, method: Method) -> bool {
        self.0.contains(&method)
    }

    /// Is nothing in the set?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is any of them mailed?
    pub fn any_mailed(&self) -> bool {
        self.iter().any(Method::is_mailed)
    }

    /// Does any of them give a code (mailed or offline)?
    pub fn any_code(&self) -> bool {
        self.contains(Method::Otp) || self.contains(Method::Offline)
    }

    /// As in `rekey.common.v1.Method`; numbers that are not there are left out.
    pub fn from_numbers(numbers: &[i32]) -> Self {
        numbers.iter().filter_map(|number| Method::from_number(*number)).collect()
    }

    /// As in `rekey.common.v1.Method`.
    pub fn numbers(&self) -> Vec<i32> {
        self.iter().map(Method::number).collect()
    }

    /// In the order in which people see them.
    pub fn iter(&self) -> impl Iterator<Item = Method> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Method> for Methods {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        Self(methods.into_iter().collect())
    }
}

impl fmt::Display for Methods {
    /// `link, otp`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Method::as_str).collect();
        out.write_str(&names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_names_no_method_is_repeated_up_to_a_hundred_characters() {
        assert_eq!("pigeon".parse::<Method>().unwrap_err().to_string(), "`pigeon` is not a reset method: use `link`, `otp` or `offline`");
        let error = "ä".repeat(100_000).parse::<Method>().unwrap_err().to_string();
        assert_eq!(error.matches('ä').count(), 100);
    }
}
