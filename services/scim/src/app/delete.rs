//! DELETE: the end of a user.

use rekey_kernel::{Caller, Failure, Scope, UserId};

use super::{
    ATTEMPTS, Users, busy,
    change::{Done, Plan, unsettled},
    pause, told, user_id,
};
use crate::{
    domain::{AccountChange, Conditions, IntentKind, etag},
    ports::Write,
};

impl Users {
    /// Deletes a user with its account.
    ///
    /// # Errors
    /// 403, 404, 412, 503.
    #[tracing::instrument(name = "scim.user.delete", skip_all, fields(tenant.id = %caller.tenant, user.id = told::<UserId>(id)))]
    pub async fn delete(&self, caller: &Caller, id: &str, conditions: impl Into<Conditions<'_>>) -> Result<(), Failure> {
        caller.require(Scope::UserDelete)?;
        let (id, conditions) = (user_id(id)?, conditions.into());
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            if let Done::True(_) = self.delete_once(caller, id, conditions).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    async fn delete_once(&self, caller: &Caller, id: UserId, conditions: Conditions<'_>) -> Result<Done, Failure> {
        let user = self.load(caller.tenant, id).await?;
        etag::check(conditions, user.version)?;
        if self.settle(caller.tenant, id).await.map_err(|failure| unsettled(&failure))? {
            return Ok(Done::Overtaken);
        }
        let write = Write::Delete { tenant: caller.tenant, user: id, expected: user.version, now: self.clock.now() };
        let change = AccountChange { delete: true, ..AccountChange::default() };
        self.carry_out(caller, Plan { id: self.new_intent(), kind: IntentKind::Delete, tenant: caller.tenant, write, change, recipient: None, previous: None })
            .await
    }
}
