//! A user as clients read it.

use rekey_kernel::{Method, Secret};
use rekey_scim_protocol::{Object, json, urn};
use serde_json::{Map, Value, json};

use super::{Rendered, group_location, meta, put, user_location};
use crate::domain::{Account, LiveReset, Membership, User, etag};

/// What of others is shown with a user.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its groups as well?
    pub groups: bool,
    /// The reset in its way.
    pub reset: Option<&'a LiveReset>,
    /// The reset's offline code.
    pub code: Option<&'a Secret>,
    /// The absolute URL of `/scim2`.
    pub base: &'a str,
}

/// The whole user.
pub fn user(user: User, shown: Shown<'_>) -> Rendered {
    let base = shown.base;
    let groups = Some(&user.groups).filter(|groups| shown.groups && !groups.is_empty()).map(|groups| memberships(groups, base));
    let reset = shown.reset.map(reset_extension);
    let derived: Vec<_> = groups.iter().chain(&reset).collect();
    let (location, version) = (user_location(base, user.id), etag::tag(user.version, &derived));
    let mut json = user.profile;
    put(&mut json, "id", user.id.to_string());
    put(&mut json, "meta", meta("User", (user.created, user.modified), &location, &version));
    put(&mut json, urn::WSO2, account(user.account, shown.code));
    for (name, value) in [("groups", groups), (urn::RESET, reset)] {
        if let Some(value) = value {
            put(&mut json, name, value);
        }
    }
    let schemas = schemas(&json);
    put(&mut json, "schemas", schemas);
    Rendered { json, version, location }
}

fn schemas(json: &Object) -> Value {
    let used = [urn::USER, urn::ENTERPRISE_USER, urn::WSO2, urn::RESET].into_iter().filter(|urn| *urn == urn::USER || json.contains_key(*urn));
    used.map(Value::from).collect()
}

fn memberships(groups: &[Membership], base: &str) -> Value {
    let one = |membership: &Membership| {
        json!({
            "value": membership.group.to_string(),
            "$ref": group_location(base, membership.group),
            "display": membership.display,
            "type": if membership.direct { "direct" } else { "indirect" },
        })
    };
    groups.iter().map(one).collect()
}

/// About how many bytes these groups take, as JSON.
pub fn groups_size(groups: &[Membership], base: &str) -> usize {
    // Two ids, `/Groups/`, `indirect`, the names and the punctuation.
    let each = base.len() + 2 * 36 + 8 + 8 + 50;
    groups.iter().map(|group| each + json::size(&group.display)).sum()
}

fn account(account: Account, code: Option<&Secret>) -> Value {
    let mut json = Map::new();
    put(&mut json, "accountLocked", account.locked);
    put(&mut json, "accountState", account.state);
    if !account.locked_reason.is_empty() {
        put(&mut json, "lockedReason", account.locked_reason);
    }
    if let Some(code) = code {
        put(&mut json, "oneTimePassword", code.expose());
    }
    Value::Object(json)
}

fn reset_extension(reset: &LiveReset) -> Value {
    let methods: Vec<_> = reset.methods.iter().map(Method::as_str).collect();
    let mut extension = Map::new();
    put(&mut extension, "resetId", reset.id.to_string());
    put(&mut extension, "state", reset.state.clone());
    put(&mut extension, "methods", json!(methods));
    put(&mut extension, "expiresAt", reset.expires_at.to_rfc3339());
    put(&mut extension, "guessesLeft", reset.guesses_left);
    if !reset.reason.is_empty() {
        put(&mut extension, "reason", reset.reason.clone());
    }
    if let Some(sent_at) = reset.sent_at {
        put(&mut extension, "sentAt", sent_at.to_rfc3339());
    }
    Value::Object(extension)
}
