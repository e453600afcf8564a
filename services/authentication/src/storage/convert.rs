//! Between rows and the domain.

use rekey_kernel::{Failure, IntentId, Method, Methods, ResetId, TenantId, Timestamp, UserId};
use sea_orm::ActiveValue::{NotSet, Set};

use super::rows::{account, attempts, audit, preparation, reset, reset_session, session};
use crate::domain::{
    Account, Attempts, AuditEntry, CompletedBy, Outcome, PasswordHash, Preparation, Reset, ResetSession, Roles, Session, State, StateName, TokenHash,
};

/// Numbers of the domain only grow from zero and never come near the end of either type.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn small_unsigned(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn broken(what: &str) -> Failure {
    Failure::internal(format!("a stored {what} cannot be read"))
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        Self {
            tenant: TenantId::from_uuid(row.tenant),
            id: UserId::from_uuid(row.id),
            login_name: row.login_name,
            password: row.password.map(PasswordHash::new),
            active: row.active,
            admin_locked: row.admin_locked,
            blocking: row.blocking.map(ResetId::from_uuid),
            credential_version: unsigned(row.credential_version),
            revision: unsigned(row.revision),
            epoch: unsigned(row.epoch),
            roles: Roles::from_names(row.roles.split_whitespace()),
            created_at: Timestamp::from_micros(row.created_at),
        }
    }
}

pub(super) fn account_row(account: &Account) -> account::ActiveModel {
    account::ActiveModel {
        id: Set(account.id.as_uuid()),
        tenant: Set(account.tenant.as_uuid()),
        login_name: Set(account.login_name.clone()),
        folded: Set(account.folded_name()),
        password: Set(account.password.as_ref().map(|hash| hash.as_str().to_owned())),
        active: Set(account.active),
        admin_locked: Set(account.admin_locked),
        blocking: Set(account.blocking.map(ResetId::as_uuid)),
        credential_version: Set(signed(account.credential_version)),
        revision: Set(signed(account.revision)),
        epoch: Set(signed(account.epoch)),
        roles: Set(account.roles.to_string()),
        created_at: Set(account.created_at.as_micros()),
    }
}

fn methods(row: &reset::Model) -> Methods {
    let on = [(row.link, Method::Link), (row.otp, Method::Otp), (row.offline, Method::Offline)];
    on.into_iter().filter_map(|(on, method)| on.then_some(method)).collect()
}

fn state(row: &reset::Model) -> Option<State> {
    let at = Timestamp::from_micros(row.ended_at.unwrap_or_default());
    let by = if row.completed_by.as_deref() == Some(CompletedBy::Administrator.as_str()) { CompletedBy::Administrator } else { CompletedBy::User };
    Some(match StateName::from_name(&row.state)? {
        StateName::Pending => State::Pending,
        StateName::Completed => State::Completed { at, by },
        StateName::Cancelled => State::Cancelled { at },
        StateName::Superseded => State::Superseded { at },
        StateName::Expired => State::Expired { at },
        StateName::Exhausted => State::Exhausted { at },
    })
}

/// When it ended, and who completed it.
pub(super) fn ending(state: State) -> (Option<i64>, Option<String>) {
    match state {
        State::Pending => (None, None),
        State::Completed { at, by } => (Some(at.as_micros()), Some(by.as_str().to_owned())),
        State::Cancelled { at } | State::Superseded { at } | State::Expired { at } | State::Exhausted { at } => (Some(at.as_micros()), None),
    }
}

impl TryFrom<reset::Model> for Reset {
    type Error = Failure;

    fn try_from(row: reset::Model) -> Result<Self, Failure> {
        let (state, methods) = (state(&row).ok_or_else(|| broken("reset"))?, methods(&row));
        Ok(Self {
            id: ResetId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant),
            user: UserId::from_uuid(row.user),
            methods,
            reason: row.reason,
            initiator: row.initiator,
            epoch: unsigned(row.epoch),
            salt: row.salt,
            kid: row.kid,
            created_at: Timestamp::from_micros(row.created_at),
            sent_at: row.sent_at.map(Timestamp::from_micros),
            expires_at: Timestamp::from_micros(row.expires_at),
            guesses_used: small_unsigned(row.guesses_used),
            state,
        })
    }
}

pub(super) fn reset_row(reset: &Reset) -> reset::ActiveModel {
    let (ended_at, completed_by) = ending(reset.state);
    reset::ActiveModel {
        id: Set(reset.id.as_uuid()),
        tenant: Set(reset.tenant.as_uuid()),
        user: Set(reset.user.as_uuid()),
        link: Set(reset.methods.contains(Method::Link)),
        otp: Set(reset.methods.contains(Method::Otp)),
        offline: Set(reset.methods.contains(Method::Offline)),
        reason: Set(reset.reason.clone()),
        initiator: Set(reset.initiator.clone()),
        epoch: Set(signed(reset.epoch)),
        salt: Set(reset.salt.clone()),
        kid: Set(reset.kid.clone()),
        created_at: Set(reset.created_at.as_micros()),
        sent_at: Set(reset.sent_at.map(Timestamp::as_micros)),
        expires_at: Set(reset.expires_at.as_micros()),
        guesses_used: Set(small(reset.guesses_used)),
        state: Set(reset.state.name().as_str().to_owned()),
        ended_at: Set(ended_at),
        completed_by: Set(completed_by),
    }
}

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        Self {
            hash: TokenHash(row.hash),
            tenant: TenantId::from_uuid(row.tenant),
            user: UserId::from_uuid(row.user),
            credential_version: unsigned(row.credential_version),
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: Timestamp::from_micros(row.expires_at),
        }
    }
}

