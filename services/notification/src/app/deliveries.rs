//! What became of the mails.

use rekey_kernel::{Caller, Failure, ResetId, Scope};
use std::sync::Arc;

use crate::{domain::job::Delivery, ports::Jobs};

/// The use cases about deliveries.
pub struct Deliveries {
    /// Where jobs are kept.
    pub jobs: Arc<dyn Jobs>,
}

impl Deliveries {
    /// The deliveries of the caller's tenant, of one reset or of all, newest first.
    ///
    /// # Errors
    /// `Forbidden` without the scope.
    pub async fn list(&self, caller: &Caller, reset: Option<ResetId>) -> Result<Vec<Delivery>, Failure> {
        caller.require(Scope::ResetView)?;
        self.jobs.list(caller.tenant, reset).await
    }
}
