//! Schemas as data: what each attribute is, who may write it, and when it is returned (RFC 7643 §7).

mod build;
mod document;
mod extensions;
mod user;

pub use extensions::{ENTERPRISE_USER, RESET, WSO2};
pub use user::{COMMON, USER};

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// RFC 3339 text.
    DateTime,
    /// A URI.
    Reference,
    /// Base64 text.
    Binary,
    /// Sub-attributes.
    Complex,
}

/// Who may write an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// We alone.
    ReadOnly,
    /// The client.
    ReadWrite,
    /// The client, and it is never read.
    WriteOnly,
}

/// When an attribute is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked.
    Always,
    /// Never.
    Never,
    /// Unless it is excluded.
    Default,
    /// Only when it is asked for.
    Request,
}

/// How unique a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Within the tenant.
    Server,
}

/// One attribute or sub-attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// As the schema writes it.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// A list of such values?
    pub multi_valued: bool,
    /// Must it be there?
    pub required: bool,
    /// Does the case of letters count when it is compared?
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// How unique it must be.
    pub uniqueness: Uniqueness,
    /// Usual values; others are taken too.
    pub canonical_values: &'static [&'static str],
    /// What a reference may point to.
    pub reference_types: &'static [&'static str],
    /// The parts of a complex attribute.
    pub sub_attributes: &'static [Attribute],
}

impl Attribute {
    /// The sub-attribute of this name, in any case.
    pub fn sub(&'static self, name: &str) -> Option<&'static Self> {
        find(self.sub_attributes, name)
    }
}

/// A schema: the core one or an extension.
#[derive(Debug)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// A short name.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute of this name, in any case; for the core schema the common ones (`id`, `meta`, …) too.
    pub fn attribute(&'static self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name).or_else(|| if self.is_core() { find(COMMON, name) } else { None })
    }

    /// Is it the core schema, whose attributes lie in the resource itself?
    pub fn is_core(&self) -> bool {
        self.id == USER.id
    }

    /// `name` or `name.sub` of this schema, in any case.
    pub fn target(&'static self, name: &str) -> Option<Target> {
        let (head, tail) = name.split_once('.').map_or((name, None), |(head, tail)| (head, Some(tail)));
        let attribute = self.attribute(head)?;
        let sub = match tail {
            Some(tail) => Some(attribute.sub(tail)?),
            None => None,
        };
        Some(Target { schema: self, attribute, sub })
    }
}

/// The schemas of a user, the core one first.
pub static USER_SCHEMAS: [&Schema; 4] = [&USER, &ENTERPRISE_USER, &WSO2, &RESET];

/// A place in a user: an attribute, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The schema that it belongs to.
    pub schema: &'static Schema,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// Its part.
    pub sub: Option<&'static Attribute>,
}

impl Target {
    /// Is it this attribute?
    pub fn is(&self, schema: &str, name: &str) -> bool {
        self.schema.id == schema && self.attribute.name == name
    }

    /// The innermost attribute named.
    pub fn innermost(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// May we alone write it?
    pub fn is_read_only(&self) -> bool {
        self.attribute.mutability == Mutability::ReadOnly || self.innermost().mutability == Mutability::ReadOnly
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.schema.is_core() {
            write!(out, "{}:", self.schema.id)?;
        }
        out.write_str(self.attribute.name)?;
        self.sub.map_or(Ok(()), |sub| write!(out, ".{}", sub.name))
    }
}

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A whole schema, by its URN.
    Schema(&'static Schema),
    /// An attribute, or a part of one.
    Target(Target),
}

/// Reads `attr`, `attr.sub`, `URN`, `URN:attr` or `URN:attr.sub`, in any case; `None` when there is no such thing.
pub fn resolve(name: &str) -> Option<Named> {
    if !starts_with_ignore_case(name, "urn:") {
        return USER.target(name).map(Named::Target);
    }
    USER_SCHEMAS.iter().find_map(|schema| within(schema, name))
}

fn within(schema: &'static Schema, name: &str) -> Option<Named> {
    if !starts_with_ignore_case(name, schema.id) {
        return None;
    }
    match name.get(schema.id.len()..)? {
        "" => Some(Named::Schema(schema)),
        rest => schema.target(rest.strip_prefix(':')?).map(Named::Target),
    }
}

pub(crate) fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_with_and_without_their_urn() {
        for name in ["userName", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:username", "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:userName"] {
            assert!(matches!(resolve(name), Some(Named::Target(target)) if target.attribute.name == "userName"), "{name}");
        }
        assert!(matches!(resolve("urn:scim:wso2:schema:accountlocked"), Some(Named::Target(target)) if target.is(crate::urn::WSO2, "accountLocked")));
        assert!(matches!(resolve("URN:scim:wso2:SCHEMA"), Some(Named::Schema(schema)) if schema.id == crate::urn::WSO2));
        assert!(matches!(resolve("name.familyname"), Some(Named::Target(target)) if target.to_string() == "name.familyName"));
        for unknown in ["", "nothing", "name.nothing", "urn:", "urn:scim:wso2:schemaX", "urn:scim:wso2:schema:", "accountLocked", "ü"] {
            assert!(resolve(unknown).is_none(), "{unknown}");
        }
    }
}
