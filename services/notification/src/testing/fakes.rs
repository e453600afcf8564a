//! The other services and the mailer, answering as they are told.

use async_trait::async_trait;
use rekey_kernel::{Failure, ResetId, Secret, TenantId};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use super::START;
use crate::{
    domain::{
        content::{Organization, Recipient, Template, WaysIn},
        mail::Mail,
    },
    ports::{Mailer, Recipients, Revealed, Secrets, SendError, Templates},
};

/// scim, authentication and tenant-config.
pub(crate) struct FakeHouse {
    pub(crate) recipient: Mutex<Option<Recipient>>,
    pub(crate) revealed: Mutex<Revealed>,
    pub(crate) down: Mutex<bool>,
}

impl Default for FakeHouse {
    fn default() -> Self {
        let recipient = Recipient {
            address: "alice@example.org".to_owned(),
            previous_address: String::new(),
            user_name: "alice".to_owned(),
            locale: "en_US".to_owned(),
            claims: BTreeMap::from([("givenname".to_owned(), "Alice".to_owned())]),
        };
        let ways = WaysIn { token: Some(Secret::new("r.tok")), code: None, expires_at: START.after(std::time::Duration::from_hours(24)) };
        Self { recipient: Mutex::new(Some(recipient)), revealed: Mutex::new(Revealed::Pending(ways)), down: Mutex::new(false) }
    }
}

impl FakeHouse {
    fn up(&self) -> Result<(), Failure> {
        if *self.down.lock().unwrap() { Err(Failure::unavailable("down")) } else { Ok(()) }
    }

    pub(crate) fn set_recipient(&self, change: impl FnOnce(&mut Recipient)) {
        change(self.recipient.lock().unwrap().as_mut().unwrap());
    }

    pub(crate) fn reveal(&self, revealed: Revealed) {
        *self.revealed.lock().unwrap() = revealed;
    }
}

#[async_trait]
impl Recipients for FakeHouse {
    async fn find(&self, _tenant: TenantId, _reset: ResetId) -> Result<Option<Recipient>, Failure> {
        self.up()?;
        Ok(self.recipient.lock().unwrap().clone())
    }
}

#[async_trait]
impl Secrets for FakeHouse {
    async fn reveal(&self, _tenant: TenantId, _reset: ResetId) -> Result<Revealed, Failure> {
        self.up()?;
        Ok(self.revealed.lock().unwrap().clone())
    }
}

#[async_trait]
impl Templates for FakeHouse {
    async fn find(&self, _tenant: TenantId, kind: &str, _locale: &str) -> Result<Template, Failure> {
        self.up()?;
        let text = "Hello {{user-name}}\n{{password-reset-link}}\n{{confirmation-code}}\n".to_owned();
        Ok(Template { subject: kind.to_owned(), text, html: String::new() })
    }

    async fn organization(&self, _tenant: TenantId) -> Result<Option<Organization>, Failure> {
        self.up()?;
        Ok(Some(Organization { domain: "default".to_owned(), name: "Example".to_owned() }))
    }
}

/// Accepts every mail unless told otherwise.
#[derive(Default)]
pub(crate) struct FakeMailer {
    pub(crate) answers: Mutex<VecDeque<SendError>>,
    pub(crate) mails: Mutex<Vec<Mail>>,
    pub(crate) attempts: Mutex<usize>,
}

impl FakeMailer {
    /// The next attempts fail like this.
    pub(crate) fn fail(&self, errors: impl IntoIterator<Item = SendError>) {
        self.answers.lock().unwrap().extend(errors);
    }

    pub(crate) fn subjects(&self) -> Vec<String> {
        self.mails.lock().unwrap().iter().map(|mail| mail.subject.clone()).collect()
    }

    pub(crate) fn attempts(&self) -> usize {
        *self.attempts.lock().unwrap()
    }
}

#[async_trait]
impl Mailer for FakeMailer {
    async fn send(&self, mail: &Mail) -> Result<String, SendError> {
        *self.attempts.lock().unwrap() += 1;
        if let Some(error) = self.answers.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok("250 Ok".to_owned())
    }
}
