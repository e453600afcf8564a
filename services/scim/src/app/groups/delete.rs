//! DELETE: the end of a group. Its members live on.

use rekey_kernel::{Caller, Failure, GroupId, Scope};

use super::{Groups, group_id, refused};
use crate::{
    app::{ATTEMPTS, busy, pause, told},
    domain::{Conditions, etag},
    ports::GroupWrite,
};

impl Groups {
    /// Deletes a group.
    ///
    /// # Errors
    /// 403, 404, 412, 503.
    #[tracing::instrument(name = "scim.group.delete", skip_all, fields(tenant.id = %caller.tenant, group.id = told::<GroupId>(id)))]
    pub async fn delete(&self, caller: &Caller, id: &str, conditions: impl Into<Conditions<'_>>) -> Result<(), Failure> {
        caller.require(Scope::GroupDelete)?;
        let (id, conditions) = (group_id(id)?, conditions.into());
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            let group = self.load(caller.tenant, id).await?;
            etag::check(conditions, group.version)?;
            let write = GroupWrite::Delete { tenant: caller.tenant, group: id, expected: Some(group.version), now: self.clock.now() };
            match self.store.commit(&write).await {
                Ok(_) => return Ok(()),
                Err(error) => refused(error)?,
            }
        }
        Err(busy())
    }
}
