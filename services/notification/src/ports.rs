//! What the use cases need from outside.

use async_trait::async_trait;
use rekey_kernel::{Failure, ResetId, TenantId, Timestamp};

use crate::domain::{
    content::{Organization, Recipient, Template, WaysIn},
    job::{Delivery, Finish, Job, Order, Postponement},
    mail::Mail,
};

/// What became of an order to send a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// A job is there now.
    New,
    /// There was one already. If it has ended, its outcome was told again: whoever orders anew has not heard it.
    Known,
}

/// Mail jobs. Every change of a claimed job carries its attempt number as a fence: `false` says that somebody else has claimed it since,
/// and nothing was changed.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// A job for the mail of a reset; one that is there already stays as it is.
    async fn accept(&self, order: &Order, message_id: &str, now: Timestamp) -> Result<Accepted, Failure>;
    /// A job for the notice to the former address; one that is there already stays as it is.
    async fn accept_notice(&self, order: &Order, message_id: &str, now: Timestamp) -> Result<(), Failure>;
    /// Claims up to `limit` jobs that are due, longest waiting first.
    async fn claim(&self, now: Timestamp, lease_until: Timestamp, limit: usize) -> Result<Vec<Job>, Failure>;
    /// Holds a claimed job for longer.
    async fn renew(&self, job: &Job, lease_until: Timestamp) -> Result<bool, Failure>;
    /// The job has ended: its record and, for the mail of a reset, the event that tells of it, in one transaction.
    async fn finish(&self, job: &Job, finish: &Finish, now: Timestamp) -> Result<bool, Failure>;
    /// The job is to be tried again.
    async fn postpone(&self, job: &Job, postponement: &Postponement) -> Result<bool, Failure>;
    /// The deliveries of a tenant, of one reset or of all, newest first.
    async fn list(&self, tenant: TenantId, reset: Option<ResetId>) -> Result<Vec<Delivery>, Failure>;
}

/// An event that nobody can make sense of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The event's id.
    pub id: String,
    /// What it claimed to be.
    pub kind: String,
    /// In which tenant.
    pub tenant: TenantId,
    /// What is wrong with it.
    pub reason: String,
    /// As it came.
    pub payload: Vec<u8>,
}

/// Where such events are kept for a person to look at.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Keeps it; one of the same id stays as it is.
    async fn keep(&self, letter: &DeadLetter, now: Timestamp) -> Result<(), Failure>;
}

/// Whom a reset concerns. scim knows.
#[async_trait]
pub trait Recipients: Send + Sync {
    /// As frozen when the reset was ordered; `None` when the user is gone.
    async fn find(&self, tenant: TenantId, reset: ResetId) -> Result<Option<Recipient>, Failure>;
}

/// Whether a reset can still be mailed, and with what.
#[derive(Clone, Debug)]
pub enum Revealed {
    /// It is pending.
    Pending(WaysIn),
    /// Its time ran out.
    Expired,
    /// It ended otherwise, or is gone.
    Ended,
}

/// The secrets of a reset. authentication knows; they are kept nowhere.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// As of now.
    async fn reveal(&self, tenant: TenantId, reset: ResetId) -> Result<Revealed, Failure>;
}

/// What tenants have configured for their mails. tenant-config knows.
#[async_trait]
pub trait Templates: Send + Sync {
    /// The template of this type for this locale.
    async fn find(&self, tenant: TenantId, kind: &str, locale: &str) -> Result<Template, Failure>;
    /// The tenant; `None` when it is gone.
    async fn organization(&self, tenant: TenantId) -> Result<Option<Organization>, Failure>;
}

/// Why a mail was not accepted. The texts are the server's answer or the operating system's, for the record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// This mail will never be accepted: its recipient or its content was refused for good.
    #[error("refused: {0}")]
    Rejected(String),
    /// The recipient's side asks for patience.
    #[error("put off: {0}")]
    Deferred(String),
    /// The server, or our configuration of it, is broken: no mail goes through, whoever it is for.
    #[error("the mail server failed: {0}")]
    Server(String),
}

/// Sends mails.
///
/// To add one: implement this, and run it through the contract suite in `mailer/contract_tests.rs`, which every adapter passes.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail. `Ok` means that somebody else is durably responsible for it now; the text is their answer. After an error the mail may
    /// have been accepted all the same: it is sent again, identical.
    ///
    /// Dropping the future is safe: no later mail can be mistaken for this one.
    ///
    /// # Errors
    /// [`SendError`].
    async fn send(&self, mail: &Mail) -> Result<String, SendError>;
}
