//! Mails to a mail server.

use async_trait::async_trait;
use lettre::{Address, transport::smtp::extension::ClientId};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

use super::{
    compose::{compose, mail_address},
    session::{Deadlines, Phase, Session, Trouble},
};
use crate::{
    domain::mail::Mail,
    ports::{Mailer, SendError},
};

/// Servers close what is idle for minutes; a connection is worth keeping for the next mails of a campaign only.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// Hands mails to one server. A connection that had any trouble is thrown away, one that served well is kept for the next mail.
pub struct SmtpMailer {
    host: String,
    port: u16,
    hello: ClientId,
    deadlines: Deadlines,
    kept: Mutex<Vec<(Session, Instant)>>,
}

impl SmtpMailer {
    /// To this server.
    pub fn new(host: impl Into<String>, port: u16, deadlines: Deadlines) -> Self {
        Self { host: host.into(), port, hello: ClientId::default(), deadlines, kept: Mutex::default() }
    }

    fn take_kept(&self) -> Option<Session> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, since)| since.elapsed() < KEPT_FOR);
        kept.pop().map(|(session, _)| session)
    }

    fn keep(&self, session: Session) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push((session, Instant::now()));
    }

    async fn hand_over(&self, from: &Address, to: &Address, message: &[u8]) -> Result<String, Trouble> {
        while let Some(session) = self.take_kept() {
            match self.hand_over_in(session, from, to, message).await {
                // The server has closed it in the meantime: that says nothing about the server.
                Err(trouble) if trouble.phase == Phase::Sender && matches!(trouble.code, None | Some(421)) => {}
                handed_over => return handed_over,
            }
        }
        let session = Session::open(&self.host, self.port, &self.hello, self.deadlines).await?;
        self.hand_over_in(session, from, to, message).await
    }

    async fn hand_over_in(&self, mut session: Session, from: &Address, to: &Address, message: &[u8]) -> Result<String, Trouble> {
        let answer = session.hand_over(from, to, message).await?;
        self.keep(session);
        Ok(answer)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<String, SendError> {
        let message = compose(mail)?;
        let (from, to) = (mail_address(&mail.from.address)?, mail_address(&mail.to)?);
        self.hand_over(&from, &to, &message).await.map_err(Trouble::classify)
    }
}
