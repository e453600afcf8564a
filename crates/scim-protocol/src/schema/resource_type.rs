//! Types of resources (RFC 7643 §6): which schemas each uses, and what a name means within it.

use super::{ENTERPRISE_USER, GROUP, RESET, Schema, Target, USER, WSO2};

/// A type of resource: what lies at one endpoint.
pub struct ResourceType {
    /// Its name, which is its id too.
    pub name: &'static str,
    /// Where it lies, below the base URL.
    pub endpoint: &'static str,
    /// For people.
    pub description: &'static str,
    /// The schema whose attributes lie in the resource itself.
    pub core: &'static Schema,
    /// The schemas whose attributes lie in objects under their URNs; none of them is required.
    pub extensions: &'static [&'static Schema],
}

impl std::fmt::Debug for ResourceType {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "ResourceType({})", self.name)
    }
}

/// Users.
pub static USERS: ResourceType =
    ResourceType { name: "User", endpoint: "/Users", description: "A person's account", core: &USER, extensions: &[&ENTERPRISE_USER, &WSO2, &RESET] };

/// Groups.
pub static GROUPS: ResourceType =
    ResourceType { name: "Group", endpoint: "/Groups", description: "A group of users and of other groups", core: &GROUP, extensions: &[] };

/// All types there are.
pub static RESOURCE_TYPES: [&ResourceType; 2] = [&USERS, &GROUPS];

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A whole schema, by its URN.
    Schema(&'static Schema),
    /// An attribute, or a part of one.
    Target(Target),
}

impl ResourceType {
    /// Its schemas, the core one first.
    pub fn schemas(&'static self) -> impl Iterator<Item = &'static Schema> {
        std::iter::once(self.core).chain(self.extensions.iter().copied())
    }

    /// The extension with this URN, in any case.
    pub fn extension(&'static self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// Reads `attr`, `attr.sub`, `URN`, `URN:attr` or `URN:attr.sub`, in any case; `None` when there is no such thing.
    pub fn resolve(&'static self, name: &str) -> Option<Named> {
        if !starts_with_ignore_case(name, "urn:") {
            return self.core.target(name).map(Named::Target);
        }
        self.schemas().find_map(|schema| within(schema, name))
    }

    /// The place of this name; `None` for what is unknown or a whole schema.
    pub fn target(&'static self, name: &str) -> Option<Target> {
        match self.resolve(name)? {
            Named::Target(target) => Some(target),
            Named::Schema(_) => None,
        }
    }
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

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_with_and_without_their_urn() {
        for name in ["userName", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:username", "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:userName"] {
            assert!(USERS.target(name).is_some_and(|target| target.attribute.name == "userName"), "{name}");
        }
        assert!(USERS.target("urn:scim:wso2:schema:accountlocked").is_some_and(|target| target.is(crate::urn::WSO2, "accountLocked")));
        assert!(matches!(USERS.resolve("URN:scim:wso2:SCHEMA"), Some(Named::Schema(schema)) if schema.id == crate::urn::WSO2));
        assert!(USERS.target("name.familyname").is_some_and(|target| target.to_string() == "name.familyName"));
        for unknown in ["", "nothing", "name.nothing", "urn:", "urn:scim:wso2:schemaX", "urn:scim:wso2:schema:", "accountLocked", "ü"] {
            assert!(USERS.resolve(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn each_type_knows_its_own_names_and_the_common_ones() {
        for name in ["displayName", "MEMBERS.$REF", "id", "meta.created", "urn:ietf:params:scim:schemas:core:2.0:Group:members.value"] {
            assert!(GROUPS.resolve(name).is_some(), "{name}");
        }
        for name in ["userName", "urn:ietf:params:scim:schemas:core:2.0:User:displayName", "urn:scim:wso2:schema"] {
            assert!(GROUPS.resolve(name).is_none(), "{name}");
        }
        assert!(USERS.resolve("members").is_none());
    }
}
