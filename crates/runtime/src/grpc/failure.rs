//! The one table between failures and gRPC: a code for whoever reads only that, and `google.rpc` details for us.

use rekey_kernel::{Failure, Kind, Violation};
use std::{collections::HashMap, error::Error};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

const DOMAIN: &str = "rekey";

/// The longest detail, in bytes. A status travels in headers, of which a client takes 16 KiB: as `grpc-message`, where a byte may become
/// three, and once more among the details, where three bytes become four. What is longer is a client's own text, which it knows.
const LONGEST_DETAIL: usize = 2_000;
/// So many reasons at once are told, at most.
const MOST_VIOLATIONS: usize = 10;
/// The longest text of each, in bytes.
const LONGEST_VIOLATION: usize = 200;

const fn code(kind: Kind) -> Code {
    match kind {
        Kind::Invalid | Kind::Unprocessable => Code::InvalidArgument,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Forbidden => Code::PermissionDenied,
        Kind::NotFound => Code::NotFound,
        Kind::Conflict => Code::AlreadyExists,
        Kind::Gone | Kind::PreconditionFailed => Code::FailedPrecondition,
        Kind::TooLarge => Code::OutOfRange,
        Kind::Unavailable => Code::Unavailable,
        Kind::Internal => Code::Internal,
    }
}

/// The failure as a status. The cause stays here: it is logged, once, and not sent.
pub fn to_status(failure: Failure) -> Status {
    log_cause(&failure);
    let mut details = ErrorDetails::new();
    let kind = HashMap::from([("kind".to_owned(), failure.kind.as_str().to_owned())]);
    details.set_error_info(failure.reason, DOMAIN, kind);
    for violation in failure.violations.into_iter().take(MOST_VIOLATIONS) {
        details.add_bad_request_violation(cut(violation.reason, LONGEST_VIOLATION), cut(violation.detail, LONGEST_VIOLATION));
    }
    if failure.retry_after.is_some() {
        details.set_retry_info(failure.retry_after);
    }
    Status::with_error_details(code(failure.kind), cut(failure.detail, LONGEST_DETAIL), details)
}

/// At most so many bytes of a text; an ellipsis stands for the rest.
fn cut(mut text: String, most: usize) -> String {
    const REST: char = '…';
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most.saturating_sub(REST.len_utf8())));
        text.push(REST);
    }
    text
}

fn log_cause(failure: &Failure) {
    if let (Kind::Internal | Kind::Unavailable, Some(source)) = (failure.kind, failure.source()) {
        tracing::error!(kind = failure.kind.as_str(), error = %chain(source), "{failure}");
    }
}

/// The error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}

/// The failure that a status stands for. One without our details comes from the transport: it counts as unavailable when asking
/// again may help, else as a defect.
pub fn from_status(status: Status) -> Failure {
    let details = status.get_error_details();
    let Some(info) = details.error_info().filter(|info| info.domain == DOMAIN) else { return transport_failure(status) };
    let kind = info.metadata.get("kind").and_then(|name| Kind::ALL.into_iter().find(|kind| kind.as_str() == name));
    let mut failure = Failure::new(kind.unwrap_or(Kind::Internal), info.reason.clone(), status.message());
    failure.retry_after = details.retry_info().and_then(|retry| retry.retry_delay);
    failure.violations = details.bad_request().map(violations).unwrap_or_default();
    failure
}

fn violations(bad_request: &tonic_types::BadRequest) -> Vec<Violation> {
    bad_request.field_violations.iter().map(|it| Violation { reason: it.field.clone(), detail: it.description.clone() }).collect()
}

fn transport_failure(status: Status) -> Failure {
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded | Code::Unknown | Code::ResourceExhausted => {
            Failure::unavailable("a service that this needs did not answer; ask again").because(status)
        }
        Code::PermissionDenied => Failure::internal("a service refused its caller").because(status),
        _ => Failure::internal("a call between services failed").because(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_arrives_as_it_was_sent() {
        for kind in Kind::ALL {
            let mut sent = Failure::new(kind, "why", "what was wrong");
            sent.violations = vec![Violation { reason: "too_short".into(), detail: "use 15".into() }];
            let arrived = from_status(to_status(sent.clone()));
            assert_eq!((arrived.kind, &arrived.reason, &arrived.detail, &arrived.violations), (kind, &sent.reason, &sent.detail, &sent.violations));
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters_and_say_so() {
        let long = || "ä".repeat(100_000);
        let mut sent = Failure::invalid("invalidValue", long());
        sent.violations = (0..100).map(|_| Violation { reason: "too_short".into(), detail: long() }).collect();
        let arrived = from_status(to_status(sent));
        assert_eq!((arrived.kind, arrived.reason.as_ref(), arrived.violations.len()), (Kind::Invalid, "invalidValue", MOST_VIOLATIONS));
        let texts = arrived.violations.iter().map(|violation| (violation.detail.as_str(), LONGEST_VIOLATION));
        for (text, most) in texts.chain([(arrived.detail.as_str(), LONGEST_DETAIL)]) {
            assert!(text.len() <= most && text.len() > most - 4 && text.trim_start_matches('ä') == "…", "{text}");
        }
        assert_eq!((cut("äöü".into(), 6), cut("äöüß".into(), 6)), ("äöü".to_owned(), "ä…".to_owned()));
    }

    #[test]
    fn a_lost_connection_is_unavailable_with_a_time_to_ask_again() {
        let failure = from_status(Status::unavailable("tcp connect error"));
        assert!(failure.is(Kind::Unavailable) && failure.retry_after.is_some());
    }
}
