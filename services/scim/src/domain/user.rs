//! A user.

use rekey_kernel::{TenantId, Timestamp, UserId};
use rekey_scim_protocol::Object;

use super::{Account, AccountChange, Membership};

/// A user: a profile, and a projection of the account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its id, alike in authentication.
    pub id: UserId,
    /// Its tenant.
    pub tenant: TenantId,
    /// What clients wrote: canonical names, nothing read-only, no secret.
    pub profile: Object,
    /// Grows with every change that a client could see.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// The account's state.
    pub account: Account,
    /// The groups that it belongs to, those that list it first. Read with the user, never written with it.
    pub groups: Vec<Membership>,
}

impl User {
    /// The next version: with this profile, and the account as the change will make it.
    #[must_use]
    pub fn changed(&self, profile: Object, change: &AccountChange, now: Timestamp) -> Self {
        Self {
            id: self.id,
            tenant: self.tenant,
            profile,
            version: self.version + 1,
            created: self.created,
            modified: now,
            account: self.account.after(change),
            groups: self.groups.clone(),
        }
    }
}
