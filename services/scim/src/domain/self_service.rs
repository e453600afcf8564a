//! What people may write of themselves, at `/Me`. All else is for whoever administers users.

use rekey_kernel::Failure;
use rekey_scim_protocol::{Object, Orders};
use serde_json::Value;

use super::{Account, Manner, change::lock};

/// The attributes that are the person's own affair.
const OWN: [&str; 11] =
    ["name", "displayName", "nickName", "profileUrl", "phoneNumbers", "ims", "photos", "addresses", "preferredLanguage", "locale", "timezone"];

/// Of what a body orders beside the profile nothing may be done. An `accountLocked` that is as it stands orders nothing.
///
/// # Errors
/// 403 naming the attribute.
pub fn check_orders(orders: &Orders, present: &Account, manner: Manner) -> Result<(), Failure> {
    let refused = [
        (orders.password.is_some(), "password"),
        (orders.force_named, "forcePasswordReset"),
        (lock(orders.account_locked, present, manner).is_some(), "accountLocked"),
    ];
    refused.into_iter().find(|(named, _)| *named).map_or(Ok(()), |(_, name)| Err(reserved(name)))
}

/// Did a PATCH change nothing but what is one's own?
///
/// # Errors
/// 403 naming the attribute.
pub fn check_patched(before: &Object, after: &Object) -> Result<(), Failure> {
    let names = before.keys().chain(after.keys()).filter(|name| !is_own(name));
    names.into_iter().find(|name| before.get(*name) != after.get(*name)).map_or(Ok(()), |name| Err(reserved(name)))
}

/// What a PUT makes of a profile: what is one's own as it was sent, all else as it stands. Leaving something out takes nothing away that
/// is not one's own, and sending it as it stands is fine.
///
/// # Errors
/// 403 naming the attribute that would change.
pub fn replaced(before: &Object, sent: &Object) -> Result<Object, Failure> {
    let mut after: Object = sent.iter().filter(|(name, _)| is_own(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    for name in before.keys().chain(sent.keys()).filter(|name| !is_own(name)) {
        after.insert(name.clone(), unchanged(name, before.get(name), sent.get(name))?);
    }
    Ok(after)
}

fn unchanged(name: &str, present: Option<&Value>, sent: Option<&Value>) -> Result<Value, Failure> {
    match (present, sent) {
        (Some(present), None) => Ok(present.clone()),
        (Some(Value::Object(present)), Some(Value::Object(sent))) if name.starts_with("urn:") => {
            for (part, value) in sent {
                unchanged(&format!("{name}:{part}"), present.get(part), Some(value))?;
            }
            Ok(Value::Object(present.clone()))
        }
        (Some(present), Some(sent)) if alike(present, sent) => Ok(present.clone()),
        _ => Err(reserved(name)),
    }
}

/// The order of a list's elements says nothing here.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => one.len() == other.len() && one.iter().all(|element| other.contains(element)),
        _ => one == other,
    }
}

fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

fn reserved(name: &str) -> Failure {
    Failure::forbidden(format!("`{name}` cannot be changed at `/Me`: an administrator must do it; people may change of themselves: {}", OWN.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::Kind;
    use serde_json::json;

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    fn present() -> Object {
        object(&json!({
            "userName": "alice", "active": true, "title": "Dr", "nickName": "Al", "emails": [{"value": "a@b.c"}, {"value": "d@e.f"}],
            "urn:ext": {"department": "x", "manager": {"value": "m"}}
        }))
    }

    #[test]
    fn a_put_takes_away_what_is_ones_own_and_nothing_else() {
        let sent =
            object(&json!({"userName": "alice", "displayName": "A", "emails": [{"value": "d@e.f"}, {"value": "a@b.c"}], "urn:ext": {"department": "x"}}));
        let after = replaced(&present(), &sent).unwrap();
        let mut expected = present();
        expected.remove("nickName");
        expected.insert("displayName".into(), json!("A"));
        assert_eq!(after, expected);
    }

    #[test]
    fn a_put_that_would_change_more_is_refused_and_says_what() {
        for (sent, word) in [
            (json!({"userName": "ALICE"}), "userName"),
            (json!({"userName": "alice", "emails": [{"value": "a@b.c"}]}), "emails"),
            (json!({"userName": "alice", "roles": [{"value": "admin"}]}), "roles"),
            (json!({"userName": "alice", "urn:ext": {"department": "y"}}), "urn:ext:department"),
            (json!({"userName": "alice", "urn:other": {"x": 1}}), "urn:other"),
        ] {
            let failure = replaced(&present(), &object(&sent)).unwrap_err();
            assert!(failure.is(Kind::Forbidden) && failure.detail.starts_with(&format!("`{word}`")), "{failure}");
        }
    }

    #[test]
    fn a_patch_may_change_ones_own_only() {
        let mut after = present();
        after.insert("nickName".into(), json!("Lice"));
        assert!(check_patched(&present(), &after).is_ok());
        after.remove("title");
        assert!(check_patched(&present(), &after).unwrap_err().detail.starts_with("`title`"));
    }

    #[test]
    fn nothing_is_ordered() {
        let account = Account::new(true);
        let lock = |locked| Orders { account_locked: Some(locked), ..Orders::default() };
        assert!(check_orders(&lock(false), &account, Manner::Replace).is_ok());
        assert!(check_orders(&lock(true), &account, Manner::Replace).is_err());
        let named = Orders { force_named: true, ..Orders::default() };
        assert!(check_orders(&named, &account, Manner::Patch).unwrap_err().detail.contains("forcePasswordReset"));
    }
}
