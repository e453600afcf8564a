//! Errors as RFC 7644 §3.12 has them.

use serde_json::{Value, json};

use crate::urn;

/// The `scimType` of a 400 or 409 (RFC 7644 table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// The filter cannot be read or is not supported.
    InvalidFilter,
    /// More results than we are willing to return.
    TooMany,
    /// A unique value is taken.
    Uniqueness,
    /// The attribute cannot be changed so.
    Mutability,
    /// The body is not of the shape that the request needs.
    InvalidSyntax,
    /// The path names nothing that is there.
    InvalidPath,
    /// The path yields nothing to work on.
    NoTarget,
    /// A value is missing, of the wrong type, or cannot be taken.
    InvalidValue,
    /// The cursor is not one of ours, or belongs to another query (RFC 9865 §2.1).
    InvalidCursor,
    /// The count cannot be served with a cursor (RFC 9865 §2.1).
    InvalidCount,
}

impl ScimType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidCursor => "invalidCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A SCIM error: what the body of a failed answer says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The `scimType`, where there is one.
    pub scim_type: Option<String>,
    /// What was wrong and what would be right.
    pub detail: String,
}

macro_rules! bad_requests {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {
        impl ScimError {
            $($(#[$doc])* pub fn $name(detail: impl Into<String>) -> Self {
                Self::typed(400, ScimType::$kind, detail)
            })*
        }
    };
}

bad_requests! {
    /// 400 `invalidFilter`.
    invalid_filter = InvalidFilter;
    /// 400 `tooMany`.
    too_many = TooMany;
    /// 400 `mutability`.
    mutability = Mutability;
    /// 400 `invalidSyntax`.
    invalid_syntax = InvalidSyntax;
    /// 400 `invalidPath`.
    invalid_path = InvalidPath;
    /// 400 `noTarget`.
    no_target = NoTarget;
    /// 400 `invalidValue`.
    invalid_value = InvalidValue;
    /// 400 `invalidCursor`.
    invalid_cursor = InvalidCursor;
    /// 400 `invalidCount`.
    invalid_count = InvalidCount;
}

impl ScimError {
    /// An error without a `scimType`.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// An error with a `scimType`.
    pub fn typed(status: u16, scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status, scim_type: Some(scim_type.as_str().to_owned()), detail: detail.into() }
    }

    /// 409 `uniqueness`.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self::typed(409, ScimType::Uniqueness, detail)
    }

    /// 401.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(401, detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    /// 412.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(412, detail)
    }

    /// The body, with `status` as a string.
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [urn::ERROR], "status": self.status.to_string(), "detail": self.detail });
        if let (Some(scim_type), Some(members)) = (&self.scim_type, body.as_object_mut()) {
            members.insert("scimType".to_owned(), Value::String(scim_type.clone()));
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_a_string_and_the_type_only_there_when_known() {
        let body = ScimError::invalid_filter("no").to_json();
        assert_eq!(body, json!({"schemas": [urn::ERROR], "status": "400", "scimType": "invalidFilter", "detail": "no"}));
        assert_eq!(ScimError::not_found("x").to_json().get("scimType"), None);
    }
}
