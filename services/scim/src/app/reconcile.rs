//! What makes sure that a committed change happens, and that projections follow, whatever died on the way.

use rekey_kernel::{Failure, TenantId, UserId};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::Mutex;

use super::Users;

/// How long a request is left alone with its own intent.
const GRACE: Duration = Duration::from_secs(1);
/// How many users are looked at in one pass.
const BATCH: u64 = 256;

/// Applies intents that were left unfinished, and refreshes projections that show a reset in the way.
pub struct Reconciler {
    users: Arc<Users>,
    /// The last user whose projection was looked at; before the first pass nothing was.
    place: Mutex<Place>,
}

#[derive(Default)]
struct Place {
    started: bool,
    after: Option<UserId>,
}

impl Reconciler {
    /// A reconciler that has not run yet: its first pass leaves nothing out.
    pub fn new(users: Arc<Users>) -> Self {
        Self { users, place: Mutex::default() }
    }

    /// One pass over what is unfinished and over one batch of projections.
    pub async fn pass(&self) {
        let mut place = self.place.lock().await;
        let grace = if place.started { GRACE } else { Duration::ZERO };
        place.started = true;
        if let Err(failure) = self.finish(grace).await {
            tracing::warn!(%failure, "unfinished changes have to wait");
        }
        match self.refresh(place.after).await {
            Ok(after) => place.after = after,
            Err(failure) => tracing::warn!(%failure, "projections could not be refreshed"),
        }
    }

    async fn finish(&self, grace: Duration) -> Result<(), Failure> {
        // A microsecond more: what was made at this very moment is included.
        let before = self.users.clock.now().before(grace).after(Duration::from_micros(1));
        for (tenant, user) in self.users.store.waiting(before, BATCH).await? {
            if let Err(failure) = self.users.settle(tenant, user).await {
                tracing::warn!(user.id = %user, %failure, "a change of a user has to wait");
            }
        }
        Ok(())
    }

    /// Where to go on; from the beginning after the last.
    async fn refresh(&self, after: Option<UserId>) -> Result<Option<UserId>, Failure> {
        let pending = self.users.store.pending(after, BATCH).await?;
        let mut by_tenant: BTreeMap<TenantId, Vec<UserId>> = BTreeMap::new();
        for (tenant, user) in &pending {
            by_tenant.entry(*tenant).or_default().push(*user);
        }
        for (tenant, users) in by_tenant {
            self.users.refresh(tenant, &users).await?;
        }
        Ok(pending.last().map(|(_, user)| *user).filter(|_| pending.len() as u64 >= BATCH))
    }
}
