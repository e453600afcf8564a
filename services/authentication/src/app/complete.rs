//! Redeeming a reset: proof first, then everything else.

use rekey_kernel::{Failure, Method, ResetId, Secret, TenantId, Timestamp, UserId};

use super::{
    Core,
    editing::Editing,
    failures::{invalid_token, link_ended, login_failed, policy},
    login::user,
};
use crate::{
    domain::{Account, CompletedBy, PasswordHash, PasswordPolicy, Reset, TokenHash, password},
    ports::Tx,
};

/// What lets a user set a new password.
#[derive(Clone, Debug)]
pub enum Proof {
    /// `{reset id}.{secret}`, from a link.
    Link(Secret),
    /// The token of a reset session, opened by a code.
    Session(Secret),
}

/// What a proof is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Whose password.
    pub user_name: String,
    /// Until when.
    pub expires_at: Timestamp,
    /// What the new password must be like.
    pub policy: PasswordPolicy,
}

/// A proof that was good a moment ago.
struct Proven {
    account: Account,
    reset: Reset,
    expires_at: Timestamp,
}

impl Core {
    /// What a link or a reset session may do; changes nothing.
    ///
    /// # Errors
    /// As [`Core::complete`].
    #[tracing::instrument(name = "authentication.reset.validate", skip_all, fields(tenant.id = %tenant))]
    pub async fn validate(&self, tenant: TenantId, proof: &Proof) -> Result<Invitation, Failure> {
        let proven = self.prove(tenant, proof).await?;
        let policy = self.deps.policies.password_policy(tenant).await?;
        Ok(Invitation { user_name: proven.account.login_name, expires_at: proven.expires_at, policy })
    }

    /// Sets the new password, once. What fails consumes nothing.
    ///
    /// # Errors
    /// `NotFound` (`invalid_token`) for a link that does not verify, `Gone` for a genuine one that ended, `Unauthenticated` for a dead
    /// session; then `Unprocessable` (`password_policy`) with every reason.
    #[tracing::instrument(name = "authentication.reset.complete", skip_all, fields(tenant.id = %tenant, reset.id = tracing::field::Empty))]
    pub async fn complete(&self, tenant: TenantId, proof: &Proof, new: &Secret, source: &str) -> Result<UserId, Failure> {
        let proven = self.prove(tenant, proof).await?;
        tracing::Span::current().record("reset.id", tracing::field::display(proven.reset.id));
        self.check_new_password(&proven, new).await?;
        let hash = self.deps.hasher.hash(&password::normalise(new)).await?;
        self.redeem(proof, &proven, hash, source).await
    }

    async fn check_new_password(&self, proven: &Proven, new: &Secret) -> Result<(), Failure> {
        let demanded = self.deps.policies.password_policy(proven.account.tenant).await?;
        let mut violations = demanded.violations(new, &proven.account.login_name);
        violations.extend(self.reuse(&demanded, new, &proven.account).await?);
        policy(violations)
    }

    /// One transaction: whoever comes first wins.
    async fn redeem(&self, proof: &Proof, proven: &Proven, hash: PasswordHash, source: &str) -> Result<UserId, Failure> {
        let tx = self.deps.store.begin().await?;
        let ended = || proof.ended(&proven.reset);
        let account = tx.lock_account(proven.account.tenant, proven.account.id).await?.ok_or_else(ended)?;
        let actor = user(&account, source);
        let mut editing = Editing::new(self, tx.as_ref(), &actor, account).await?;
        if !editing.blocking_is(proven.reset.id).is_some_and(Reset::is_pending) {
            return Err(self.ended_now(tx.as_ref(), proof, &proven.reset).await?);
        }
        if !self.session_lives(tx.as_ref(), proof, proven).await? {
            return Err(login_failed());
        }
        editing.complete(CompletedBy::User).await?;
        editing.set_password(hash).await?;
        editing.forgive().await?;
        editing.revoke("password_reset_completed").await?;
        let account = editing.save().await?.account;
        tx.commit().await?;
        Ok(account.id)
    }

    /// Somebody was faster: what is told depends on how.
    async fn ended_now(&self, tx: &dyn Tx, proof: &Proof, reset: &Reset) -> Result<Failure, Failure> {
        let present = tx.reset(reset.tenant, reset.id).await?.map(|reset| reset.at(self.now()));
        Ok(proof.ended(present.as_ref().unwrap_or(reset)))
    }

    async fn session_lives(&self, tx: &dyn Tx, proof: &Proof, proven: &Proven) -> Result<bool, Failure> {
        let Proof::Session(token) = proof else { return Ok(true) };
        let session = tx.reset_session(proven.reset.tenant, &TokenHash::of(token.expose())).await?;
        Ok(session.is_some_and(|session| self.now() < session.expires_at))
    }

    async fn prove(&self, tenant: TenantId, proof: &Proof) -> Result<Proven, Failure> {
        match proof {
            Proof::Link(token) => self.prove_link(tenant, token).await,
            Proof::Session(token) => self.prove_session(tenant, token).await,
        }
    }

    async fn prove_link(&self, tenant: TenantId, token: &Secret) -> Result<Proven, Failure> {
        let (id, secret) = token.expose().split_once('.').ok_or_else(invalid_token)?;
        let id: ResetId = id.parse().map_err(|_| invalid_token())?;
        let reset = self.deps.store.reset(tenant, id).await?.ok_or_else(invalid_token)?;
        if !self.deps.keys.link_matches(&reset, secret) || !reset.methods.contains(Method::Link) {
            return Err(invalid_token());
        }
        let reset = reset.at(self.now());
        let account = self.deps.store.account(tenant, reset.user).await?.filter(|account| account.blocking == Some(reset.id) && reset.is_pending());
        let account = account.ok_or_else(|| link_ended(&reset))?;
        let expires_at = reset.expires_at;
        Ok(Proven { account, reset, expires_at })
    }

    async fn prove_session(&self, tenant: TenantId, token: &Secret) -> Result<Proven, Failure> {
        let now = self.now();
        let session = self.deps.store.reset_session(tenant, &TokenHash::of(token.expose())).await?;
        let session = session.filter(|session| now < session.expires_at).ok_or_else(login_failed)?;
        let reset = self.deps.store.reset(tenant, session.reset).await?.map(|reset| reset.at(now)).filter(Reset::is_pending).ok_or_else(login_failed)?;
        let account = self.deps.store.account(tenant, reset.user).await?.filter(|account| account.blocking == Some(reset.id)).ok_or_else(login_failed)?;
        Ok(Proven { account, expires_at: session.expires_at.min(reset.expires_at), reset })
    }
}

impl Proof {
    /// 410 is for links; a session is dead for whatever reason.
    fn ended(&self, reset: &Reset) -> Failure {
        match self {
            Self::Link(_) => link_ended(reset),
            Self::Session(_) => login_failed(),
        }
    }
}
