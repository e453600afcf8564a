//! Many operations in one request (RFC 7644 §3.7): what it asks for, in which order that can be done, and the answer.
//!
//! ```text
//! Bulk::parse(body)? -> start() -> Run: next_wave() -> [Call], each carried out like a request of its own
//!                                       ^  finish(step, outcome) for each    |
//!                                       +------------------------------------+   no calls any more: answer(base)
//! ```
//!
//! What a [`Call`] says, the caller of this module does as if it had come alone; everything else is known here: which operations
//! wait for which, what a `bulkId` became, circles, `failOnErrors`, and how the outcomes are reported.
//!
//! - The calls of one wave touch different things and may be carried out at the same time; the outcome is that of one after another
//!   in the order of the request (§3.7). With `failOnErrors` each wave is one call, since what comes after the last error accepted
//!   must not be done.
//! - An operation that mentions `bulkId:x` waits for the one that creates `x`, wherever in the request that stands.
//! - When resources that are created refer to each other in a circle (§3.7.1), one is created without the values that close the
//!   circle, and gets them by a PATCH as soon as that is possible. It is reported as the one operation that it is. When the PATCH
//!   fails, the resource is deleted again: a failed operation leaves nothing.
//! - An operation that cannot be read, or mentions what is not created, fails alone.

mod answer;
mod operation;
mod order;
mod reference;
mod run;
mod spot;
mod waves;

use serde_json::Value;
use std::collections::HashSet;

use crate::{ScimError, json, message::Message, urn};
use operation::Operation;

pub use operation::Method;
pub use run::{Call, Done, Run, Step};

/// The most operations that a request may have.
pub const MAX_OPERATIONS: usize = 1_000;
/// The most bytes that a request may have. Whoever reads the body keeps this limit, before it is read.
pub const MAX_PAYLOAD_SIZE: usize = 1_048_576;

/// A request as it was read: a list of operations, of which some may be unreadable.
#[derive(Clone, Debug)]
pub struct Bulk {
    fail_on_errors: Option<u32>,
    operations: Vec<Operation>,
}

impl Bulk {
    /// Reads a body. Names may be written in any case; `schemas` may be missing but not name something else. An operation that cannot
    /// be read is an error of that operation, in the answer, and not of the request.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no `BulkRequest` or has no `Operations`, `invalidValue` for a `failOnErrors` below 1 or a `bulkId`
    /// that two operations have; 413 for more than [`MAX_OPERATIONS`].
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let mut message = Message::new(json::object(body)?);
        message.check_schemas(urn::BULK_REQUEST)?;
        let fail_on_errors = message.integer("failOnErrors")?.map(error_limit).transpose()?;
        let operations: Vec<_> = operations(message.take("Operations")?)?.into_iter().map(Operation::read).collect();
        check_unique(&operations)?;
        Ok(Self { fail_on_errors, operations })
    }

    /// How many operations there are, unreadable ones too.
    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    /// How many errors the client accepts; nothing: any number.
    pub const fn fail_on_errors(&self) -> Option<u32> {
        self.fail_on_errors
    }

    /// Plans what is to be done.
    pub fn start(self) -> Run {
        Run::new(self)
    }
}

fn error_limit(number: i64) -> Result<u32, ScimError> {
    if number < 1 {
        return Err(ScimError::invalid_value("`failOnErrors` must be at least 1; leave it out, and no number of errors stops the rest"));
    }
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

fn operations(value: Option<Value>) -> Result<Vec<Value>, ScimError> {
    match value {
        Some(Value::Array(operations)) if operations.is_empty() => {
            Err(ScimError::invalid_syntax("`Operations` is empty: a bulk request needs at least one operation"))
        }
        Some(Value::Array(operations)) if operations.len() > MAX_OPERATIONS => {
            let number = operations.len();
            Err(ScimError::new(413, format!("The number of operations ({number}) exceeds the maxOperations ({MAX_OPERATIONS}): send them in several requests")))
        }
        Some(Value::Array(operations)) => Ok(operations),
        None => Err(ScimError::invalid_syntax("`Operations` is missing: an array of operations is expected")),
        Some(other) => Err(ScimError::invalid_syntax(format!("`Operations` must be an array, not {}", json::kind(&other)))),
    }
}

fn check_unique(operations: &[Operation]) -> Result<(), ScimError> {
    let mut seen = HashSet::new();
    match operations.iter().filter_map(|operation| operation.echo.bulk_id.as_deref()).find(|id| !seen.insert(*id)) {
        None => Ok(()),
        Some(twice) => Err(ScimError::invalid_value(format!("the bulkId `{}` belongs to two operations: each needs its own", json::shown(twice)))),
    }
}

#[cfg(test)]
mod tests;
