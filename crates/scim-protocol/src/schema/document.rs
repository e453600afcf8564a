//! Schemas as the documents at `/Schemas` (RFC 7643 §7).

use serde_json::{Value, json};

use super::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness};

impl Schema {
    /// The document, with its location under `base`.
    pub fn document(&self, base: &str) -> Value {
        json!({
            "schemas": [crate::urn::SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(Attribute::document).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) },
        })
    }
}

impl Attribute {
    fn document(&self) -> Value {
        let mut document = json!({
            "name": self.name,
            "type": self.kind.as_str(),
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "caseExact": self.case_exact,
            "mutability": self.mutability.as_str(),
            "returned": self.returned.as_str(),
            "uniqueness": self.uniqueness.as_str(),
        });
        if let Some(members) = document.as_object_mut() {
            self.add_optional(members);
        }
        document
    }

    fn add_optional(&self, members: &mut crate::Object) {
        if !self.canonical.values().is_empty() {
            members.insert("canonicalValues".to_owned(), json!(self.canonical.values()));
        }
        if !self.reference_types.is_empty() {
            members.insert("referenceTypes".to_owned(), json!(self.reference_types));
        }
        if !self.sub_attributes.is_empty() {
            let parts: Vec<_> = self.sub_attributes.iter().map(Self::document).collect();
            members.insert("subAttributes".to_owned(), json!(parts));
        }
    }
}

impl Kind {
    /// The word in a schema document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Reference => "reference",
            Self::Binary => "binary",
            Self::Complex => "complex",
        }
    }
}

impl Mutability {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable | Self::Computed => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

impl Returned {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

impl Uniqueness {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
        }
    }
}
