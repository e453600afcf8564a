//! Knowing a caller again: by password (HTTP Basic) or by session.

use moka::sync::Cache;
use rekey_kernel::{Failure, Random, Scopes, Secret, TenantId, Timestamp, UserId, text::fold};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

use super::{Core, failures::login_failed, login::Attempt};
use crate::domain::{Account, NameKey, TokenHash, password};

/// How long a verified password need not be hashed again.
const TRUST: Duration = Duration::from_mins(1);
/// So many wait for the check of one password of one name, at most.
const WAITING: usize = 256;
/// How many verified passwords are remembered.
const CAPACITY: u64 = 10_000;

/// A caller that was known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub user: UserId,
    /// By which login name.
    pub user_name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When the session ends; absent for a password.
    pub expires_at: Option<Timestamp>,
}

impl Identity {
    fn of(account: Account, expires_at: Option<Timestamp>) -> Self {
        Self { user: account.id, scopes: account.scopes(), user_name: account.login_name, expires_at }
    }
}

/// Passwords that were verified a moment ago, under a MAC whose key only this process knows. A hit proves that the password was right
/// for that credential version; whether that still counts is read from the account each time.
pub(super) struct Verified {
    key: NameKey,
    entries: Cache<[u8; 32], (UserId, u64)>,
    turns: Cache<[u8; 32], Arc<Mutex<()>>>,
}

impl Verified {
    pub(super) fn new(random: &dyn Random) -> Result<Self, Failure> {
        let mut key = [0; 32];
        random.fill(&mut key);
        let key = NameKey::new(&key).map_err(|error| Failure::internal("the cache has no key").because(error))?;
        let entries = Cache::builder().max_capacity(CAPACITY).time_to_live(TRUST).build();
        Ok(Self { key, entries, turns: Cache::builder().max_capacity(CAPACITY).time_to_live(TRUST).build() })
    }

    fn entry(&self, tenant: TenantId, folded: &str, password: &Secret) -> [u8; 32] {
        self.key.mac(&[tenant.as_uuid().as_bytes(), folded.as_bytes(), password.expose().as_bytes()])
    }

    /// One at a time verifies the same password of the same name. A client with many connections would otherwise have it hashed for each
    /// of them whenever it is forgotten. A turn that is itself forgotten in between costs a hash more, and nothing else.
    ///
    /// # Errors
    /// 503 when too many wait for the same already: no queue is without an end.
    fn turn(&self, entry: &[u8; 32]) -> Result<Arc<Mutex<()>>, Failure> {
        let turn = self.turns.get_with(*entry, Arc::default);
        // The cache holds one of these, and each that waits or has its turn another.
        if Arc::strong_count(&turn) > 1 + WAITING {
            return Err(Failure::unavailable("this password is being checked for very many requests; ask again"));
        }
        Ok(turn)
    }
}

impl Core {
    /// HTTP Basic: a password only, never a code.
    ///
    /// # Errors
    /// `Unauthenticated` when it does not fit; `Unavailable` when too many passwords are being hashed.
    #[tracing::instrument(name = "authentication.password.verify", skip_all, fields(tenant.id = %attempt.tenant))]
    pub async fn verify_password(&self, attempt: &Attempt) -> Result<Identity, Failure> {
        let folded = fold(&attempt.user_name);
        let entry = self.verified.entry(attempt.tenant, &folded, &password::normalise(&attempt.password));
        if let Some(account) = self.remembered(attempt.tenant, &folded, &entry).await? {
            return Ok(Identity::of(account, None));
        }
        let turn = self.verified.turn(&entry)?;
        let _ours = turn.lock().await;
        // Whoever had the turn before may have found out what we want to know.
        let account = match self.remembered(attempt.tenant, &folded, &entry).await? {
            Some(account) => account,
            None => self.verify_anew(attempt, entry).await?,
        };
        Ok(Identity::of(account, None))
    }

    async fn verify_anew(&self, attempt: &Attempt, entry: [u8; 32]) -> Result<Account, Failure> {
        let facts = self.facts(attempt).await?;
        let (counter, had_failures) = (facts.counter, facts.attempts.is_some());
        let account = self.evaluate(attempt, facts).await?;
        if had_failures {
            self.forget_failures(&counter).await?;
        }
        self.verified.entries.insert(entry, (account.id, account.credential_version));
        Ok(account)
    }

    /// The account whose password was verified a moment ago, if nothing has happened to it since.
    async fn remembered(&self, tenant: TenantId, folded: &str, entry: &[u8; 32]) -> Result<Option<Account>, Failure> {
        let Some((user, version)) = self.verified.entries.get(entry) else { return Ok(None) };
        let account = self.deps.store.account(tenant, user).await?;
        let good = account.filter(|it| it.is_open() && it.credential_version == version && it.folded_name() == folded);
        if good.is_none() {
            self.verified.entries.invalidate(entry);
        }
        Ok(good)
    }

    async fn forget_failures(&self, counter: &[u8; 32]) -> Result<(), Failure> {
        let tx = self.deps.store.begin().await?;
        tx.clear_attempts(counter).await?;
        tx.commit().await
    }

    /// A session, by its token.
    ///
    /// # Errors
    /// `Unauthenticated` when it is dead, unknown, or of another tenant.
    #[tracing::instrument(name = "authentication.session.verify", skip_all, fields(tenant.id = %tenant))]
    pub async fn verify_session(&self, tenant: TenantId, token: &Secret) -> Result<Identity, Failure> {
        let session = self.deps.store.session(tenant, &TokenHash::of(token.expose())).await?;
        let session = session.filter(|session| self.now() < session.expires_at).ok_or_else(login_failed)?;
        let account = self.deps.store.account(tenant, session.user).await?;
        let account = account.filter(|it| it.is_open() && it.credential_version == session.credential_version).ok_or_else(login_failed)?;
        Ok(Identity::of(account, Some(session.expires_at)))
    }

    /// Ends a session; an unknown one is fine.
    ///
    /// # Errors
    /// The database's own.
    #[tracing::instrument(name = "authentication.logout", skip_all, fields(tenant.id = %tenant))]
    pub async fn logout(&self, tenant: TenantId, token: &Secret) -> Result<(), Failure> {
        self.deps.store.delete_session(tenant, &TokenHash::of(token.expose())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::Kind;
    use rekey_runtime::system::SystemRandom;

    #[test]
    fn the_queue_for_one_password_has_an_end_and_others_do_not_wait_in_it() {
        let verified = Verified::new(&SystemRandom).unwrap();
        let mut waiting: Vec<_> = (0..WAITING).map(|_| verified.turn(&[1; 32]).unwrap()).collect();
        let refused = verified.turn(&[1; 32]).unwrap_err();
        assert!(refused.is(Kind::Unavailable) && refused.retry_after.is_some(), "{refused}");
        assert!(verified.turn(&[2; 32]).is_ok());
        waiting.pop();
        assert!(verified.turn(&[1; 32]).is_ok());
    }
}
