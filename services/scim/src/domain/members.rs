//! From the members that a client names to members of the tenant.

use rekey_kernel::Failure;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

use super::{Member, MemberId};

/// The ids that these members are named by.
///
/// # Errors
/// 400 `invalidValue` for a `value` that is no id.
pub fn ids(named: &[Value]) -> Result<Vec<Uuid>, Failure> {
    named.iter().map(|member| parse(text(member, "value")).ok_or_else(|| no_such_member(text(member, "value")))).collect()
}

/// An id as we write it; another spelling of the same UUID is another id.
pub fn parse(id: &str) -> Option<Uuid> {
    Uuid::try_parse(id).ok().filter(|uuid| uuid.as_hyphenated().to_string() == id)
}

/// These members, now that it is known what the ids stand for.
///
/// # Errors
/// 400 `invalidValue` for an id that nobody has, and for a `type` that is not that of the id.
pub fn resolve(named: &[Value], known: &[MemberId]) -> Result<Vec<Member>, Failure> {
    let known: HashMap<Uuid, MemberId> = known.iter().map(|id| (id.as_uuid(), *id)).collect();
    let one = |member: &Value| {
        let value = text(member, "value");
        let id = parse(value).and_then(|id| known.get(&id).copied()).ok_or_else(|| no_such_member(value))?;
        check_type(member, id)?;
        Ok(Member { id, display: member.get("display").and_then(Value::as_str).map(str::to_owned) })
    };
    named.iter().map(one).collect()
}

fn check_type(member: &Value, id: MemberId) -> Result<(), Failure> {
    match member.get("type").and_then(Value::as_str) {
        Some(written) if !written.eq_ignore_ascii_case(id.kind()) => {
            let detail = format!("the member `{id}` is a {}, not a {written}: leave out `type`, or write what it is", id.kind());
            Err(Failure::invalid("invalidValue", detail))
        }
        _ => Ok(()),
    }
}

/// 400 `invalidValue`: nobody in the tenant has this id.
pub fn no_such_member(value: &str) -> Failure {
    let shown: String = value.chars().take(100).collect();
    Failure::invalid("invalidValue", format!("there is no user and no group with the id `{shown}`: a member is named by its `id`"))
}

fn text<'a>(member: &'a Value, name: &str) -> &'a str {
    member.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::{GroupId, UserId};
    use serde_json::json;

    #[test]
    fn members_are_what_their_ids_say() {
        let (user, group) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let known = [MemberId::User(UserId::from_uuid(user)), MemberId::Group(GroupId::from_uuid(group))];
        let named = [json!({"value": user.to_string(), "display": "A"}), json!({"value": group.to_string(), "type": "Group"})];
        assert_eq!(ids(&named).unwrap(), [user, group]);
        let members = resolve(&named, &known).unwrap();
        assert_eq!(members, [Member { id: known[0], display: Some("A".into()) }, Member { id: known[1], display: None }]);
        for (wrong, word) in [
            (json!({"value": user.to_string(), "type": "Group"}), "is a User"),
            (json!({"value": Uuid::from_u128(3).to_string()}), "00000000-0000-0000-0000-000000000003"),
        ] {
            let failure = resolve(&[wrong], &known).unwrap_err();
            assert!(failure.reason == "invalidValue" && failure.detail.contains(word), "{failure}");
        }
        for nonsense in ["nobody", "", "00000000000000000000000000000001", "0000000A-0000-0000-0000-000000000001"] {
            assert!(ids(&[json!({ "value": nonsense })]).is_err(), "{nonsense}");
        }
    }
}
