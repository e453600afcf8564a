//! One account inside one transaction, and everything that can happen to it.

use rekey_kernel::{Failure, ResetId, Timestamp};

use super::{Core, Projection, failures::reset_ended};
use crate::{
    domain::{Account, Action, Actor, AuditEntry, CompletedBy, Event, PasswordHash, Reset, ResetOrder, State, StateName, secrets::SALT_LENGTH},
    ports::Tx,
};

/// An account that this transaction has locked. [`Editing::save`] writes it back with a higher revision.
pub(super) struct Editing<'a> {
    pub(super) core: &'a Core,
    pub(super) tx: &'a dyn Tx,
    pub(super) actor: &'a Actor,
    pub(super) now: Timestamp,
    pub(super) account: Account,
    /// Where the reset in the way stands in the database, and how it stands by the clock.
    blocking: Option<(StateName, Reset)>,
    revoked: bool,
    /// It has no row yet: saving makes one.
    is_new: bool,
}

impl<'a> Editing<'a> {
    pub(super) async fn new(core: &'a Core, tx: &'a dyn Tx, actor: &'a Actor, account: Account) -> Result<Self, Failure> {
        let now = core.now();
        let stored = match account.blocking {
            Some(id) => tx.reset(account.tenant, id).await?,
            None => None,
        };
        let blocking = stored.map(|reset| (reset.state.name(), reset.at(now)));
        Ok(Self { core, tx, actor, now, account, blocking, revoked: false, is_new: false })
    }

    /// An account that this transaction makes.
    pub(super) fn of_new(core: &'a Core, tx: &'a dyn Tx, actor: &'a Actor, account: Account) -> Self {
        Self { core, tx, actor, now: core.now(), account, blocking: None, revoked: false, is_new: true }
    }

    /// The reset in the way, as it stands by the clock.
    pub(super) fn blocking(&self) -> Option<&Reset> {
        self.blocking.as_ref().map(|(_, reset)| reset)
    }

    /// The reset in the way, if it is this one.
    pub(super) fn blocking_is(&self, id: ResetId) -> Option<&Reset> {
        self.blocking().filter(|reset| reset.id == id)
    }

    /// Writes down what was done.
    pub(super) async fn record(&self, action: Action, reset: Option<ResetId>) -> Result<(), Failure> {
        let (tenant, subject) = (self.account.tenant, self.account.id);
        let entry = AuditEntry { tenant, actor: self.actor.clone(), action, subject, reset, at: self.now, result: "done" };
        self.tx.audit(&entry).await
    }

    /// All sessions are dead from the commit on.
    pub(super) async fn revoke(&mut self, reason: &'static str) -> Result<(), Failure> {
        if self.revoked {
            return Ok(());
        }
        self.revoked = true;
        let (tenant, user) = (self.account.tenant, self.account.id);
        self.tx.delete_sessions(tenant, user).await?;
        self.tx.publish(&Event::SessionRevoked { tenant, user, reason, at: self.now }).await
    }

    /// Another password; the old one is remembered.
    pub(super) async fn set_password(&mut self, hash: PasswordHash) -> Result<(), Failure> {
        if let Some(former) = &self.account.password {
            self.tx.remember_password(&self.account, former, self.now).await?;
        }
        self.account = self.account.clone().with_password(hash);
        Ok(())
    }

    /// Failed logins so far do not count any more.
    pub(super) async fn forgive(&self) -> Result<(), Failure> {
        let key = self.core.counter(self.account.tenant, &self.account.folded_name());
        self.tx.clear_attempts(&key).await
    }

    /// The reset in the way becomes this; one that no longer stands as it was read is left alone.
    async fn turn_into(&mut self, next: &Reset) -> Result<(), Failure> {
        let from = self.blocking.as_ref().map_or(StateName::Pending, |(stored, _)| *stored);
        if !self.tx.save_reset(next, from).await? {
            return Err(Failure::unavailable("the password reset changed in between; ask again"));
        }
        if !next.state.blocks() {
            self.account.blocking = None;
        }
        self.blocking = next.state.blocks().then(|| (next.state.name(), next.clone()));
        Ok(())
    }

    /// A new password is set: the reset in the way, if any, is completed.
    pub(super) async fn complete(&mut self, by: CompletedBy) -> Result<(), Failure> {
        let Some(reset) = self.blocking().cloned() else { return Ok(()) };
        let done = reset.complete(by, self.now).map_err(reset_ended)?;
        self.turn_into(&done).await?;
        self.record(Action::ResetCompleted, Some(done.id)).await?;
        self.tx.publish(&Event::Completed(done, by, self.now)).await
    }

