//! Sending one mail: ask whom, ask with what, write, send, record.

use rekey_kernel::{Clock, Failure, Method, Random, Timestamp, crash};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{select, sync::Notify, time::sleep};
use tracing::{Instrument, field::Empty};

use super::observe;
use crate::{
    domain::{
        breaker::Breaker,
        content::{Content, NOTICE_TEMPLATE, Organization, Recipient, Template, WaysIn, address, open_values, reset_page, secret_values, write},
        job::{Finish, Job, JobState, MailKind, Postponement},
        mail::{Mail, Sender},
        pace,
    },
    ports::{Jobs, Mailer, Recipients, Revealed, Secrets, SendError, Templates},
};

/// Leases last at most this long: a sender that died holds its jobs no longer.
pub const LEASE: Duration = Duration::from_secs(15);
const RENEWAL: Duration = Duration::from_secs(5);
/// How long the record of an accepted mail is tried: without it the mail goes out again.
const RECORDING: Duration = Duration::from_mins(1);

/// The use case of sending one mail.
pub struct Deliverer {
    /// Where jobs are kept.
    pub jobs: Arc<dyn Jobs>,
    /// Whom resets concern.
    pub recipients: Arc<dyn Recipients>,
    /// The secrets of resets.
    pub secrets: Arc<dyn Secrets>,
    /// The words of mails.
    pub templates: Arc<dyn Templates>,
    /// The way out.
    pub mailer: Arc<dyn Mailer>,
    /// Does the mail server work?
    pub breaker: Mutex<Breaker>,
    /// Who mails come from.
    pub from: Sender,
    /// The whole public URL, for links.
    pub public_base: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For spreading retries.
    pub random: Arc<dyn Random>,
    /// Wakes the relay of the outbox.
    pub wake_relay: Arc<Notify>,
}

/// What one attempt came to.
enum Attempt {
    Finished(Finish),
    Later(Postponement),
}

/// A mail, and what to do with the server's answer to it.
struct Letter {
    mail: Mail,
    /// Absent for a notice.
    ways: Option<WaysIn>,
    expires_at: Timestamp,
}

/// What there is to send.
enum Prepared {
    Letter(Box<Letter>),
    Nothing(Finish),
}

