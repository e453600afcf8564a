//! Passwords: how they are compared, and which are refused.

use rekey_kernel::{Secret, Violation, text::fold};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

use super::blocklist;

/// No longer input is looked at, whatever the policy says.
const MAX_BYTES: usize = 4_096;
/// What a password must have beside the user's own name.
const BESIDE_NAME: usize = 8;
/// Shorter names are too common a part of words.
const MIN_NAME: usize = 4;

/// A hashed password, as a PHC string. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the PHC string in.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

/// The form in which passwords are hashed and compared: NFKC, so that a keyboard's way of writing an accent does not matter. Input
/// that is too long to be any password stays as it is, and so does ASCII, which has one form only.
pub fn normalise(password: &Secret) -> Secret {
    if password.expose().len() > MAX_BYTES || password.expose().is_ascii() {
        return password.clone();
    }
    Secret::new(password.expose().nfkc().collect::<String>())
}

/// What a tenant demands of passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// At least so many characters.
    pub min_length: u32,
    /// At most so many.
    pub max_length: u32,
    /// So many former passwords are refused.
    pub history: u32,
    /// Are well-known passwords refused?
    pub blocklist: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 15, max_length: 128, history: 0, blocklist: true }
    }
}

impl PasswordPolicy {
    /// Everything that speaks against this password, at once; former passwords are not known here.
    pub fn violations(&self, password: &Secret, login_name: &str) -> Vec<Violation> {
        if password.expose().len() > MAX_BYTES {
            return vec![self.too_long()];
        }
        let password = normalise(password);
        let text = password.expose();
        let length = text.chars().count();
        let common = self.blocklist && blocklist::is_common(text);
        [
            (length < size(self.min_length)).then(|| self.too_short()),
            (length > size(self.max_length)).then(|| self.too_long()),
            common.then(|| violation("common", "This password, or the pattern it follows, is well known to attackers.")),
            is_made_of_name(text, login_name).then(|| violation("contains_user_name", "Do not make the password out of the user name.")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How many former passwords are looked at, beside the present one.
    pub fn former(&self) -> usize {
        size(self.history)
    }

    fn too_short(&self) -> Violation {
        violation("too_short", format!("Use at least {} characters.", self.min_length))
    }

    fn too_long(&self) -> Violation {
        violation("too_long", format!("Use at most {} characters.", self.max_length))
    }
}

/// It was used before.
pub fn reused() -> Violation {
    violation("reused", "This password was used before. Choose another one.")
}

fn violation(reason: &str, detail: impl Into<String>) -> Violation {
    Violation { reason: reason.to_owned(), detail: detail.into() }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Is it the name, or the name with little beside it?
fn is_made_of_name(password: &str, login_name: &str) -> bool {
    let (password, name) = (fold(password), fold(login_name));
    let local = name.split('@').next().unwrap_or_default();
    let made_of = |name: &str| {
        let long_enough = name.chars().count() >= MIN_NAME && password.contains(name);
        long_enough && password.replace(name, "").chars().count() < BESIDE_NAME
    };
    (!name.is_empty() && password == name) || made_of(&name) || made_of(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reasons(password: &str) -> Vec<String> {
        let policy = PasswordPolicy { max_length: 20, ..PasswordPolicy::default() };
        policy.violations(&Secret::new(password), "margaret@example.com").into_iter().map(|it| it.reason).collect()
    }

    #[test]
    fn all_reasons_are_told_at_once() {
        assert_eq!(reasons("password"), ["too_short", "common"]);
        assert_eq!(reasons("Margaret1"), ["too_short", "contains_user_name"]);
        assert_eq!(reasons("margaret@example.com"), ["contains_user_name"]);
        assert!(reasons("a fine long phrase").is_empty());
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(reasons("ÄÖÜäöüßéèêëñçãõå").is_empty());
        assert_eq!(reasons("a phrase that is longer than the limit"), ["too_long"]);
        assert_eq!(reasons(&"x".repeat(1_000_000)), ["too_long"]);
    }

    #[test]
    fn ways_of_writing_an_accent_do_not_matter() {
        assert_eq!(normalise(&Secret::new("e\u{301}")).expose(), normalise(&Secret::new("\u{e9}")).expose());
        let ascii: String = ('\0'..='\u{7f}').collect();
        assert_eq!(normalise(&Secret::new(ascii.clone())).expose(), ascii.nfkc().collect::<String>());
    }

    proptest! {
        #[test]
        fn no_password_panics(password in ".*", name in ".*") {
            let _ = PasswordPolicy::default().violations(&Secret::new(password), &name);
        }
    }
}
