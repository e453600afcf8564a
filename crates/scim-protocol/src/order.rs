//! What a body orders beside the profile: the trigger, the reset's options, a lock, a password. None of it is ever stored.

use serde_json::Value;

use crate::{schema::Target, urn};

/// A new password in plain text; `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Password(…)")
    }
}

/// What a body orders beside the profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// `forcePasswordReset` stands there as true. False orders nothing.
    pub force: bool,
    /// `forcePasswordReset` stands there at all.
    pub force_named: bool,
    /// The reset's `methods`.
    pub methods: Option<Vec<String>>,
    /// The reset's `reason`.
    pub reason: Option<String>,
    /// The reset's `expiresAt`, RFC 3339.
    pub expires_at: Option<String>,
    /// The `resetId` that stands beside them: only a document that a GET has shown has one.
    pub shown_reset: Option<String>,
    /// `accountLocked`.
    pub account_locked: Option<bool>,
    /// `password`.
    pub password: Option<Password>,
}

impl Orders {
    /// Does the body name any of the reset's options?
    pub const fn has_reset_options(&self) -> bool {
        self.methods.is_some() || self.reason.is_some() || self.expires_at.is_some()
    }

    /// Does it order a reset with options that may be those of one that a GET has shown?
    pub const fn may_echo(&self) -> bool {
        self.force && self.shown_reset.is_some() && self.has_reset_options()
    }

    /// Does the body order nothing but, at most, a reset?
    pub const fn only_reset(&self) -> bool {
        self.account_locked.is_none() && self.password.is_none()
    }

    /// Takes the value if the place is that of an order; false when it belongs to the profile. Null orders nothing.
    pub(crate) fn take(&mut self, target: &Target, value: &Value) -> bool {
        match (target.schema.id, target.attribute.name) {
            (urn::ENTERPRISE_USER | urn::WSO2, "forcePasswordReset") => self.take_force(value),
            (urn::WSO2, "accountLocked") => self.account_locked = value.as_bool().or(self.account_locked),
            (urn::RESET, "methods") => self.methods = methods(value).or_else(|| self.methods.take()),
            (urn::RESET, "reason") => self.reason = text(value).or_else(|| self.reason.take()),
            (urn::RESET, "expiresAt") => self.expires_at = text(value).or_else(|| self.expires_at.take()),
            (urn::USER, "password") => self.password = text(value).map(Password).or_else(|| self.password.take()),
            _ => return false,
        }
        true
    }

    /// Notes what orders nothing, but tells where the body comes from.
    pub(crate) fn note(&mut self, target: &Target, value: &Value) {
        if (target.schema.id, target.attribute.name) == (urn::RESET, "resetId") {
            self.shown_reset = text(value).or_else(|| self.shown_reset.take());
        }
    }

    fn take_force(&mut self, value: &Value) {
        self.force_named |= value.is_boolean();
        self.force |= value == &Value::Bool(true);
    }
}

/// Is this place one of an order?
pub(crate) fn is_order(target: &Target) -> bool {
    Orders::default().take(target, &Value::Null)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn methods(value: &Value) -> Option<Vec<String>> {
    value.as_array().map(|names| names.iter().filter_map(text).collect())
}
