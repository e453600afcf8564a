//! A user as clients read it.

use rekey_kernel::{Method, Secret};
use rekey_scim_protocol::{Object, urn};
use serde_json::{Map, Value, json};

use super::{Rendered, group_location, meta, put, user_location};
use crate::domain::{LiveReset, Membership, User, etag};

/// A user, and what of others is shown with it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The user.
    pub user: &'a User,
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
pub fn user(shown: Shown<'_>) -> Rendered {
    let Shown { user, base, .. } = shown;
    let groups = Some(&user.groups).filter(|groups| shown.groups && !groups.is_empty()).map(|groups| memberships(groups, base));
    let reset = shown.reset.map(reset_extension);
    let derived: Vec<_> = groups.iter().chain(&reset).collect();
    let (location, version) = (user_location(base, user.id), etag::tag(user.version, &derived));
    let mut json = user.profile.clone();
    put(&mut json, "id", user.id.to_string());
    put(&mut json, "meta", meta("User", (user.created, user.modified), &location, &version));
    put(&mut json, urn::WSO2, account(user, shown.code));
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

fn account(user: &User, code: Option<&Secret>) -> Value {
    let mut account = Map::new();
    put(&mut account, "accountLocked", user.account.locked);
    put(&mut account, "accountState", user.account.state.clone());
    if !user.account.locked_reason.is_empty() {
        put(&mut account, "lockedReason", user.account.locked_reason.clone());
    }
    if let Some(code) = code {
        put(&mut account, "oneTimePassword", code.expose());
    }
    Value::Object(account)
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
