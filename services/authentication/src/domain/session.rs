//! Sessions: of a logged-in user, and those that can do nothing but set a password.

use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::{Random, ResetId, Secret, TenantId, Timestamp, UserId};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a session lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(8);
/// How long a reset session lasts.
pub const RESET_SESSION_LIFETIME: Duration = Duration::from_mins(10);

/// What is stored of a session's token: enough to know it again, not enough to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(pub Vec<u8>);

impl TokenHash {
    /// Of a token as it was given.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).to_vec())
    }
}

/// A new token: 256 random bits.
pub fn new_token(random: &dyn Random) -> Secret {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    Secret::new(BASE64URL_NOPAD.encode(&bytes))
}

/// A logged-in user's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Of its token.
    pub hash: TokenHash,
    /// The only tenant in which it is good.
    pub tenant: TenantId,
    /// Whose.
    pub user: UserId,
    /// The account's credential version when it was opened; of another one it is dead.
    pub credential_version: u64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Good for nothing but setting the new password of one reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetSession {
    /// Of its token.
    pub hash: TokenHash,
    /// The only tenant in which it is good.
    pub tenant: TenantId,
    /// Whose.
    pub user: UserId,
    /// The reset that it redeems.
    pub reset: ResetId,
    /// When it ends.
    pub expires_at: Timestamp,
}
