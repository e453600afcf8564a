//! A group: a profile and members.

use rekey_kernel::{Failure, GroupId, TenantId, Timestamp, UserId};
use rekey_scim_protocol::Object;
use serde_json::Value;
use std::fmt;
use uuid::Uuid;

/// The longest `displayName` of a group, in characters.
pub const MAX_DISPLAY_NAME: usize = 512;

/// Who may be a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberId {
    /// A user.
    User(UserId),
    /// Another group: its members belong to this one indirectly. Circles are allowed (RFC 7644 §3.7.1 makes one).
    Group(GroupId),
}

impl MemberId {
    /// The name of its type: `members.type`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Group(_) => "Group",
        }
    }

    /// The bare id.
    pub const fn as_uuid(self) -> Uuid {
        match self {
            Self::User(id) => id.as_uuid(),
            Self::Group(id) => id.as_uuid(),
        }
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_uuid().as_hyphenated().fmt(out)
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// `members.display` as the client wrote it; never made up.
    pub display: Option<String>,
}

/// A group without its members, of which there may be very many.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its tenant.
    pub tenant: TenantId,
    /// What clients wrote, without `members`: canonical names, nothing read-only.
    pub profile: Object,
    /// Grows with every change that a client could see, of members too.
    pub version: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// What a change does to the members of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// They become these.
    All(Vec<Member>),
    /// Some are added (or their display is changed), then some are taken out.
    Some {
        /// Those that are in afterwards.
        add: Vec<Member>,
        /// Those that are out afterwards.
        remove: Vec<MemberId>,
    },
}

/// A group that a user, or a group, belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// Its `displayName`.
    pub display: String,
    /// Does it list the member itself? Else it contains a group that does, at whatever depth.
    pub direct: bool,
}

/// A name that is shown has no control character and is not too long. That there is one at all, the protocol sees to.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check_display_name(profile: &Object) -> Result<(), Failure> {
    let name = profile.get("displayName").and_then(Value::as_str).unwrap_or_default();
    if name.chars().count() <= MAX_DISPLAY_NAME && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let detail = format!("`displayName` may have at most {MAX_DISPLAY_NAME} characters, none of them a control character");
    Err(Failure::invalid("invalidValue", detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_scim_protocol::schema::GROUP;
    use serde_json::json;

    fn named(name: &str) -> Object {
        json!({"displayName": name}).as_object().cloned().unwrap()
    }

    #[test]
    fn the_schema_says_what_is_enforced_of_names() {
        let told = GROUP.attribute("displayName").unwrap().description;
        assert!(told.contains(&format!("at most {MAX_DISPLAY_NAME} characters, none of them a control character")), "{told}");
        for right in ["x".repeat(256), "ü".repeat(MAX_DISPLAY_NAME)] {
            assert!(check_display_name(&named(&right)).is_ok());
        }
        for wrong in ["x".repeat(MAX_DISPLAY_NAME + 1), "a\tb".to_owned()] {
            assert!(check_display_name(&named(&wrong)).is_err());
        }
    }
}