pub(super) fn session_row(session: &Session) -> session::ActiveModel {
    session::ActiveModel {
        hash: Set(session.hash.0.clone()),
        tenant: Set(session.tenant.as_uuid()),
        user: Set(session.user.as_uuid()),
        credential_version: Set(signed(session.credential_version)),
        created_at: Set(session.created_at.as_micros()),
        expires_at: Set(session.expires_at.as_micros()),
    }
}

impl From<reset_session::Model> for ResetSession {
    fn from(row: reset_session::Model) -> Self {
        Self {
            hash: TokenHash(row.hash),
            tenant: TenantId::from_uuid(row.tenant),
            user: UserId::from_uuid(row.user),
            reset: ResetId::from_uuid(row.reset),
            expires_at: Timestamp::from_micros(row.expires_at),
        }
    }
}

pub(super) fn reset_session_row(session: &ResetSession) -> reset_session::ActiveModel {
    reset_session::ActiveModel {
        hash: Set(session.hash.0.clone()),
        tenant: Set(session.tenant.as_uuid()),
        user: Set(session.user.as_uuid()),
        reset: Set(session.reset.as_uuid()),
        expires_at: Set(session.expires_at.as_micros()),
    }
}

impl From<attempts::Model> for Attempts {
    fn from(row: attempts::Model) -> Self {
        Self {
            failures: small_unsigned(row.failures),
            since: Timestamp::from_micros(row.since),
            strikes: small_unsigned(row.strikes),
            paused_until: Timestamp::from_micros(row.paused_until),
            last_at: Timestamp::from_micros(row.last_at),
        }
    }
}

pub(super) fn attempts_row(tenant: TenantId, key: &[u8], attempts: &Attempts) -> attempts::ActiveModel {
    attempts::ActiveModel {
        key: Set(key.to_vec()),
        tenant: Set(tenant.as_uuid()),
        failures: Set(small(attempts.failures)),
        since: Set(attempts.since.as_micros()),
        strikes: Set(small(attempts.strikes)),
        paused_until: Set(attempts.paused_until.as_micros()),
        last_at: Set(attempts.last_at.as_micros()),
    }
}

impl TryFrom<preparation::Model> for Preparation {
    type Error = Failure;

    fn try_from(row: preparation::Model) -> Result<Self, Failure> {
        let unreadable = |error| broken("preparation").because(error);
        let outcome = row.outcome.map(|name| Outcome::from_name(&name).ok_or_else(|| broken("outcome"))).transpose()?;
        Ok(Self {
            intent: IntentId::from_uuid(row.intent),
            tenant: TenantId::from_uuid(row.tenant),
            user: UserId::from_uuid(row.user),
            actor: serde_json::from_str(&row.actor).map_err(unreadable)?,
            change: row.change.map(|json| serde_json::from_str(&json)).transpose().map_err(unreadable)?,
            held_name: row.held_name,
            prepared_at: Timestamp::from_micros(row.prepared_at),
            outcome,
        })
    }
}

pub(super) fn preparation_row(preparation: &Preparation) -> Result<preparation::ActiveModel, Failure> {
    let unwritable = |error| Failure::internal("a preparation cannot be written").because(error);
    let change = preparation.change.as_ref();
    Ok(preparation::ActiveModel {
        intent: Set(preparation.intent.as_uuid()),
        tenant: Set(preparation.tenant.as_uuid()),
        user: Set(preparation.user.as_uuid()),
        actor: Set(serde_json::to_string(&preparation.actor).map_err(unwritable)?),
        change: Set(change.map(serde_json::to_string).transpose().map_err(unwritable)?),
        creates: Set(change.is_some_and(|change| change.create)),
        held_name: Set(preparation.held_name.clone()),
        prepared_at: Set(preparation.prepared_at.as_micros()),
        committed: Set(false),
        outcome: Set(None),
        settled_at: Set(None),
    })
}

pub(super) fn audit_row(entry: &AuditEntry) -> audit::ActiveModel {
    audit::ActiveModel {
        id: NotSet,
        tenant: Set(entry.tenant.as_uuid()),
        actor: Set(entry.actor.user.map(UserId::as_uuid)),
        actor_name: Set(entry.actor.name.clone()),
        source: Set(entry.actor.source.clone()),
        action: Set(entry.action.as_str().to_owned()),
        subject: Set(entry.subject.as_uuid()),
        reset: Set(entry.reset.map(ResetId::as_uuid)),
        at: Set(entry.at.as_micros()),
        result: Set(entry.result.to_owned()),
    }
}
