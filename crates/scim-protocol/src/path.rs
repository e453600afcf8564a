//! PATCH paths (RFC 7644 §3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, `URN`, `URN:attr…`.

use std::fmt::{Display, Formatter};

use crate::{
    Filter, ScimError,
    filter::Parser,
    schema::{Kind, Named, ResourceType, Schema, Target},
};

/// Where a PATCH operation works.
#[derive(Clone, Debug)]
pub enum Path {
    /// A whole schema.
    Schema(&'static Schema),
    /// An attribute or a part of it, perhaps of some elements only.
    Attribute {
        /// The place.
        target: Target,
        /// Which elements of a multi-valued attribute; `None`: all.
        filter: Option<Filter>,
    },
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// 400 `invalidPath` when it cannot be read or names nothing that there is; `invalidFilter` for a bad filter inside.
    pub fn parse(resource_type: &'static ResourceType, text: &str) -> Result<Self, ScimError> {
        match text.split_once('[') {
            Some((head, _)) => Self::filtered(resource_type, text, head),
            None => match resource_type.resolve(text) {
                Some(Named::Schema(schema)) => Ok(Self::Schema(schema)),
                Some(Named::Target(target)) => Ok(Self::Attribute { target, filter: None }),
                None => Err(unknown(resource_type, text)),
            },
        }
    }

    fn filtered(resource_type: &'static ResourceType, text: &str, head: &str) -> Result<Self, ScimError> {
        let target = resource_type.target(head.trim_end()).ok_or_else(|| unknown(resource_type, text))?;
        if !target.attribute.multi_valued || target.attribute.kind != Kind::Complex || target.sub.is_some() {
            return Err(ScimError::invalid_path(format!("`{head}` is not a list of complex values: a filter in brackets can choose nothing in it")));
        }
        let (mut filter, tail) = Parser::value_path(text.get(head.len()..).unwrap_or_default())?;
        filter.check_within(target.attribute)?;
        let sub = match tail.as_deref().map(|tail| tail.strip_prefix('.').and_then(|name| target.attribute.sub(name))) {
            None => None,
            Some(Some(sub)) => Some(sub),
            Some(None) => return Err(unknown(resource_type, text)),
        };
        Ok(Self::Attribute { target: Target { sub, ..target }, filter: Some(filter) })
    }
}

/// What is printed is read as the same path again.
impl Display for Path {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Schema(schema) => out.write_str(schema.id),
            Self::Attribute { target, filter: None } => write!(out, "{target}"),
            Self::Attribute { target, filter: Some(filter) } => {
                write!(out, "{}[{filter}]", Target { sub: None, ..*target })?;
                target.sub.map_or(Ok(()), |sub| write!(out, ".{}", sub.name))
            }
        }
    }
}

/// 400 `invalidPath`, with a hint where the name is right but for its URN.
pub(crate) fn unknown(resource_type: &'static ResourceType, text: &str) -> ScimError {
    let shown: String = text.chars().take(200).collect();
    let hint = resource_type
        .extensions
        .iter()
        .find(|schema| schema.target(text).is_some())
        .map_or_else(String::new, |schema| format!("; write `{}:{shown}`: the attribute belongs to an extension", schema.id));
    ScimError::invalid_path(format!("a {} has no attribute `{shown}`{hint}", resource_type.name))
}

#[cfg(test)]
mod tests;