    /// The reset in the way, if any, is taken back: the old password is good again.
    pub(super) async fn cancel(&mut self) -> Result<(), Failure> {
        let Some(reset) = self.blocking().cloned() else { return Ok(()) };
        let cancelled = reset.cancel(self.now).map_err(reset_ended)?;
        self.turn_into(&cancelled).await?;
        self.record(Action::ResetCancelled, Some(cancelled.id)).await?;
        self.tx.publish(&Event::Cancelled(cancelled, self.now)).await
    }

    /// The time of the reset in the way has run out: from now on everybody can read it.
    pub(super) async fn expire(&mut self) -> Result<(), Failure> {
        let Some((StateName::Pending, reset)) = self.blocking.clone() else { return Ok(()) };
        if !matches!(reset.state, State::Expired { .. }) {
            return Ok(());
        }
        self.turn_into(&reset).await?;
        self.record(Action::ResetExpired, Some(reset.id)).await?;
        tracing::warn!(reset.id = %reset.id, user.id = %reset.user, "a password reset expired unused; the account stays locked");
        self.tx.publish(&Event::Expired(reset, self.now)).await
    }

    /// The reset in the way has no way in left, unless a session of it lives.
    pub(super) async fn exhaust(&mut self) -> Result<(), Failure> {
        let Some(reset) = self.blocking().cloned() else { return Ok(()) };
        let has_session = self.tx.has_reset_session(reset.id, self.now).await?;
        let Ok(exhausted) = reset.exhaust(has_session, self.now) else { return Ok(()) };
        self.turn_into(&exhausted).await?;
        self.record(Action::ResetExhausted, Some(exhausted.id)).await?;
        tracing::warn!(reset.id = %exhausted.id, user.id = %exhausted.user, "a password reset has no way in left; the account stays locked");
        self.tx.publish(&Event::Exhausted(exhausted, self.now)).await
    }

    /// The pending reset is good until another time.
    pub(super) async fn extend(&mut self, expires_at: Timestamp) -> Result<(), Failure> {
        let Some(reset) = self.blocking().cloned() else { return Ok(()) };
        let extended = reset.extend(expires_at).map_err(reset_ended)?;
        self.turn_into(&extended).await?;
        self.record(Action::ResetExtended, Some(extended.id)).await
    }

    /// A new reset is in the way: the password and all sessions are dead from the commit on.
    pub(super) async fn begin(&mut self, id: ResetId, order: &ResetOrder) -> Result<(), Failure> {
        if let Some(older) = self.blocking().cloned() {
            let superseded = older.supersede(self.now).map_err(reset_ended)?;
            self.turn_into(&superseded).await?;
            self.record(Action::ResetSuperseded, Some(superseded.id)).await?;
        }
        self.account.epoch += 1;
        let reset = self.new_reset(id, order);
        self.tx.insert_reset(&reset).await?;
        self.account.blocking = Some(id);
        self.blocking = Some((StateName::Pending, reset));
        self.record(Action::ResetBegun, Some(id)).await?;
        self.revoke("password_reset").await
    }

    fn new_reset(&self, id: ResetId, order: &ResetOrder) -> Reset {
        let mut salt = vec![0; SALT_LENGTH];
        self.core.deps.random.fill(&mut salt);
        Reset {
            id,
            tenant: self.account.tenant,
            user: self.account.id,
            methods: order.methods.clone(),
            reason: order.reason.clone(),
            initiator: self.actor.name.clone(),
            epoch: self.account.epoch,
            salt,
            kid: self.core.deps.keys.current().to_owned(),
            created_at: self.now,
            sent_at: None,
            expires_at: order.expiry(self.now),
            guesses_used: 0,
            state: State::Pending,
        }
    }

    /// Writes the account back, with a higher revision, and tells how it stands then.
    pub(super) async fn save(mut self) -> Result<Projection, Failure> {
        self.account.revision += 1;
        if self.is_new {
            self.tx.insert_account(&self.account).await?;
        } else {
            self.tx.save_account(&self.account).await?;
        }
        Ok(self.unchanged())
    }

    /// How it stands, where nothing was changed.
    pub(super) fn unchanged(self) -> Projection {
        Projection { account: self.account, reset: self.blocking.map(|(_, reset)| reset) }
    }
}