impl Deliverer {
    /// One attempt at a claimed job, for as long as its lease can be held.
    #[tracing::instrument(
        name = "notification.mail.deliver",
        skip_all,
        fields(
            traceparent = job.traceparent.as_deref(), tenant.id = %job.order.tenant, user.id = %job.order.user, reset.id = %job.order.reset,
            mail.kind = job.kind.as_str(), mail.attempt = job.attempt
        )
    )]
    pub async fn deliver(&self, job: Job) {
        select! {
            () = self.attempt_and_record(&job) => {}
            () = self.hold_lease(&job) => tracing::warn!(reset.id = %job.order.reset, kind = job.kind.as_str(), "another sender has taken over a mail"),
        }
    }

    /// Returns when the lease is lost.
    async fn hold_lease(&self, job: &Job) {
        let mut held_until = self.clock.now().after(LEASE);
        loop {
            sleep(RENEWAL).await;
            let now = self.clock.now();
            match self.jobs.renew(job, now.after(LEASE)).await {
                Ok(true) => held_until = now.after(LEASE),
                Err(_) if now < held_until => {}
                Ok(false) | Err(_) => return,
            }
        }
    }

    async fn attempt_and_record(&self, job: &Job) {
        let attempt = match self.attempt(job).await {
            Ok(attempt) => attempt,
            Err(failure) => Attempt::Later(self.after_outage(job, &failure)),
        };
        match attempt {
            Attempt::Finished(finish) => self.record(job, &finish).await,
            Attempt::Later(postponement) => self.postpone(job, &postponement).await,
        }
    }

    fn after_outage(&self, job: &Job, failure: &Failure) -> Postponement {
        tracing::warn!(reset.id = %job.order.reset, %failure, "a mail has to wait for a service");
        let at = pace::after_outage(self.clock.now(), job.attempt);
        Postponement { at, detail: format!("waiting: {failure}"), deferred: false, expires_at: job.order.expires_at }
    }

    async fn attempt(&self, job: &Job) -> Result<Attempt, Failure> {
        match self.prepare(job).await? {
            Prepared::Nothing(finish) => Ok(Attempt::Finished(finish)),
            Prepared::Letter(letter) => Ok(self.send(job, &letter).await),
        }
    }

    async fn prepare(&self, job: &Job) -> Result<Prepared, Failure> {
        let Some(recipient) = self.recipients.find(job.order.tenant, job.order.reset).await? else {
            return Ok(dropped("the user is gone"));
        };
        match job.kind {
            MailKind::Reset => self.prepare_reset(job, &recipient).await,
            MailKind::AddressChangeNotice => self.prepare_notice(job, &recipient).await,
        }
    }

    async fn prepare_reset(&self, job: &Job, recipient: &Recipient) -> Result<Prepared, Failure> {
        if recipient.former_address().is_some() {
            let message_id = self.from.message_id(MailKind::AddressChangeNotice, job.order.reset);
            self.jobs.accept_notice(&job.order, &message_id, self.clock.now()).await?;
        }
        if !job.order.methods.any_mailed() || (recipient.address.is_empty() && job.order.methods.contains(Method::Offline)) {
            return Ok(Prepared::Nothing(Finish::without_mail(JobState::NotDue, "no mail is due: an administrator passes the code on")));
        }
        let ways = match self.secrets.reveal(job.order.tenant, job.order.reset).await? {
            Revealed::Pending(ways) if self.clock.now() < ways.expires_at => ways,
            Revealed::Pending(_) | Revealed::Expired => return Ok(expired(job)),
            Revealed::Ended => return Ok(dropped("the reset ended before the mail went out")),
        };
        let Some(template) = ways.template() else { return Ok(dropped("the reset has no way in that is mailed")) };
        self.write(job, recipient, template, &recipient.address, Some(ways)).await
    }

    async fn prepare_notice(&self, job: &Job, recipient: &Recipient) -> Result<Prepared, Failure> {
        if job.deferrals > 0 && job.order.expires_at <= self.clock.now() {
            return Ok(expired(job));
        }
        self.write(job, recipient, NOTICE_TEMPLATE, &recipient.previous_address, None).await
    }

    async fn write(&self, job: &Job, recipient: &Recipient, template: &str, to: &str, ways: Option<WaysIn>) -> Result<Prepared, Failure> {
        let to = match address(to) {
            Ok(to) => to,
            Err(why) => return Ok(Prepared::Nothing(Finish::without_mail(JobState::Undeliverable, why))),
        };
        let (words, organization) =
            tokio::try_join!(self.templates.find(job.order.tenant, template, &recipient.locale), self.templates.organization(job.order.tenant))?;
        let Some(organization) = organization else { return Ok(dropped("the tenant is gone")) };
        let expires_at = ways.as_ref().map_or(job.order.expires_at, |ways| ways.expires_at);
        let content = self.content(&words, recipient, &organization, ways.as_ref(), expires_at);
        if !content.unknown.is_empty() {
            tracing::warn!(tenant.id = %job.order.tenant, template, unknown = ?content.unknown, "a template has placeholders that stand for nothing");
        }
        let (subject, text, html) = (content.subject, content.text, content.html);
        let mail = Mail { message_id: job.message_id.clone(), date: job.created_at, from: self.from.clone(), to, subject, text, html };
        Ok(Prepared::Letter(Box::new(Letter { mail, ways, expires_at })))
    }

    fn content(&self, words: &Template, recipient: &Recipient, organization: &Organization, ways: Option<&WaysIn>, expires_at: Timestamp) -> Content {
        let page = reset_page(&self.public_base, organization);
        let open = open_values(recipient, organization, &page, expires_at);
        let values = ways.map_or_else(|| open.clone(), |ways| secret_values(&open, &page, ways));
        write(words, &values, &open)
    }

    async fn send(&self, job: &Job, letter: &Letter) -> Attempt {
        crash::point("notification.mail.rendered");
        let span = tracing::info_span!("notification.mail.send", otel.kind = "client", otel.status_code = Empty, mail.outcome = Empty);
        let sent = redacted(self.mailer.send(&letter.mail).instrument(span.clone()).await, letter.ways.as_ref());
        if sent.is_ok() {
            crash::point("notification.mail.sent");
        }
        self.note(&sent);
        observe::sent(&span, job.kind, &sent);
        let channels = letter.ways.as_ref().map(WaysIn::channels).unwrap_or_default();
        match sent {
            Ok(detail) => Attempt::Finished(Finish { state: JobState::Sent, detail, channels }),
            Err(SendError::Rejected(why)) => Attempt::Finished(Finish::without_mail(JobState::Undeliverable, why)),
            Err(SendError::Deferred(why)) => self.deferred(job, letter.expires_at, why),
            // The job stays due: the breaker alone says when the server is asked again.
            Err(SendError::Server(detail)) => Attempt::Later(Postponement { at: self.clock.now(), detail, deferred: false, expires_at: letter.expires_at }),
        }
    }

    fn deferred(&self, job: &Job, expires_at: Timestamp, detail: String) -> Attempt {
        let now = self.clock.now();
        if expires_at <= now {
            return Attempt::Finished(Finish::without_mail(JobState::Undeliverable, detail));
        }
        let at = pace::after_deferral(now, job.deferrals, expires_at, self.random.as_ref());
        Attempt::Later(Postponement { at, detail, deferred: true, expires_at })
    }

    /// Tells the breaker. A refusal of one recipient shows that the server works.
    fn note(&self, sent: &Result<String, SendError>) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(SendError::Server(why)) = sent {
            if breaker.failed(self.clock.now()) {
                observe::mail_server(false);
                tracing::error!(why, "the mail server does not take mails: all of them wait, and it is probed every few seconds");
            }
        } else if breaker.succeeded() {
            observe::mail_server(true);
            tracing::info!("the mail server takes mails again: all that waited go out");
        }
    }

    /// The record of an end is tried until it is there: a mail that was accepted and not recorded goes out again.
    async fn record(&self, job: &Job, finish: &Finish) {
        let give_up_at = self.clock.now().after(RECORDING);
        let mut pause = Duration::from_millis(100);
        loop {
            match self.jobs.finish(job, finish, self.clock.now()).await {
                Ok(recorded) => return self.recorded(job, finish, recorded),
                Err(failure) if self.clock.now() >= give_up_at => {
                    tracing::error!(reset.id = %job.order.reset, %failure, "the end of a mail could not be recorded; it is tried again");
                    return;
                }
                Err(_) => sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    fn recorded(&self, job: &Job, finish: &Finish, recorded: bool) {
        crash::point("notification.mail.recorded");
        let (reset, kind, state) = (job.order.reset, job.kind.as_str(), finish.state.as_str());
        match (recorded, finish.state) {
            (false, _) => tracing::warn!(reset.id = %reset, kind, "a mail was ended by another sender"),
            (true, JobState::Undeliverable) => tracing::error!(reset.id = %reset, kind, detail = finish.detail, "a mail will never arrive"),
            (true, _) => tracing::info!(reset.id = %reset, kind, state, "a mail is done"),
        }
        if recorded {
            observe::ended(job.kind, finish.state);
        }
        self.wake_relay.notify_one();
    }

    async fn postpone(&self, job: &Job, postponement: &Postponement) {
        // When this fails, the lease runs out and the job is due again.
        if let Err(failure) = self.jobs.postpone(job, postponement).await {
            tracing::warn!(reset.id = %job.order.reset, %failure, "a mail's lease has to run out");
        }
    }
}

/// A server may quote what it was sent: no secret gets into the record or the log that way.
fn redacted(sent: Result<String, SendError>, ways: Option<&WaysIn>) -> Result<String, SendError> {
    let Some(ways) = ways else { return sent };
    match sent {
        Ok(answer) => Ok(ways.redact(&answer)),
        Err(SendError::Rejected(why)) => Err(SendError::Rejected(ways.redact(&why))),
        Err(SendError::Deferred(why)) => Err(SendError::Deferred(ways.redact(&why))),
        Err(SendError::Server(why)) => Err(SendError::Server(ways.redact(&why))),
    }
}

fn dropped(why: &str) -> Prepared {
    Prepared::Nothing(Finish::without_mail(JobState::Dropped, why))
}

/// The reset's time ran out. A mail that was put off until then has failed; one that came too late has only been dropped.
fn expired(job: &Job) -> Prepared {
    if job.deferrals == 0 {
        return dropped("the reset expired before the mail went out");
    }
    Prepared::Nothing(Finish::without_mail(JobState::Undeliverable, format!("put off until the reset expired: {}", job.detail)))
}
