//! The one way of every change: prepare in authentication, commit here, apply in authentication.

use rekey_kernel::{Caller, EmailAddress, Failure, IntentId, Kind, TenantId, Timestamp, UserId, crash};

use super::Users;
use crate::{
    domain::{AccountChange, Applied, Intent, IntentKind, IntentReset, Live, Outcome, Progress, User},
    ports::{CommitError, Finished, NOT_PREPARED, Write},
};

/// A change that has been decided on. No earlier one of the user is unfinished: the version that it replaces was read before that was
/// asked, so any that came since has overtaken it.
pub(super) struct Plan {
    pub(super) id: IntentId,
    pub(super) kind: IntentKind,
    pub(super) tenant: TenantId,
    pub(super) write: Write,
    pub(super) change: AccountChange,
    /// Where the mail of its reset goes, should that be mailed.
    pub(super) recipient: Option<EmailAddress>,
    /// The address that it takes away.
    pub(super) previous: Option<EmailAddress>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Done {
    /// It is true.
    True(After),
    /// A resend whose old reset had ended.
    ResetEnded,
    /// The user has another version by now: look again.
    Overtaken,
}

/// How a change that is true leaves the user.
#[derive(Debug)]
pub(super) struct After {
    /// The user, where that is known; else it has to be read.
    pub(super) user: Option<Box<User>>,
    /// The account, as authentication says; `None` when it is gone.
    pub(super) live: Option<Box<Live>>,
}

impl Plan {
    fn intent(&self, caller: &Caller, now: Timestamp) -> Intent {
        let reset = self.change.reset.as_ref().map(|order| IntentReset {
            methods: order.methods.clone(),
            reason: order.reason.clone(),
            recipient: self.recipient.clone().filter(|_| order.methods.any_mailed()),
            previous: self.previous.clone(),
        });
        Intent {
            id: self.id,
            tenant: self.tenant,
            user: self.write.user(),
            version: self.write.version(),
            kind: self.kind,
            initiator: caller.name.clone(),
            created: now,
            reset,
            progress: Progress::Unfinished,
        }
    }
}

impl Users {
    /// Carries out a plan. After the commit it will happen whatever fails: then the failure is 503.
    #[tracing::instrument(name = "scim.intent.carry_out", skip_all, fields(tenant.id = %plan.tenant, user.id = %plan.write.user(), intent.id = %plan.id, reset = plan.change.reset.is_some()))]
    pub(super) async fn carry_out(&self, caller: &Caller, plan: Plan) -> Result<Done, Failure> {
        let intent = plan.intent(caller, self.clock.now());
        self.prepare(caller, intent.id, intent.user, &plan.change).await?;
        crash_at(&intent, "scim.trigger.prepared");
        if !self.commit(&plan.write, &intent).await? {
            return Ok(Done::Overtaken);
        }
        crash_at(&intent, "scim.trigger.committed");
        let (applied, user) = self.apply(&intent, plan.write.stored()).await.map_err(|failure| recorded(&failure))?;
        self.wake_relay_for([&intent]);
        done(applied, user)
    }

    /// What has no reset in it has nothing to announce.
    fn wake_relay_for<'a>(&self, applied: impl IntoIterator<Item = &'a Intent>) {
        if applied.into_iter().any(|intent| intent.reset.is_some()) {
            self.wake_relay.notify_one();
        }
    }

    pub(super) fn new_intent(&self) -> IntentId {
        IntentId::new(self.clock.now(), self.random.as_ref())
    }

    pub(super) async fn prepare(&self, caller: &Caller, id: IntentId, user: UserId, change: &AccountChange) -> Result<(), Failure> {
        let Err(failure) = self.accounts.prepare(caller, id, user, change).await else { return Ok(()) };
        if failure.is(Kind::Unavailable) {
            // It may be held all the same, and with it a login name.
            self.release(caller.tenant, id).await;
        }
        Err(as_scim(failure))
    }

    /// True when it is committed, false when another change was quicker.
    async fn commit(&self, write: &Write, intent: &Intent) -> Result<bool, Failure> {
        let error = match self.store.commit(write, Some(intent)).await {
            Ok(()) => return Ok(true),
            Err(CommitError::Unknown(failure)) => return self.resolve_doubt(intent, failure).await,
            Err(certain) => certain,
        };
        self.release(intent.tenant, intent.id).await;
        match error {
            CommitError::Overtaken => Ok(false),
            CommitError::UserNameTaken => Err(user_name_taken()),
            CommitError::Refused(failure) => Err(failure),
            CommitError::Abandoned | CommitError::NoSuchMember(_) | CommitError::Unknown(_) => Err(busy_database()),
        }
    }

