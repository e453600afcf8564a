//! Which attribute lies in which column: the one place that says so. Writing, filtering and sorting follow it.

use rekey_scim_protocol::{
    schema::{GROUPS, ResourceType, Target, USERS},
    urn,
};
use std::{ptr, sync::LazyLock};

use crate::domain::account::UNLOCKED;

/// Where an attribute lies in the row of its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A text, folded unless the schema says that letter case counts; null when it is absent.
    Text(&'static str),
    /// A text of our own in ASCII, written as clients see it; empty when it is absent.
    Word(&'static str),
    /// A word that nearly all rows have alike. An index knows the others.
    Usual(&'static str, &'static str),
    /// A boolean; null when it is absent.
    Flag(&'static str),
    /// Microseconds; always there.
    Moment(&'static str),
    /// The resource's id.
    Id,
    /// The same for all resources of the type.
    Constant(&'static str),
    /// Elements, in a table of their own.
    Elements(Elements),
}

/// The elements of a multi-valued attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    /// Of a user: the table `user_values`, by the attribute's name.
    Values(&'static str),
    /// The groups that a user belongs to, directly or not.
    Groups,
    /// The members of a group.
    Members,
}

/// An attribute and its place.
pub(super) struct Entry {
    schema: &'static str,
    attribute: &'static str,
    sub: &'static str,
    pub(super) field: Field,
}

const fn entry(schema: &'static str, attribute: &'static str, sub: &'static str, field: Field) -> Entry {
    Entry { schema, attribute, sub, field }
}

const fn text(attribute: &'static str, sub: &'static str, column: &'static str) -> Entry {
    entry(urn::USER, attribute, sub, Field::Text(column))
}

const fn enterprise(attribute: &'static str, sub: &'static str, column: &'static str) -> Entry {
    entry(urn::ENTERPRISE_USER, attribute, sub, Field::Text(column))
}

const fn values(attribute: &'static str) -> Entry {
    entry(urn::USER, attribute, "", Field::Elements(Elements::Values(attribute)))
}

/// Of users. The core schema's URN stands for the common attributes too.
static USER: [Entry; 37] = [
    text("userName", "", "user_name_folded"),
    text("externalId", "", "external_id"),
    text("name", "formatted", "name_formatted"),
    text("name", "familyName", "family_name"),
    text("name", "givenName", "given_name"),
    text("name", "middleName", "middle_name"),
    text("name", "honorificPrefix", "honorific_prefix"),
    text("name", "honorificSuffix", "honorific_suffix"),
    text("displayName", "", "display_name"),
    text("nickName", "", "nick_name"),
    text("profileUrl", "", "profile_url"),
    text("title", "", "title"),
    text("userType", "", "user_type"),
    text("preferredLanguage", "", "preferred_language"),
    text("locale", "", "locale"),
    text("timezone", "", "timezone"),
    enterprise("employeeNumber", "", "employee_number"),
    enterprise("costCenter", "", "cost_center"),
    enterprise("organization", "", "organization"),
    enterprise("division", "", "division"),
    enterprise("department", "", "department"),
    enterprise("manager", "value", "manager_value"),
    enterprise("manager", "displayName", "manager_display_name"),
    entry(urn::USER, "active", "", Field::Flag("active")),
    entry(urn::USER, "id", "", Field::Id),
    entry(urn::USER, "meta", "resourceType", Field::Constant("User")),
    entry(urn::USER, "meta", "created", Field::Moment("created_at")),
    entry(urn::USER, "meta", "lastModified", Field::Moment("modified_at")),
    entry(urn::WSO2, "accountLocked", "", Field::Flag("locked")),
    entry(urn::WSO2, "lockedReason", "", Field::Word("locked_reason")),
    entry(urn::WSO2, "accountState", "", Field::Usual("account_state", UNLOCKED)),
    values("emails"),
    values("phoneNumbers"),
    values("ims"),
    values("entitlements"),
    values("roles"),
    entry(urn::USER, "groups", "", Field::Elements(Elements::Groups)),
];

/// Of groups.
static GROUP: [Entry; 7] = [
    entry(urn::GROUP, "displayName", "", Field::Text("display_name_folded")),
    entry(urn::GROUP, "externalId", "", Field::Text("external_id")),
    entry(urn::GROUP, "id", "", Field::Id),
    entry(urn::GROUP, "meta", "resourceType", Field::Constant("Group")),
    entry(urn::GROUP, "meta", "created", Field::Moment("created_at")),
    entry(urn::GROUP, "meta", "lastModified", Field::Moment("modified_at")),
    entry(urn::GROUP, "members", "", Field::Elements(Elements::Members)),
];

/// The folded address that stands for a user where users are sorted by `emails`: the primary one, else the first.
pub(super) const EMAIL: &str = "email";

/// Columns of texts that an index finds rows by. `PostgreSQL` takes no more than 2,700 bytes into one: these texts have a limit.
const INDEXED: [&str; 6] = ["user_name_folded", "external_id", "display_name", "display_name_folded", "family_name", "employee_number"];

/// The longest text in an indexed column, in characters.
pub(super) const MAX_INDEXED: usize = 512;

/// Is it a column of texts with an index?
pub(super) fn is_indexed(column: &str) -> bool {
    INDEXED.contains(&column)
}

/// Where an attribute of this type of resource lies; `None`: only in the profile, or nowhere.
pub(super) fn field(of: &'static ResourceType, target: &Target) -> Option<Field> {
    entries(of).iter().find(|entry| entry.holds(target)).map(|entry| entry.field)
}

fn entries(of: &'static ResourceType) -> &'static [Entry] {
    if ptr::eq(of, &raw const GROUPS) { &GROUP } else { &USER }
}

impl Entry {
    fn holds(&self, target: &Target) -> bool {
        let part = matches!(self.field, Field::Elements(_)) || target.sub.map_or("", |sub| sub.name) == self.sub;
        part && target.is(self.schema, self.attribute)
    }

    fn target(&self, of: &'static ResourceType) -> Option<Target> {
        let name = if self.sub.is_empty() { self.attribute.to_owned() } else { format!("{}.{}", self.attribute, self.sub) };
        of.target(&format!("{}:{name}", self.schema))
    }
}

/// The attributes of users that lie in columns of texts.
pub(super) static USER_TEXTS: LazyLock<Vec<(Target, &'static str)>> = LazyLock::new(|| texts(&USERS));
/// The attributes of groups that lie in columns of texts.
pub(super) static GROUP_TEXTS: LazyLock<Vec<(Target, &'static str)>> = LazyLock::new(|| texts(&GROUPS));
/// The attributes of users whose elements lie in `user_values`.
pub(super) static USER_VALUES: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let lists = USER.iter().filter(|entry| matches!(entry.field, Field::Elements(Elements::Values(_))));
    lists.filter_map(|entry| entry.target(&USERS)).collect()
});

fn texts(of: &'static ResourceType) -> Vec<(Target, &'static str)> {
    let column = |entry: &Entry| if let Field::Text(column) = entry.field { Some((entry.target(of)?, column)) } else { None };
    entries(of).iter().filter_map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_names_an_attribute_that_there_is() {
        for of in [&USERS, &GROUPS] {
            for entry in entries(of) {
                let target = entry.target(of).unwrap_or_else(|| panic!("{}", entry.attribute));
                assert_eq!(field(of, &target), Some(entry.field), "{}", entry.attribute);
            }
        }
        assert_eq!((USER_TEXTS.len(), GROUP_TEXTS.len(), USER_VALUES.len()), (23, 2, 5));
    }
}
