//! PATCH (RFC 7644 §3.5.2): reading the operations, and applying them to a user.
//!
//! Reading resolves everything to single steps with a known place and a checked value, and takes out what is an order (the
//! trigger, a lock, a password) and not profile. Applying is atomic: the resource is only changed when every step succeeds.

mod apply;
mod list;
mod read;

use serde_json::Value;

use crate::{Object, Orders, ScimError, json, path::Path, user::check_user_name};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Add,
    Replace,
    Remove,
}

/// One change at one place.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    verb: Verb,
    path: Path,
    value: Value,
}

/// The most operations that one PATCH may have.
pub const MAX_OPERATIONS: usize = 1_000;

/// A PATCH, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    steps: Vec<Step>,
    orders: Orders,
}

impl Patch {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no PATCH or has no operations, `invalidPath`, `invalidFilter`, `invalidValue`, and
    /// `mutability` for a path to what we alone write.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let mut patch = Self::default();
        for operation in operations(json::object(body)?)? {
            patch.read(operation)?;
        }
        Ok(patch)
    }

    /// What it orders beside the profile.
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Does it name anything of the profile?
    pub fn touches_profile(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Is it the trigger, perhaps with the reset's options, and nothing else?
    pub fn is_trigger_only(&self) -> bool {
        self.orders.force_named && self.orders.only_reset() && !self.touches_profile()
    }

    /// The profile as it is afterwards.
    ///
    /// # Errors
    /// 400 `noTarget` when a `replace` chooses nothing, `invalidValue` when it makes a second primary value or an empty userName.
    pub fn apply(&self, profile: &Object) -> Result<Object, ScimError> {
        let mut changed = profile.clone();
        for step in &self.steps {
            step.apply(&mut changed)?;
        }
        check_user_name(&changed)?;
        Ok(changed)
    }
}

fn operations(body: Object) -> Result<Vec<Value>, ScimError> {
    let mut found = body.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("Operations"));
    match (found.next().map(|(_, value)| value), found.next()) {
        (Some(Value::Array(operations)), None) if operations.is_empty() => {
            Err(ScimError::invalid_syntax("`Operations` is empty: a PATCH needs at least one operation"))
        }
        (Some(Value::Array(operations)), None) if operations.len() > MAX_OPERATIONS => {
            Err(ScimError::invalid_syntax(format!("`Operations` has more than {MAX_OPERATIONS} entries")))
        }
        (Some(Value::Array(operations)), None) => Ok(operations),
        (None, _) => Err(ScimError::invalid_syntax("`Operations` is missing: an array of operations is expected")),
        _ => Err(ScimError::invalid_syntax("`Operations` must stand once and be an array of operations")),
    }
}

#[cfg(test)]
mod tests;
