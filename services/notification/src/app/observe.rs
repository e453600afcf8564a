//! What is told of mails: outcomes, never what is in them.

use tracing::Span;

use crate::{
    domain::job::{JobState, MailKind},
    ports::SendError,
};

/// One attempt at handing a mail over. A server that is asked again is not the end of a mail.
pub(super) fn sent(span: &Span, kind: MailKind, sent: &Result<String, SendError>) {
    let outcome = match sent {
        Ok(_) => "accepted",
        Err(SendError::Rejected(_)) => "rejected",
        Err(SendError::Deferred(_)) => "deferred",
        Err(SendError::Server(_)) => "server_failed",
    };
    span.record("mail.outcome", outcome);
    if sent.is_err() {
        span.record("otel.status_code", "error");
    }
    if matches!(sent, Err(SendError::Deferred(_) | SendError::Server(_))) {
        count(kind, outcome, 1);
    }
}

/// The end of a mail, once it is recorded.
pub(super) fn ended(kind: MailKind, state: JobState) {
    count(kind, state.as_str(), 1);
}

/// Does the mail server take mails?
pub(super) fn mail_server(is_up: bool) {
    metrics::gauge!("rekey_mail_server_up").set(if is_up { 1.0 } else { 0.0 });
}

/// From the first scrape on everything that alerts is there: a first alert is then seen as a rise.
pub(crate) fn begin() {
    mail_server(true);
    for kind in MailKind::ALL {
        JobState::ALL.into_iter().filter(|state| *state != JobState::Queued).for_each(|state| count(kind, state.as_str(), 0));
    }
}

fn count(kind: MailKind, outcome: &'static str, mails: u64) {
    metrics::counter!("rekey_mails_total", "kind" => kind.as_str(), "outcome" => outcome).increment(mails);
}
