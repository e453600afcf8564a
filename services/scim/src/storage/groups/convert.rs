//! Between rows and groups.

use rekey_kernel::{Failure, GroupId, TenantId, Timestamp};
use rekey_scim_protocol::{Object, json};

use super::super::{
    columns::{Columns, texts},
    convert::{corrupt, signed, unsigned},
    fields::GROUP_TEXTS,
    row::group,
};
use crate::domain::Group;

impl TryFrom<group::Model> for Group {
    type Error = Failure;

    fn try_from(row: group::Model) -> Result<Self, Failure> {
        let profile: Object = serde_json::from_str(&row.profile).map_err(|error| corrupt("profile").because(error))?;
        Ok(Self {
            id: GroupId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            profile,
            version: unsigned(row.version),
            created: Timestamp::from_micros(row.created_at),
            modified: Timestamp::from_micros(row.modified_at),
        })
    }
}

/// What a change of a group may change in its row.
pub(super) fn changing(group: &Group) -> Columns {
    let display_name = group.profile.get("displayName").and_then(serde_json::Value::as_str).unwrap_or_default();
    let mut columns = texts(&GROUP_TEXTS, &group.profile);
    columns.extend([
        ("display_name", display_name.into()),
        ("profile", json::text(&group.profile).into()),
        ("version", signed(group.version).into()),
        ("modified_at", group.modified.as_micros().into()),
    ]);
    columns
}
