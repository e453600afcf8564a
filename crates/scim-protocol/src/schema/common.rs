//! The attributes common to all resources (RFC 7643 §3.1).

use super::{
    Attribute, Returned, Uniqueness,
    build::{complex, moment, reference, text},
};

const META: &[Attribute] = &[
    text("resourceType", "The kind of resource.").exact().read_only().unsorted(),
    moment("created", "When it was created.").read_only(),
    moment("lastModified", "When it was last changed.").read_only(),
    reference("location", &["uri"], "Its URL.").read_only().unsearchable(),
    text("version", "Its version, as in the ETag header.").exact().read_only().unsearchable(),
];

/// What every resource has: `schemas`, `id`, `externalId` and `meta`.
pub const COMMON: &[Attribute] = &[
    Attribute { returned: Returned::Always, ..reference("schemas", &["uri"], "The schemas that the resource uses.").many().unsorted() },
    Attribute { returned: Returned::Always, uniqueness: Uniqueness::Server, ..text("id", "Its id, given by the server.").exact().read_only() },
    text("externalId", "Its id in the client's own system; at most 512 characters.").exact(),
    complex("meta", META, "Facts about the resource itself.").read_only(),
];
