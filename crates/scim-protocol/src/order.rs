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

/// What a GET has shown of a reset, sent back: its `resetId` tells, since whoever writes options for a reset of their own writes none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Echo {
    /// The `resetId`.
    pub reset: String,
    /// The `methods` beside it.
    pub methods: Option<Vec<String>>,
    /// The `reason` beside it.
    pub reason: Option<String>,
    /// The `expiresAt` beside it, RFC 3339.
    pub expires_at: Option<String>,
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
    /// Options that may be those of another reset.
    pub echo: Option<Echo>,
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

    /// Does it order a reset beside what a GET has shown of one?
    pub const fn may_echo(&self) -> bool {
        self.force && self.echo.is_some()
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
            self.echo = text(value).map(|reset| Echo { reset, ..Echo::default() }).or_else(|| self.echo.take());
        }
    }

    /// Sets the options that were read together with a `resetId` apart.
    pub(crate) fn with_echo_apart(mut self) -> Self {
        if let Some(echo) = &mut self.echo {
            (echo.methods, echo.reason, echo.expires_at) = (self.methods.take(), self.reason.take(), self.expires_at.take());
        }
        self
    }

    /// Both, the later word where they say different things.
    pub(crate) fn then(self, later: Self) -> Self {
        Self {
            force: self.force || later.force,
            force_named: self.force_named || later.force_named,
            methods: later.methods.or(self.methods),
            reason: later.reason.or(self.reason),
            expires_at: later.expires_at.or(self.expires_at),
            echo: later.echo.or(self.echo),
            account_locked: later.account_locked.or(self.account_locked),
            password: later.password.or(self.password),
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
