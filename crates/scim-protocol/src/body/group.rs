//! Reading a whole group.

use serde_json::Value;

use super::read;
use crate::{Object, ScimError, schema::GROUPS};

/// A group as a client sent it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupBody {
    /// What is stored of the group itself: canonical names, no nulls, no `members`.
    pub profile: Object,
    /// The members, each with its `value` and, where the client wrote them, `type` (`User` or `Group`) and `display`. No `value` stands
    /// twice: what is said of it later goes over what was said before.
    pub members: Vec<Value>,
}

impl GroupBody {
    /// Reads a body. The `$ref` of a member is ours to write and left out.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no JSON object, says a thing twice or names an attribute that there is not, `invalidValue` for a value of the wrong type, a missing
    /// `displayName`, a member without a `value` or with two different `type`s.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let (mut profile, _) = read(&GROUPS, body)?;
        let members = match profile.remove("members") {
            Some(Value::Array(members)) => members,
            _ => Vec::new(),
        };
        Ok(Self { profile, members })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urn;
    use serde_json::json;

    fn body(body: &Value) -> Result<GroupBody, ScimError> {
        GroupBody::parse(body.to_string().as_bytes())
    }

    #[test]
    fn profile_and_members_are_told_apart() {
        let sent = json!({
            "schemas": [urn::GROUP], "id": "x", "DISPLAYNAME": "Staff", "externalId": "e",
            "Members": [{"VALUE": "a", "$REF": "https://elsewhere/a", "Type": "user", "display": "A"}, {"value": "b"}, "c"]
        });
        let group = body(&sent).expect("read");
        assert_eq!(Value::Object(group.profile), json!({"displayName": "Staff", "externalId": "e"}));
        assert_eq!(group.members, [json!({"value": "a", "type": "User", "display": "A"}), json!({"value": "b"}), json!({"value": "c"})]);
    }

    #[test]
    fn a_member_that_stands_twice_is_one() {
        let group = body(&json!({"displayName": "x", "members": [{"value": "a", "display": "1"}, {"value": "b"}, {"value": "a", "display": "2"}]}));
        assert_eq!(group.expect("read").members, [json!({"value": "a", "display": "2"}), json!({"value": "b"})]);
    }

    #[test]
    fn bad_bodies_say_what_would_be_right() {
        for (sent, word) in [
            (json!({}), "displayName"),
            (json!({"displayName": " "}), "displayName"),
            (json!({"displayName": "x", "members": {"value": "a"}}), "an array"),
            (json!({"displayName": "x", "members": [{"display": "a"}]}), "`value`"),
            (json!({"displayName": "x", "members": [{"value": ""}]}), "`value`"),
            (json!({"displayName": "x", "members": [{"value": "a", "type": "Robot"}]}), "User, Group"),
            (json!({"displayName": "x", "members": [{"value": "a", "type": "User"}, {"value": "a", "type": "Group"}]}), "members.type"),
        ] {
            let error = body(&sent).expect_err("refused");
            assert!(error.scim_type.as_deref() == Some("invalidValue") && error.detail.contains(word), "{sent}: {error}");
        }
    }
}
