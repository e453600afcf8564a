//! Filters (RFC 7644 §3.4.2.2): the tree, its parser and printer, its checks, and what fulfils it.

mod check;
mod compare;
mod evaluate;
mod lexer;
#[cfg(test)]
mod oracle;
mod parser;
mod print;

pub(crate) use parser::Parser;

use serde_json::Value;

use crate::{ScimError, schema::ResourceType};

/// The longest filter that is read, in bytes.
pub const MAX_LENGTH: usize = 4_096;
/// How many comparisons one filter may hold: each may be a search of its own, over all resources that there are.
pub const MAX_COMPARISONS: usize = 50;
/// How deep parentheses, brackets and `not` may nest.
pub const MAX_DEPTH: usize = 32;

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        let operator = match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "ew" => Self::Ew,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        };
        Some(operator)
    }
}

/// A filter as a tree. Names stand as the client wrote them.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `name op value`
    Compare {
        /// The attribute.
        name: String,
        /// How.
        operator: Operator,
        /// With what: a string, number, boolean or null.
        value: Value,
    },
    /// `name pr`
    Present(String),
    /// `name[filter]`: one element fulfils all of it.
    Element {
        /// The multi-valued attribute.
        name: String,
        /// What one element must fulfil.
        filter: Box<Filter>,
    },
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
}

impl Filter {
    /// Reads a filter over resources of a type and checks that its attributes are there and comparable so. Names stay as written.
    ///
    /// # Errors
    /// 400 `invalidFilter`.
    pub fn parse(resource_type: &'static ResourceType, text: &str) -> Result<Self, ScimError> {
        Self::parse_any(&[resource_type], text)
    }

    /// Reads a filter over resources of several types. Each attribute must be there and comparable so in one of them at least; to the
    /// others it is an absent one.
    ///
    /// # Errors
    /// 400 `invalidFilter`, with what is wrong for the first type.
    pub fn parse_any(resource_types: &[&'static ResourceType], text: &str) -> Result<Self, ScimError> {
        let mut filter = Parser::filter(text)?;
        filter.check(resource_types)?;
        Ok(filter)
    }
}

#[cfg(test)]
mod meaning;
#[cfg(test)]
mod tests;
