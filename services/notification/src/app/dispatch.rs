//! Claiming what is due, and sending several mails at once.

use rekey_kernel::Clock;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::deliver::{Deliverer, LEASE};
use crate::{domain::job::Job, ports::Jobs};

/// Keeps as many mails on their way as are allowed at once.
pub struct Dispatcher {
    /// Where jobs are kept.
    pub jobs: Arc<dyn Jobs>,
    /// Sends one.
    pub deliverer: Arc<Deliverer>,
    /// How many at once.
    pub permits: Arc<Semaphore>,
    /// What is on its way.
    pub tasks: TaskTracker,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Notified whenever a mail is done, so that the next one is begun.
    pub wake: Arc<Notify>,
}

impl Dispatcher {
    /// Begins what is due, as far as there is room and the mail server works.
    pub async fn pass(&self) {
        loop {
            let mut permits = self.room();
            let now = self.clock.now();
            if permits.is_empty() {
                return;
            }
            let claimed = match self.jobs.claim(now, now.after(LEASE), permits.len()).await {
                Ok(claimed) => claimed,
                Err(failure) => return tracing::warn!(%failure, "the mail jobs cannot be read"),
            };
            if claimed.is_empty() {
                return;
            }
            for job in claimed {
                self.begin(job, permits.pop());
            }
        }
    }

    /// A permit for each mail that may be begun now.
    fn room(&self) -> Vec<OwnedSemaphorePermit> {
        let mut breaker = self.deliverer.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let admitted = breaker.admit(self.clock.now(), self.permits.available_permits());
        std::iter::from_fn(|| Arc::clone(&self.permits).try_acquire_owned().ok()).take(admitted).collect()
    }

    fn begin(&self, job: Job, permit: Option<OwnedSemaphorePermit>) {
        let deliverer = Arc::clone(&self.deliverer);
        let wake = Arc::clone(&self.wake);
        self.tasks.spawn(async move {
            deliverer.deliver(job).await;
            drop(permit);
            wake.notify_one();
        });
    }

    /// Waits for what is on its way.
    pub async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
