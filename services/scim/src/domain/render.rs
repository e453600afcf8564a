//! A user as clients read it.

use rekey_kernel::{Method, Secret};
use rekey_scim_protocol::{Object, urn};
use serde_json::{Map, Value, json};

use super::{LiveReset, User, etag};

/// Where the user lies under `base`, the absolute URL of `/scim2`.
pub fn location(base: &str, user: &User) -> String {
    format!("{base}/Users/{}", user.id)
}

/// The whole user, before `attributes` and `excludedAttributes`.
pub fn resource(user: &User, reset: Option<&LiveReset>, code: Option<&Secret>, base: &str) -> Object {
    let mut shown = user.profile.clone();
    put(&mut shown, "id", user.id.to_string());
    put(&mut shown, "meta", meta(user, base));
    put(&mut shown, urn::WSO2, account(user, code));
    if let Some(reset) = reset {
        put(&mut shown, urn::RESET, reset_extension(reset));
    }
    let schemas = [urn::USER, urn::ENTERPRISE_USER, urn::WSO2, urn::RESET].into_iter().filter(|urn| *urn == urn::USER || shown.contains_key(*urn));
    let schemas: Vec<_> = schemas.collect();
    put(&mut shown, "schemas", json!(schemas));
    shown
}

fn put(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

fn meta(user: &User, base: &str) -> Value {
    json!({
        "resourceType": "User",
        "created": user.created.to_rfc3339(),
        "lastModified": user.modified.to_rfc3339(),
        "location": location(base, user),
        "version": etag::tag(user.version),
    })
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
