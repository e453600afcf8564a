//! Resources as clients read them, before `attributes` and `excludedAttributes`.

mod group;
mod user;

pub use group::{group, members_size};
pub use user::{Shown, groups_size, user};

use rekey_kernel::{GroupId, Timestamp, UserId};
use rekey_scim_protocol::Object;
use serde_json::{Value, json};

use super::MemberId;

/// A resource as a client reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The whole document.
    pub json: Object,
    /// Its entity tag, as in `meta.version`.
    pub version: String,
    /// Its URL, as in `meta.location`.
    pub location: String,
}

/// Where a user or group lies under `base`, the absolute URL of `/scim2`.
pub fn location(base: &str, id: MemberId) -> String {
    match id {
        MemberId::User(id) => user_location(base, id),
        MemberId::Group(id) => group_location(base, id),
    }
}

fn user_location(base: &str, id: UserId) -> String {
    format!("{base}/Users/{id}")
}

fn group_location(base: &str, id: GroupId) -> String {
    format!("{base}/Groups/{id}")
}

fn put(object: &mut Object, name: &str, value: impl Into<Value>) {
    object.insert(name.to_owned(), value.into());
}

fn meta(kind: &str, (created, modified): (Timestamp, Timestamp), location: &str, version: &str) -> Value {
    json!({
        "resourceType": kind,
        "created": created.to_rfc3339(),
        "lastModified": modified.to_rfc3339(),
        "location": location,
        "version": version,
    })
}
