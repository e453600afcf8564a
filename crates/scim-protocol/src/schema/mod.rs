//! Schemas as data: what each attribute is, who may write it, and when it is returned (RFC 7643 §7).

mod build;
mod characteristics;
mod common;
mod document;
mod extensions;
mod group;
mod resource_type;
mod target;
mod user;

pub use characteristics::{Canonical, Kind, Mutability, Returned, Searchable, Uniqueness};
pub use common::COMMON;
pub use extensions::{ENTERPRISE_USER, RESET, WSO2};
pub use group::GROUP;
pub use resource_type::{GROUPS, Named, RESOURCE_TYPES, ResourceType, USERS};
pub use target::Target;
pub use user::USER;

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
    /// Which values it has.
    pub canonical: Canonical,
    /// What a reference may point to.
    pub reference_types: &'static [&'static str],
    /// What lists can do with it.
    pub searchable: Searchable,
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

impl std::fmt::Debug for Schema {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Schema({})", self.id)
    }
}

impl Schema {
    /// The attribute of this name, in any case; for the core schema the common ones (`id`, `meta`, …) too.
    pub fn attribute(&'static self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name).or_else(|| if self.is_core() { find(COMMON, name) } else { None })
    }

    /// Is it the core schema of a type, whose attributes lie in the resource itself?
    pub fn is_core(&self) -> bool {
        RESOURCE_TYPES.iter().any(|kind| std::ptr::eq(kind.core, self))
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

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Attribute> {
        let schemas = RESOURCE_TYPES.into_iter().flat_map(ResourceType::schemas);
        schemas.flat_map(|schema| schema.attributes).chain(COMMON)
    }

    #[test]
    fn what_is_immutable_or_required_stands_where_that_is_enforced() {
        for attribute in all() {
            assert!(attribute.mutability != Mutability::Immutable, "{}: only parts of list elements can be immutable", attribute.name);
            for part in attribute.sub_attributes {
                let is_guarded = attribute.multi_valued || !(part.required || part.mutability == Mutability::Immutable);
                assert!(is_guarded && part.sub_attributes.is_empty() && !part.multi_valued, "{}.{}", attribute.name, part.name);
            }
        }
        let extensions = RESOURCE_TYPES.into_iter().flat_map(|found| found.extensions);
        assert!(extensions.flat_map(|schema| schema.attributes).all(|attribute| !attribute.required));
    }

    #[test]
    fn what_is_never_read_is_never_returned() {
        for attribute in all() {
            assert_eq!(attribute.mutability == Mutability::WriteOnly, attribute.returned == Returned::Never, "{}", attribute.name);
        }
    }
}