    /// The database failed in the middle of a commit: either it has happened, or now it never will. When even that cannot be
    /// found out, authentication will ask later.
    async fn resolve_doubt(&self, intent: &Intent, failure: Failure) -> Result<bool, Failure> {
        match self.store.resolve(intent.tenant, intent.id, self.clock.now()).await {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.release(intent.tenant, intent.id).await;
                Err(failure)
            }
            Err(_) => Err(busy_database().because(failure)),
        }
    }

    pub(super) async fn release(&self, tenant: TenantId, id: IntentId) {
        if let Err(failure) = self.accounts.release(tenant, id).await {
            tracing::warn!(intent.id = %id, %failure, "a preparation could not be released; it will be asked after");
        }
    }

    /// Applies an intent, and before it all earlier ones of the same user: none is skipped.
    pub(super) async fn apply_up_to(&self, intent: &Intent) -> Result<Applied, Failure> {
        for earlier in self.store.unfinished(intent.tenant, intent.user).await? {
            if earlier.version < intent.version {
                self.apply(&earlier, None).await?;
            }
        }
        Ok(self.apply(intent, None).await?.0)
    }

    /// Applies all that is unfinished of a user. True when there was something.
    pub(super) async fn settle(&self, tenant: TenantId, user: UserId) -> Result<bool, Failure> {
        let unfinished = self.store.unfinished(tenant, user).await?;
        for intent in &unfinished {
            self.apply(intent, None).await?;
        }
        self.wake_relay_for(&unfinished);
        Ok(!unfinished.is_empty())
    }

    /// `committed`: the user as it was written with the intent, for whoever knows it. The user as it is then, if nobody changed it since.
    #[tracing::instrument(name = "scim.intent.apply", skip_all, fields(tenant.id = %intent.tenant, user.id = %intent.user, intent.id = %intent.id))]
    async fn apply(&self, intent: &Intent, committed: Option<&User>) -> Result<(Applied, Option<User>), Failure> {
        let applied = match self.accounts.apply(intent.tenant, intent.id).await {
            Err(failure) if failure.is(Kind::NotFound) && failure.reason == NOT_PREPARED => self.without(intent).await?,
            answer => answer?,
        };
        crash_at(intent, "scim.trigger.applied");
        let Finished { first, user } = self.store.finish(intent, committed, &applied, self.clock.now()).await?;
        if first && applied.outcome == Outcome::Lost {
            let (kind, reset) = (intent.kind.as_str(), intent.reset.is_some());
            tracing::error!(user.id = %intent.user, intent.id = %intent.id, kind, reset, "a committed change is lost: authentication knows nothing of it; it must be made again");
        }
        Ok((applied, user))
    }

    /// A lost intent is given up, so that it does not block the user's later changes for ever.
    async fn without(&self, intent: &Intent) -> Result<Applied, Failure> {
        let live = self.accounts.states(intent.tenant, &[intent.user]).await?.into_iter().next();
        Ok(Applied::lost(live))
    }
}

fn crash_at(intent: &Intent, name: &str) {
    if intent.reset.is_some() {
        crash::point(name);
    }
}

pub(super) fn done(applied: Applied, user: Option<User>) -> Result<Done, Failure> {
    match applied.outcome {
        Outcome::ResetEnded => Ok(Done::ResetEnded),
        Outcome::Applied | Outcome::AccountGone => Ok(Done::True(After { user: user.map(Box::new), live: applied.live.map(Box::new) })),
        Outcome::Lost => Err(Failure::unavailable("the change was lost before it came into force; make it again")),
    }
}

/// A committed change that could not be applied at once.
pub(super) fn recorded(failure: &Failure) -> Failure {
    tracing::warn!(%failure, "a committed change is left to the reconciler");
    Failure::unavailable("the change is recorded and will be carried out, but is not in force yet; ask again")
}

/// Earlier changes of the same user have to be in force first.
pub(super) fn unsettled(failure: &Failure) -> Failure {
    tracing::warn!(%failure, "earlier changes of a user could not be applied");
    Failure::unavailable("an earlier change of this user is still being carried out; nothing was changed; ask again")
}

/// SCIM has no 422: a password policy is a matter of the value, with all reasons at once.
fn as_scim(mut failure: Failure) -> Failure {
    match failure.kind {
        Kind::Unprocessable => {
            let reasons: Vec<_> = failure.violations.iter().map(|violation| violation.detail.as_str()).collect();
            if !reasons.is_empty() {
                failure.detail = format!("the password is refused: {}", reasons.join("; "));
            }
            failure.kind = Kind::Invalid;
            failure.reason = "invalidValue".into();
        }
        Kind::Conflict => failure.reason = "uniqueness".into(),
        _ => {}
    }
    failure
}

pub(super) fn user_name_taken() -> Failure {
    Failure::conflict("uniqueness", "another user of this tenant has this `userName`; letter case makes no difference")
}

pub(super) fn busy_database() -> Failure {
    Failure::unavailable("the change could not be stored; ask again")
}
