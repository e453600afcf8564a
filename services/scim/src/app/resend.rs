//! A reset begun anew, with the old one's methods and reason.

use rekey_kernel::{Caller, Failure, ResetId, Scope};

use super::{
    ATTEMPTS, Users, busy,
    change::{Done, Plan, unsettled},
    pause, told,
};
use crate::{
    domain::{AccountChange, IntentKind, ResetOrder, profile, readiness},
    ports::{Resendable, Write},
};

impl Users {
    /// Begins a reset anew and returns the id of the new one. It goes to the address as it stands now.
    ///
    /// # Errors
    /// 400 when it cannot be carried out, 403, 404, 409 `reset_ended`, 503.
    #[tracing::instrument(name = "scim.reset.resend", skip_all, fields(tenant.id = %caller.tenant, reset.id = told::<ResetId>(reset)))]
    pub async fn resend(&self, caller: &Caller, reset: &str) -> Result<ResetId, Failure> {
        caller.require(Scope::ResetResend)?;
        let reset: ResetId = reset.parse().map_err(|_| Failure::not_found("there is no reset with this id"))?;
        let old = self.accounts.check_resend(caller, reset).await?;
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            if let Some(new) = self.resend_once(caller, reset, &old).await? {
                return Ok(new);
            }
        }
        Err(busy())
    }

    async fn resend_once(&self, caller: &Caller, reset: ResetId, old: &Resendable) -> Result<Option<ResetId>, Failure> {
        let user = self.load(caller.tenant, old.user).await?;
        if self.settle(caller.tenant, user.id).await.map_err(|failure| unsettled(&failure))? {
            return Ok(None);
        }
        let recipient = profile::reachable(&user.profile);
        let settings = self.settings.reset_settings(caller).await?;
        let methods = readiness::choose(&settings.enabled, Some(&old.methods), recipient.as_ref().map_err(|why| *why))?;
        let order = ResetOrder { methods, reason: old.reason.clone(), expires_at: None, validity: settings.validity, resend_of: Some(reset) };
        let change = AccountChange { reset: Some(order), ..AccountChange::default() };
        let write = Write::Update { user: user.changed(user.profile.clone(), &change, self.clock.now()), before: Box::new(user) };
        let id = self.new_intent();
        let plan = Plan { id, kind: IntentKind::Resend, tenant: caller.tenant, write, change, recipient: recipient.ok(), previous: None };
        match self.carry_out(caller, plan).await? {
            Done::True(_) => Ok(Some(id.into())),
            Done::Overtaken => Ok(None),
            Done::ResetEnded => Err(Failure::conflict("reset_ended", "the reset has ended in the meantime: there is nothing to send again")),
        }
    }
}
