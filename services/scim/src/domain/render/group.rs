//! A group as clients read it.

use rekey_scim_protocol::{json, urn};
use serde_json::{Map, Value, json};

use super::{Rendered, group_location, location, meta, put};
use crate::domain::{Group, Member, etag};

/// The whole group; without members when they are not wanted.
pub fn group(group: &Group, members: Option<&[Member]>, base: &str) -> Rendered {
    let (location, version) = (group_location(base, group.id), etag::tag(group.version, &[]));
    let mut json = group.profile.clone();
    put(&mut json, "schemas", json!([urn::GROUP]));
    put(&mut json, "id", group.id.to_string());
    put(&mut json, "meta", meta("Group", (group.created, group.modified), &location, &version));
    if let Some(members) = members.filter(|members| !members.is_empty()) {
        put(&mut json, "members", members.iter().map(|one| member(one, base)).collect::<Value>());
    }
    Rendered { json, version, location }
}

/// About how many bytes these members take, as JSON.
pub fn members_size(members: &[Member], base: &str) -> usize {
    // Two ids, `/Groups/`, the names and the punctuation.
    let each = base.len() + 2 * 36 + 8 + 60;
    members.iter().map(|member| each + member.display.as_ref().map_or(0, json::size)).sum()
}

/// `$ref` is the member's own `meta.location`. A `display` is what the client wrote, never made up.
fn member(member: &Member, base: &str) -> Value {
    let mut json = Map::new();
    put(&mut json, "value", member.id.to_string());
    put(&mut json, "$ref", location(base, member.id));
    put(&mut json, "type", member.id.kind());
    if let Some(display) = &member.display {
        put(&mut json, "display", display.clone());
    }
    Value::Object(json)
}
