//! Logging in: with a password, or with a one-time code of a live reset.
//!
//! Whatever fails costs the same: the same reads, one password hash, one row committed.

use rekey_kernel::{Failure, Secret, TenantId, Timestamp, UserId, text::fold};

use super::{Core, failures::login_failed};
use crate::{
    domain::{
        Account, Action, Actor, Attempts, AuditEntry, Code, Reset, Session, TokenHash, password,
        session::{SESSION_LIFETIME, new_token},
    },
    ports::Tx,
};

/// Somebody tries to get in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Where.
    pub tenant: TenantId,
    /// As whom.
    pub user_name: String,
    /// With what.
    pub password: Secret,
    /// From where.
    pub source: String,
}

/// A session that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its token, which is stored nowhere.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A login that succeeded.
#[derive(Clone, Debug)]
pub enum LoggedIn {
    /// With a password.
    Authenticated(UserId, Opened),
    /// With a code: the session can do nothing but set a password.
    ResetRequired(UserId, Opened),
}

/// What is known before anything is evaluated.
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) counter: [u8; 32],
    pub(super) account: Option<Account>,
    pub(super) attempts: Option<Attempts>,
}

impl Core {
    /// Logs in.
    ///
    /// # Errors
    /// `Unauthenticated` (`login_failed`), the same for every reason; `Unavailable` when too many passwords are being hashed.
    #[tracing::instrument(name = "authentication.login", skip_all, fields(tenant.id = %attempt.tenant))]
    pub async fn login(&self, attempt: &Attempt) -> Result<LoggedIn, Failure> {
        let facts = self.facts(attempt).await?;
        let reset = self.live_reset(&facts).await?;
        match (&facts.account, reset, Code::parse(attempt.password.expose())) {
            (Some(account), Some(reset), Some(code)) if reset.takes(&code) => self.login_with_code(attempt, &facts, account, &reset, &code).await,
            _ => self.login_with_password(attempt, facts).await,
        }
    }

    pub(super) async fn facts(&self, attempt: &Attempt) -> Result<Facts, Failure> {
        let folded = fold(&attempt.user_name);
        let counter = self.counter(attempt.tenant, &folded);
        let account = self.deps.store.account_named(attempt.tenant, &folded).await?;
        let attempts = self.deps.store.attempts(&counter).await?;
        Ok(Facts { now: self.now(), counter, account, attempts })
    }

    /// The reset in the account's way. It is looked for even where there can be none, so that the time taken is the same.
    async fn live_reset(&self, facts: &Facts) -> Result<Option<Reset>, Failure> {
        let nobody = rekey_kernel::ResetId::from_uuid(uuid::Uuid::nil());
        let (tenant, id) = facts.account.as_ref().map_or((TenantId::DEFAULT, nobody), |account| (account.tenant, account.blocking.unwrap_or(nobody)));
        Ok(self.deps.store.reset(tenant, id).await?.map(|reset| reset.at(facts.now)))
    }

    async fn login_with_password(&self, attempt: &Attempt, facts: Facts) -> Result<LoggedIn, Failure> {
        let (counter, had_failures) = (facts.counter, facts.attempts.is_some());
        let account = self.evaluate(attempt, facts).await?;
        let opened = self.open_session(attempt, &account, had_failures.then_some(counter)).await?;
        Ok(LoggedIn::Authenticated(account.id, opened))
    }

    /// Whose password is it? Too many failures of that name, and nothing is evaluated for a while: the hash is then of nobody's
    /// password, so that neither the time nor a full queue tells a paused name, and behind it a pending code, from any other.
    pub(super) async fn evaluate(&self, attempt: &Attempt, facts: Facts) -> Result<Account, Failure> {
        let paused = facts.attempts.is_some_and(|attempts| attempts.is_paused(facts.now));
        let account = facts.account.filter(|account| account.is_open() && !paused);
        let hash = account.as_ref().and_then(|account| account.password.as_ref());
        let verdict = self.deps.hasher.verify(&password::normalise(&attempt.password), hash).await?;
        match account {
            Some(account) if verdict.fits && verdict.outdated => self.rehash(attempt, account).await,
            Some(account) if verdict.fits => Ok(account),
            _ => Err(self.count_failure(attempt.tenant, &facts.counter).await),
        }
    }

    /// Commits one more failure of that name, and says so.
    pub(super) async fn count_failure(&self, tenant: TenantId, counter: &[u8; 32]) -> Failure {
        let count = async {
            let tx = self.deps.store.begin().await?;
            self.add_failure(tx.as_ref(), tenant, counter).await?;
            tx.commit().await
        };
        count.await.err().unwrap_or_else(login_failed)
    }

    pub(super) async fn add_failure(&self, tx: &dyn Tx, tenant: TenantId, counter: &[u8; 32]) -> Result<(), Failure> {
        let now = self.now();
        let before = tx.lock_attempts(tenant, counter, now).await?;
        tx.save_attempts(tenant, counter, &before.failed(now)).await
    }

    /// The parameters of hashing changed since: the password is at hand, so its hash is made anew.
    async fn rehash(&self, attempt: &Attempt, account: Account) -> Result<Account, Failure> {
        let hash = self.deps.hasher.hash(&password::normalise(&attempt.password)).await?;
        let tx = self.deps.store.begin().await?;
        tx.replace_hash(&account, &hash).await?;
        tx.commit().await?;
        Ok(account)
    }

    async fn open_session(&self, attempt: &Attempt, verified: &Account, counter: Option<[u8; 32]>) -> Result<Opened, Failure> {
        let tx = self.deps.store.begin().await?;
        // A reset that began while the password was hashed has killed all sessions: this one must not survive it.
        let account = still_good(tx.as_ref(), verified).await?;
        let now = self.now();
        let opened = Opened { token: new_token(self.deps.random.as_ref()), expires_at: now.after(SESSION_LIFETIME) };
        tx.insert_session(&session(&account, &opened, now)).await?;
        if let Some(counter) = counter {
            tx.clear_attempts(&counter).await?;
        }
        tx.audit(&entry(&account, attempt, Action::LoggedIn, now)).await?;
        tx.commit().await?;
        Ok(opened)
    }
}

async fn still_good(tx: &dyn Tx, verified: &Account) -> Result<Account, Failure> {
    let account = tx.lock_account(verified.tenant, verified.id).await?;
    account.filter(|account| account.is_open() && account.credential_version == verified.credential_version).ok_or_else(login_failed)
}

fn session(account: &Account, opened: &Opened, now: Timestamp) -> Session {
    Session {
        hash: TokenHash::of(opened.token.expose()),
        tenant: account.tenant,
        user: account.id,
        credential_version: account.credential_version,
        created_at: now,
        expires_at: opened.expires_at,
    }
}

fn entry(account: &Account, attempt: &Attempt, action: Action, at: Timestamp) -> AuditEntry {
    AuditEntry { tenant: account.tenant, actor: user(account, &attempt.source), action, subject: account.id, reset: None, at, result: "done" }
}

/// The user as the one who acts.
pub(super) fn user(account: &Account, source: &str) -> Actor {
    Actor { user: Some(account.id), name: account.login_name.clone(), source: source.to_owned() }
}
