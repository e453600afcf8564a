//! What PUT and PATCH have in common: from a user and its new profile to what becomes of it.

use rekey_kernel::{Caller, Failure};
use rekey_scim_protocol::{Object, Orders};

use super::{
    Users,
    change::{Done, Plan, busy_database, done, recorded, unsettled, user_name_taken},
    order::{check_roles, lock_order, taken_away},
};
use crate::{
    domain::{AccountChange, Intent, IntentKind, Manner, ResetOrder, User, profile},
    ports::{CommitError, Write},
};

/// How far a change may go, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// As far as the caller's scopes let it.
    All,
    /// What people may write of themselves, whatever their scopes.
    Own,
}

/// A wanted change of a user that is there.
pub(super) struct Edit<'a> {
    pub(super) before: User,
    pub(super) profile: Object,
    pub(super) orders: &'a Orders,
    pub(super) manner: Manner,
    /// It is the trigger and nothing else: it may join one that is on its way.
    pub(super) alone: bool,
}

/// What became of it.
pub(super) enum Edited {
    /// It was none of authentication's business: the user as it is now.
    Profile(Box<User>),
    /// It was.
    Account(Done),
}

impl Users {
    /// Makes a change true. One that changes nothing leaves version and lastModified alone.
    pub(super) async fn edit(&self, caller: &Caller, edit: Edit<'_>) -> Result<Edited, Failure> {
        let change = self.account_change(caller, &edit).await?;
        match (change.is_nothing(), edit.profile == edit.before.profile) {
            (true, true) => Ok(Edited::Profile(Box::new(edit.before))),
            (true, false) => self.edit_profile(edit).await,
            (false, _) => self.edit_account(caller, edit, change).await.map(Edited::Account),
        }
    }

    async fn edit_profile(&self, edit: Edit<'_>) -> Result<Edited, Failure> {
        let user = edit.before.changed(edit.profile, &AccountChange::default(), self.clock.now());
        match self.store.commit(&Write::Update { user: user.clone(), before: Box::new(edit.before) }, None).await {
            Ok(()) => Ok(Edited::Profile(Box::new(user))),
            Err(CommitError::Overtaken) => Ok(Edited::Account(Done::Overtaken)),
            Err(CommitError::UserNameTaken) => Err(user_name_taken()),
            Err(CommitError::Refused(failure) | CommitError::Unknown(failure)) => Err(failure),
            Err(CommitError::Abandoned | CommitError::NoSuchMember(_)) => Err(busy_database()),
        }
    }

    async fn edit_account(&self, caller: &Caller, edit: Edit<'_>, change: AccountChange) -> Result<Done, Failure> {
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
        self.carry_out(caller, self.plan(edit, change)).await
    }

    async fn account_change(&self, caller: &Caller, edit: &Edit<'_>) -> Result<AccountChange, Failure> {
        check_roles(caller, &edit.before.profile, &edit.profile)?;
        let mut change = AccountChange::between(&edit.before.profile, &edit.profile);
        change.locked = lock_order(caller, edit.orders, &edit.before.account, edit.manner)?;
        self.with_orders(caller, change, edit.orders, &edit.profile).await
    }

    fn plan(&self, edit: Edit<'_>, change: AccountChange) -> Plan {
        let Edit { before, profile, manner, .. } = edit;
        let (recipient, previous) = (profile::address(&profile), taken_away(&before.profile, &profile));
        let user = before.changed(profile, &change, self.clock.now());
        let kind = if manner == Manner::Replace { IntentKind::Replace } else { IntentKind::Patch };
        Plan { id: self.new_intent(), kind, tenant: user.tenant, write: Write::Update { user, before: Box::new(before) }, change, recipient, previous }
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
        done(applied, None)
    }
}
