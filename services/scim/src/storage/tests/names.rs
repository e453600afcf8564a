//! The names that random filters and orders are made of.

/// What users are asked for by.
pub(super) static USER_NAMES: &[&str] = &[
    "userName",
    "displayName",
    "TITLE",
    "nickName",
    "profileUrl",
    "locale",
    "externalId",
    "name",
    "name.formatted",
    "name.familyName",
    "name.givenName",
    "active",
    "id",
    "meta.created",
    "meta.lastModified",
    "meta.resourceType",
    "schemas",
    "emails",
    "emails.value",
    "emails.type",
    "emails.display",
    "emails.primary",
    "phoneNumbers",
    "phoneNumbers.type",
    "roles.value",
    "photos.value",
    "addresses",
    "addresses.locality",
    "addresses.type",
    "x509Certificates.value",
    "groups",
    "groups.value",
    "groups.display",
    "groups.type",
    "urn:ietf:params:scim:schemas:core:2.0:User:title",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    "urn:scim:wso2:schema:accountLocked",
    "urn:scim:wso2:schema:lockedReason",
    "urn:scim:wso2:schema:accountState",
];
/// And by elements with these parts.
pub(super) static USER_LISTS: &[(&str, &[&str])] = &[
    ("emails", &["value", "type", "display", "primary"]),
    ("roles", &["value", "primary"]),
    ("addresses", &["locality", "type"]),
    ("groups", &["value", "display", "type"]),
    ("name", &["familyName", "givenName"]),
];

/// What groups are asked for by.
pub(super) static GROUP_NAMES: &[&str] = &[
    "displayName",
    "externalId",
    "id",
    "meta.created",
    "meta.lastModified",
    "meta.resourceType",
    "members",
    "members.value",
    "members.type",
    "members.display",
    "schemas",
];
/// And by elements with these parts.
pub(super) static GROUP_LISTS: &[(&str, &[&str])] = &[("members", &["value", "type", "display"])];
