//! Between rows and domain types.

use rekey_kernel::{EmailAddress, Failure, IntentId, Method, Methods, TenantId, Timestamp, UserId};
use rekey_scim_protocol::{Object, json};
use sea_orm::{ActiveValue::Set, Value};

use super::{
    columns::{Columns, changed, of_user},
    row::{intent, user},
};
use crate::domain::{Account, Intent, IntentKind, IntentReset, Outcome, Progress, User};

pub(super) const UNFINISHED: &str = "unfinished";
pub(super) const FINISHED: &str = "finished";
pub(super) const ABANDONED: &str = "abandoned";

/// All columns of a user.
pub(super) fn user_columns(user: &User) -> Columns {
    let mut columns = of_user(&user.profile);
    columns.extend([
        ("id", user.id.as_uuid().into()),
        ("tenant_id", user.tenant.as_uuid().into()),
        ("profile", json::text(&user.profile).into()),
        ("version", signed(user.version).into()),
        ("created_at", user.created.as_micros().into()),
        ("modified_at", user.modified.as_micros().into()),
        ("locked", user.account.locked.into()),
        ("locked_reason", user.account.locked_reason.as_str().into()),
        ("account_state", user.account.state.as_str().into()),
        ("revision", signed(user.account.revision).into()),
    ]);
    columns
}

/// The columns that the next version of a user has otherwise. The revision is not among them: it is the projection's alone, and may have
/// grown without a new version since the user was read.
pub(super) fn changed_columns(before: &User, after: &User) -> Columns {
    let mut columns = changed(&before.profile, &after.profile);
    if before.profile != after.profile {
        columns.push(("profile", json::text(&after.profile).into()));
    }
    let states = seen(before).into_iter().zip(seen(after));
    columns.extend(states.filter(|(before, after)| before != after).map(|(_, after)| after));
    columns.push(("version", signed(after.version).into()));
    columns
}

/// What clients see of a user beside the profile.
fn seen(user: &User) -> [(&'static str, Value); 4] {
    let account = &user.account;
    [
        ("modified_at", user.modified.as_micros().into()),
        ("locked", account.locked.into()),
        ("locked_reason", account.locked_reason.as_str().into()),
        ("account_state", account.state.as_str().into()),
    ]
}

impl TryFrom<user::Model> for User {
    type Error = Failure;

    fn try_from(row: user::Model) -> Result<Self, Failure> {
        let profile: Object = serde_json::from_str(&row.profile).map_err(|error| corrupt("profile").because(error))?;
        Ok(Self {
            id: UserId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            profile,
            version: unsigned(row.version),
            created: Timestamp::from_micros(row.created_at),
            modified: Timestamp::from_micros(row.modified_at),
            account: Account { locked: row.locked, locked_reason: row.locked_reason, state: row.account_state, revision: unsigned(row.revision) },
            groups: Vec::new(),
        })
    }
}

pub(super) fn intent_row(intent: &Intent) -> intent::ActiveModel {
    let reset = intent.reset.as_ref();
    let address = |address: Option<&EmailAddress>| address.map(|address| address.as_str().to_owned());
    intent::ActiveModel {
        id: Set(intent.id.as_uuid()),
        tenant_id: Set(intent.tenant.as_uuid()),
        user_id: Set(Some(intent.user.as_uuid())),
        version: Set(signed(intent.version)),
        kind: Set(intent.kind.as_str().to_owned()),
        initiator: Set(intent.initiator.clone()),
        methods: Set(reset.map(|reset| methods_text(&reset.methods))),
        reason: Set(reset.map(|reset| reset.reason.clone()).unwrap_or_default()),
        recipient: Set(address(reset.and_then(|reset| reset.recipient.as_ref()))),
        previous_address: Set(address(reset.and_then(|reset| reset.previous.as_ref()))),
        state: Set(UNFINISHED.to_owned()),
        outcome: Set(None),
        epoch: Set(0),
        expires_at: Set(0),
        created_at: Set(intent.created.as_micros()),
        finished_at: Set(None),
    }
}

/// An id that is given up, so that a late commit under it fails.
pub(super) fn abandoned_row(tenant: TenantId, intent: IntentId, now: Timestamp) -> intent::ActiveModel {
    intent::ActiveModel {
        id: Set(intent.as_uuid()),
        tenant_id: Set(tenant.as_uuid()),
        user_id: Set(None),
        version: Set(0),
        kind: Set(String::new()),
        initiator: Set(String::new()),
        methods: Set(None),
        reason: Set(String::new()),
        recipient: Set(None),
        previous_address: Set(None),
        state: Set(ABANDONED.to_owned()),
        outcome: Set(None),
        epoch: Set(0),
        expires_at: Set(0),
        created_at: Set(now.as_micros()),
        finished_at: Set(Some(now.as_micros())),
    }
}

impl TryFrom<intent::Model> for Intent {
    type Error = Failure;

    fn try_from(row: intent::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: IntentId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            user: UserId::from_uuid(row.user_id.ok_or_else(|| corrupt("intent"))?),
            version: unsigned(row.version),
            kind: IntentKind::parse(&row.kind).ok_or_else(|| corrupt("intent"))?,
            initiator: row.initiator.clone(),
            created: Timestamp::from_micros(row.created_at),
            progress: progress(&row)?,
            reset: reset(row)?,
        })
    }
}

fn progress(row: &intent::Model) -> Result<Progress, Failure> {
    if row.state == UNFINISHED {
        return Ok(Progress::Unfinished);
    }
    let outcome = row.outcome.as_deref().and_then(Outcome::parse).ok_or_else(|| corrupt("intent"))?;
    Ok(Progress::Finished { outcome, epoch: unsigned(row.epoch), expires_at: Timestamp::from_micros(row.expires_at) })
}

fn reset(row: intent::Model) -> Result<Option<IntentReset>, Failure> {
    let address = |text: Option<String>| text.map(|text| text.parse::<EmailAddress>().map_err(|error| corrupt("address").because(error))).transpose();
    let Some(methods) = row.methods else { return Ok(None) };
    Ok(Some(IntentReset { methods: methods_from(&methods)?, reason: row.reason, recipient: address(row.recipient)?, previous: address(row.previous_address)? }))
}

fn methods_text(methods: &Methods) -> String {
    let names: Vec<_> = methods.iter().map(Method::as_str).collect();
    names.join(",")
}

fn methods_from(text: &str) -> Result<Methods, Failure> {
    text.split(',').map(|name| name.parse::<Method>().map_err(|error| corrupt("method").because(error))).collect()
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn corrupt(what: &str) -> Failure {
    Failure::internal(format!("a stored {what} cannot be read"))
}
