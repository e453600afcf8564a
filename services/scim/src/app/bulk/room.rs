//! How much of what a process can do goes to bulk requests.

use rekey_kernel::{Failure, TenantId};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many operations of all bulk requests are under way at a time, at most: they must not crowd out what people wait for.
pub(super) const AT_A_TIME: usize = 8;
/// So many bulk requests are carried out at a time: each holds its operations in memory.
const REQUESTS: usize = 8;
/// So many of one tenant: the others need room too.
const OF_ONE_TENANT: usize = 4;

/// Who is carrying out how much.
#[derive(Clone)]
pub(super) struct Room {
    operations: Arc<Semaphore>,
    requests: Arc<Mutex<Vec<TenantId>>>,
}

/// A request that is carried out, until this is dropped.
pub(super) struct Seat {
    requests: Arc<Mutex<Vec<TenantId>>>,
    tenant: TenantId,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { operations: Arc::new(Semaphore::new(AT_A_TIME)), requests: Arc::default() }
    }

    /// # Errors
    /// 503 when there is no room for another request of this tenant.
    pub(super) fn enter(&self, tenant: TenantId) -> Result<Seat, Failure> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() >= REQUESTS || requests.iter().filter(|other| **other == tenant).count() >= OF_ONE_TENANT {
            return Err(Failure::unavailable("too many bulk requests are being carried out; ask again when one of them is done"));
        }
        requests.push(tenant);
        Ok(Seat { requests: Arc::clone(&self.requests), tenant })
    }

    /// Waits for the turn of an operation; those of all requests come in the order in which they asked.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.operations).acquire_owned().await.map_err(|_| Failure::unavailable("the service is stopping"))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = requests.iter().position(|other| *other == self.tenant) {
            requests.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::Kind;
    use uuid::Uuid;

    #[test]
    fn one_tenant_leaves_room_for_others_and_all_together_have_a_limit() {
        let (room, tenant) = (Room::new(), |n| TenantId::from_uuid(Uuid::from_u128(n)));
        let mut first: Vec<_> = (0..OF_ONE_TENANT).map(|_| room.enter(tenant(1)).unwrap()).collect();
        assert!(room.enter(tenant(1)).is_err_and(|failure| failure.is(Kind::Unavailable) && failure.retry_after.is_some()));
        let _others: Vec<_> = (0..REQUESTS - OF_ONE_TENANT).map(|_| room.enter(tenant(2)).unwrap()).collect();
        assert!(room.enter(tenant(3)).is_err());
        first.pop();
        assert!(room.enter(tenant(3)).is_ok());
        assert!(room.enter(tenant(1)).is_ok(), "the one before has left");
    }
}
