//! The use cases.

mod apply;
mod codes;
mod complete;
mod editing;
mod failures;
mod lists;
mod login;
mod prepare;
mod privilege;
mod resets;
mod states;
mod sweep;
mod verify;

pub use apply::Applied;
pub use complete::{Invitation, Proof};
pub use failures::{LOGIN_FAILED, login_failed};
pub use lists::{List, Page};
pub use login::{Attempt, LoggedIn, Opened};
pub use resets::Revealed;
pub use states::Projection;
pub use verify::Identity;

use rekey_kernel::{Clock, Failure, Random, TenantId, Timestamp};
use std::sync::Arc;

use crate::{
    domain::{KeyRing, NameKey},
    ports::{Hasher, Intents, Policies, Store},
};
use verify::Verified;

/// What the use cases work with.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub hasher: Arc<dyn Hasher>,
    /// What tenants have decided.
    pub policies: Arc<dyn Policies>,
    /// The service that commits intents.
    pub intents: Arc<dyn Intents>,
    /// The keys that secrets are derived with.
    pub keys: KeyRing,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// Every use case of this service.
pub struct Core {
    deps: Deps,
    names: NameKey,
    verified: Verified,
}

impl Core {
    /// # Errors
    /// When the key ring is empty.
    pub fn new(deps: Deps) -> Result<Self, Failure> {
        let names = deps.keys.name_key().ok_or_else(|| Failure::internal("there is no derivation key"))?;
        let verified = Verified::new(deps.random.as_ref())?;
        Ok(Self { deps, names, verified })
    }

    fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// The key under which failed logins of a folded name are counted.
    fn counter(&self, tenant: TenantId, folded: &str) -> [u8; 32] {
        self.names.mac(&[tenant.as_uuid().as_bytes(), folded.as_bytes()])
    }
}
