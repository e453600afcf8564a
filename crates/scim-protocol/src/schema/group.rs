//! The core Group (RFC 7643 §4.2).

use super::{
    Attribute, Schema,
    build::{complex, reference, text},
};

const MEMBERS: &[Attribute] = &[
    text("value", "The id of the user or group that is a member.").exact().required().immutable().unsorted(),
    reference("$ref", &["User", "Group"], "The URL of the member; given by the server.").computed().unsorted(),
    text("type", "What the member is: User or Group and nothing else; given by the server when it is left out.")
        .only(&["User", "Group"])
        .immutable()
        .unsorted(),
    text("display", "A name to show for the member, as the client wrote it; at most 512 characters.").unsorted(),
];

/// The core Group.
pub static GROUP: Schema = Schema {
    id: crate::urn::GROUP,
    name: "Group",
    description: "A group of users and of other groups",
    attributes: &[
        text("displayName", "The name of the group; several groups may have the same: at most 512 characters, none of them a control character.").required(),
        complex("members", MEMBERS, "The users and groups that belong to it.").many(),
    ],
};
