//! Between messages and the core's types.

use rekey_kernel::{Failure, Methods, ResetId, Secret, Timestamp};
use rekey_proto::authentication::v1 as proto;
use rekey_runtime::grpc::to_status;
use std::{str::FromStr, time::Duration};
use tonic::Status;

use crate::{
    app::{Applied, Identity, Opened, Projection, Proof},
    domain::{Change, Outcome, PasswordPolicy, Reset, ResetOrder, Roles, StateName},
};

/// An id from a message between services: one that is none is a defect of the caller.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Status> {
    text.parse().map_err(|_| to_status(Failure::invalid("invalidValue", "this is not an id")))
}

/// The id of something that a client named: one that is none names nothing.
pub(super) fn named<T: FromStr>(text: &str) -> Result<T, Status> {
    text.parse().map_err(|_| to_status(Failure::not_found("no such resource")))
}

/// 0 stands for none.
pub(super) fn time(micros: i64) -> Option<Timestamp> {
    (micros != 0).then(|| Timestamp::from_micros(micros))
}

fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_micros)
}

pub(super) fn change(message: proto::AccountChange) -> Result<Change<Secret>, Status> {
    let names = |roles: proto::Roles| Roles::from_names(roles.names.iter().map(String::as_str));
    Ok(Change {
        create: message.create,
        delete: message.delete,
        login_name: message.login_name,
        password: message.password.map(Secret::new),
        active: message.active,
        locked: message.locked,
        roles: message.roles.map(names),
        reset: message.reset.map(order).transpose()?,
        contact: message.contact,
    })
}

fn order(message: proto::ResetOrder) -> Result<ResetOrder, Status> {
    let resend_of = if message.resend_of.is_empty() { None } else { Some(id::<ResetId>(&message.resend_of)?) };
    Ok(ResetOrder {
        methods: Methods::from_numbers(&message.methods),
        reason: message.reason,
        expires_at: time(message.expires_at),
        validity: Duration::from_secs(u64::try_from(message.validity_seconds).unwrap_or(0)),
        resend_of,
    })
}

const fn state_number(state: StateName) -> proto::ResetState {
    match state {
        StateName::Pending => proto::ResetState::Pending,
        StateName::Completed => proto::ResetState::Completed,
        StateName::Cancelled => proto::ResetState::Cancelled,
        StateName::Superseded => proto::ResetState::Superseded,
        StateName::Expired => proto::ResetState::Expired,
        StateName::Exhausted => proto::ResetState::Exhausted,
    }
}

/// The state of that number; `None` for the unspecified one and those that we do not know.
pub(super) fn state_named(number: i32) -> Option<StateName> {
    StateName::ALL.into_iter().find(|state| state_number(*state) as i32 == number)
}

pub(super) fn state(reset: &Reset) -> i32 {
    state_number(reset.state.name()).into()
}

pub(super) fn reset(reset: &Reset, user_name: &str) -> proto::Reset {
    let completed_at = match reset.state {
        crate::domain::State::Completed { at, .. } => Some(at),
        _ => None,
    };
    proto::Reset {
        id: reset.id.to_string(),
        user_id: reset.user.to_string(),
        user_name: user_name.to_owned(),
        state: state(reset),
        methods: reset.methods.numbers(),
        reason: reset.reason.clone(),
        initiator: reset.initiator.clone(),
        epoch: reset.epoch,
        created_at: reset.created_at.as_micros(),
        sent_at: micros(reset.sent_at),
        expires_at: reset.expires_at.as_micros(),
        completed_at: micros(completed_at),
        guesses_left: reset.guesses_left(),
        tenant_id: reset.tenant.to_string(),
    }
}

pub(super) fn account_state(projection: &Projection) -> proto::AccountState {
    let Projection { account, reset: blocking } = projection;
    let status = account.status();
    proto::AccountState {
        user_id: account.id.to_string(),
        locked: status.locked,
        locked_reason: status.locked_reason.to_owned(),
        account_state: status.account_state.to_owned(),
        revision: account.revision,
        reset: blocking.as_ref().map(|blocking| reset(blocking, &account.login_name)),
        roles: account.roles.names(),
    }
}

pub(super) fn applied(applied: &Applied) -> proto::ApplyResponse {
    let outcome = match applied.outcome {
        Outcome::Applied => proto::Outcome::Applied,
        Outcome::AccountGone => proto::Outcome::AccountGone,
        Outcome::ResetEnded => proto::Outcome::ResetEnded,
    };
    proto::ApplyResponse {
        outcome: outcome.into(),
        state: applied.account.as_ref().map(account_state),
        reset_state: applied.reset.as_ref().map_or(0, state),
        epoch: applied.reset.as_ref().map_or(0, |reset| reset.epoch),
        expires_at: applied.reset.as_ref().map_or(0, |reset| reset.expires_at.as_micros()),
    }
}

pub(super) fn identity(identity: &Identity) -> proto::Identity {
    proto::Identity {
        user_id: identity.user.to_string(),
        user_name: identity.user_name.clone(),
        scopes: identity.scopes.into(),
        expires_at: micros(identity.expires_at),
    }
}

pub(super) fn opened(opened: &Opened) -> proto::OpenedSession {
    proto::OpenedSession { token: opened.token.expose().to_owned(), expires_at: opened.expires_at.as_micros() }
}

pub(super) const fn policy(policy: PasswordPolicy) -> proto::PasswordPolicy {
    proto::PasswordPolicy { min_length: policy.min_length, max_length: policy.max_length, history: policy.history }
}

/// No proof at all is a link that does not verify.
pub(super) fn validate_proof(proof: Option<proto::validate_request::Proof>) -> Proof {
    match proof {
        Some(proto::validate_request::Proof::ResetSession(token)) => Proof::Session(Secret::new(token)),
        Some(proto::validate_request::Proof::Token(token)) => Proof::Link(Secret::new(token)),
        None => Proof::Link(Secret::new("")),
    }
}

/// No proof at all is a link that does not verify.
pub(super) fn complete_proof(proof: Option<proto::complete_request::Proof>) -> Proof {
    match proof {
        Some(proto::complete_request::Proof::ResetSession(token)) => Proof::Session(Secret::new(token)),
        Some(proto::complete_request::Proof::Token(token)) => Proof::Link(Secret::new(token)),
        None => Proof::Link(Secret::new("")),
    }
}
