//! What PUT and PATCH have in common: from a user and its new profile to what becomes of it.

use rekey_kernel::{Caller, Failure};
use rekey_scim_protocol::{Object, Orders};

use super::{
    Users,
    change::{Done, Plan, done, recorded, unsettled},
    order::{check_roles, lock_order, taken_away},
};
use crate::{
    domain::{AccountChange, Intent, IntentKind, Manner, ResetOrder, User, profile},
    ports::Write,
};

/// A wanted change of a user that is there.
pub(super) struct Edit<'a> {
    pub(super) before: User,
    pub(super) profile: Object,
    pub(super) orders: &'a Orders,
    pub(super) manner: Manner,
    /// It is the trigger and nothing else: it may join one that is on its way.
    pub(super) alone: bool,
}

impl Users {
    /// Makes a change true. One that changes nothing leaves version and lastModified alone.
    pub(super) async fn edit(&self, caller: &Caller, edit: Edit<'_>) -> Result<Done, Failure> {
        let change = self.account_change(caller, &edit).await?;
        if change.is_nothing() && edit.profile == edit.before.profile {
            return Ok(Done::True(None));
        }
        if !change.is_nothing() {
            let unfinished = self.store.unfinished(caller.tenant, edit.before.id).await?;
            if let Some(order) = change.reset.as_ref().filter(|_| edit.alone)
                && let Some(intent) = unfinished.iter().rev().find(|intent| intent.is_trigger_under_way(&order.methods))
            {
                return self.join(caller, intent, order).await;
            }
            if !unfinished.is_empty() {
                self.settle(caller.tenant, edit.before.id).await.map_err(|failure| unsettled(&failure))?;
                return Ok(Done::Overtaken);
            }
        }
        self.carry_out(caller, self.plan(edit, change)).await
    }

    async fn account_change(&self, caller: &Caller, edit: &Edit<'_>) -> Result<AccountChange, Failure> {
        check_roles(caller, &edit.before.profile, &edit.profile)?;
        let mut change = AccountChange::between(&edit.before.profile, &edit.profile);
        change.locked = lock_order(caller, edit.orders, &edit.before.account, edit.manner)?;
        let address = profile::address(&edit.profile);
        self.with_orders(caller, change, edit.orders, address.as_ref()).await
    }

    fn plan(&self, edit: Edit<'_>, change: AccountChange) -> Plan {
        let Edit { before, profile, manner, .. } = edit;
        let (recipient, previous) = (profile::address(&profile), taken_away(&before.profile, &profile));
        let user = before.changed(profile, &change, self.clock.now());
        let kind = if manner == Manner::Replace { IntentKind::Replace } else { IntentKind::Patch };
        Plan { id: self.new_intent(), kind, tenant: before.tenant, write: Write::Update { user, expected: before.version }, change, recipient, previous }
    }

    /// Finishes a trigger that is on its way already instead of beginning another one. Whether this caller may do that is asked
    /// with a preparation that is dropped at once.
    async fn join(&self, caller: &Caller, intent: &Intent, order: &ResetOrder) -> Result<Done, Failure> {
        let probe = self.new_intent();
        let change = AccountChange { reset: Some(order.clone()), ..AccountChange::default() };
        self.prepare(caller, probe, intent.user, &change).await?;
        self.release(intent.tenant, probe).await;
        let applied = self.apply_up_to(intent).await.map_err(|failure| recorded(&failure))?;
        self.wake_relay.notify_one();
        done(applied)
    }
}
