//! One-time codes: counted first, compared afterwards.

use rekey_kernel::{Failure, Method};

use super::{
    Core,
    editing::Editing,
    failures::login_failed,
    login::{Attempt, Facts, LoggedIn, Opened, user},
};
use crate::domain::{
    Account, Action, Code, Reset, ResetSession, TokenHash, password,
    session::{RESET_SESSION_LIFETIME, new_token},
};

impl Core {
    pub(super) async fn login_with_code(&self, attempt: &Attempt, facts: &Facts, account: &Account, reset: &Reset, code: &Code) -> Result<LoggedIn, Failure> {
        // The hash costs what any failed login costs, and tells the dead password, which is no guess even if it looks like a code.
        let verdict = self.deps.hasher.verify(&password::normalise(&attempt.password), account.password.as_ref()).await?;
        if verdict.fits {
            return Err(self.count_failure(attempt.tenant, &facts.counter).await);
        }
        let counted = self.count_guess(attempt, facts, reset).await?;
        match counted {
            Some(_) if self.is_code_of(reset, code) => self.open_reset_session(attempt, account, reset).await,
            Some(used) if used >= crate::domain::reset::MAX_GUESSES => Err(self.close_if_spent(account, reset).await),
            _ => Err(login_failed()),
        }
    }

    /// Commits the guess, together with the row that every failed login commits, before anything is compared.
    async fn count_guess(&self, attempt: &Attempt, facts: &Facts, reset: &Reset) -> Result<Option<u32>, Failure> {
        let tx = self.deps.store.begin().await?;
        let used = tx.count_guess(reset.id, self.now()).await?;
        self.add_failure(tx.as_ref(), attempt.tenant, &facts.counter).await?;
        tx.commit().await?;
        Ok(used)
    }

    /// Every code that the methods give is compared, whichever fits.
    fn is_code_of(&self, reset: &Reset, code: &Code) -> bool {
        let keys = &self.deps.keys;
        let fits = |method, own: Option<Code>| reset.methods.contains(method) && own.is_some_and(|own| own.matches(code));
        fits(Method::Otp, keys.mail_code(reset)) | fits(Method::Offline, keys.offline_code(reset))
    }

    /// The last guess was wrong: without another way in, the reset is exhausted.
    async fn close_if_spent(&self, account: &Account, reset: &Reset) -> Failure {
        self.exhaust(account.tenant, account.id, reset.id).await.err().unwrap_or_else(login_failed)
    }

    /// A right code gives its guess back and opens a session that can do nothing but set a password; an older one of this reset is void.
    async fn open_reset_session(&self, attempt: &Attempt, account: &Account, reset: &Reset) -> Result<LoggedIn, Failure> {
        let tx = self.deps.store.begin().await?;
        let account = tx.lock_account(account.tenant, account.id).await?.ok_or_else(login_failed)?;
        let actor = user(&account, &attempt.source);
        let editing = Editing::new(self, tx.as_ref(), &actor, account).await?;
        let live = editing.blocking_is(reset.id).filter(|reset| reset.is_pending()).cloned().ok_or_else(login_failed)?;
        let expires_at = editing.now.after(RESET_SESSION_LIFETIME).min(live.expires_at);
        let opened = Opened { token: new_token(self.deps.random.as_ref()), expires_at };
        tx.give_back_guess(live.id).await?;
        tx.replace_reset_session(&session(&live, &opened)).await?;
        editing.forgive().await?;
        editing.record(Action::CodeAccepted, Some(live.id)).await?;
        let account = editing.save().await?.account;
        tx.commit().await?;
        Ok(LoggedIn::ResetRequired(account.id, opened))
    }
}

fn session(reset: &Reset, opened: &Opened) -> ResetSession {
    let hash = TokenHash::of(opened.token.expose());
    ResetSession { hash, tenant: reset.tenant, user: reset.user, reset: reset.id, expires_at: opened.expires_at }
}
