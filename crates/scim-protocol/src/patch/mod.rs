//! PATCH (RFC 7644 §3.5.2): reading the operations, and applying them to a user.
//!
//! Reading resolves everything to single steps with a known place and a checked value, and takes out what is an order (the
//! trigger, a lock, a password) and not profile. Applying is atomic: the resource is only changed when every step succeeds.

mod apply;
mod list;
mod members;
mod places;
mod read;
mod values;

pub use members::MemberEdit;

use serde_json::Value;
use std::mem;

use crate::{
    Object, Orders, ScimError,
    body::check,
    json,
    message::Message,
    path::Path,
    schema::{ResourceType, Target},
    urn,
};

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
#[derive(Clone, Debug)]
pub struct Patch {
    resource_type: &'static ResourceType,
    steps: Vec<Step>,
    orders: Orders,
    /// The places that stand for the orders.
    ordered: Vec<Target>,
    /// A path names the reset's options.
    options_in_path: bool,
}

impl Patch {
    /// Reads a body that changes a resource of this type. Only users can be given orders.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no PATCH, says in `schemas` that it is something else, or has no operations, `invalidPath`, `invalidFilter`, `invalidValue`, and
    /// `mutability` for a path to what we alone write.
    pub fn parse(resource_type: &'static ResourceType, body: &[u8]) -> Result<Self, ScimError> {
        let mut patch = Self { resource_type, steps: Vec::new(), orders: Orders::default(), ordered: Vec::new(), options_in_path: false };
        let mut message = Message::new(json::object(body)?);
        message.check_schemas(urn::PATCH_OP)?;
        for operation in operations(message.take("Operations")?)? {
            let before = mem::take(&mut patch.orders);
            patch.read(operation)?;
            patch.orders = before.then(mem::take(&mut patch.orders).with_echo_apart());
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

    /// Does a path name options of a reset that is not ordered? In a value without a path they may be what a GET has shown, and are passed
    /// over, as in a PUT.
    pub const fn has_stray_options(&self) -> bool {
        self.options_in_path && self.orders.has_reset_options() && !self.orders.force_named
    }

    /// Every place that it names to be written, orders too, whether or not that changes anything: an attribute, or a part of one. Places
    /// may stand there more than once. What a client may not write at all is not among them (RFC 7644 §3.11: `/Me` may be written in part).
    pub fn written(&self) -> Vec<Target> {
        self.steps.iter().flat_map(Step::written).chain(self.ordered.iter().copied()).collect()
    }

    /// The profile as it is afterwards.
    ///
    /// # Errors
    /// 400 `noTarget` when a `replace` chooses nothing, `mutability` when it changes what is immutable, `invalidValue` when it makes a
    /// second primary value or leaves out or empties what is required.
    pub fn apply(&self, profile: &Object) -> Result<Object, ScimError> {
        let mut changed = profile.clone();
        for step in &self.steps {
            step.apply(&mut changed)?;
        }
        check(self.resource_type, &changed)?;
        Ok(changed)
    }
}

impl Step {
    fn written(&self) -> Vec<Target> {
        match &self.path {
            Path::Attribute { target, .. } => vec![*target],
            Path::Schema(schema) => schema.attributes.iter().map(|attribute| Target { schema, attribute, sub: None }).collect(),
        }
    }
}

fn operations(named: Option<Value>) -> Result<Vec<Value>, ScimError> {
    match named {
        Some(Value::Array(operations)) if operations.is_empty() => {
            Err(ScimError::invalid_syntax("`Operations` is empty: a PATCH needs at least one operation"))
        }
        Some(Value::Array(operations)) if operations.len() > MAX_OPERATIONS => {
            Err(ScimError::invalid_syntax(format!("`Operations` has more than {MAX_OPERATIONS} entries")))
        }
        Some(Value::Array(operations)) => Ok(operations),
        None => Err(ScimError::invalid_syntax("`Operations` is missing: an array of operations is expected")),
        Some(other) => Err(ScimError::invalid_syntax(format!("`Operations` must be an array of operations, not {}", json::kind(&other)))),
    }
}

#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod value_tests;
