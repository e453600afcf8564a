//! What the rules need to know of a profile, which otherwise is the client's own.

use rekey_kernel::EmailAddress;
use rekey_scim_protocol::Object;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The roles that authentication gives scopes to.
const BUILT_IN_ROLES: [&str; 2] = ["admin", "helpdesk"];

/// `userName`.
pub fn user_name(profile: &Object) -> &str {
    text(profile, "userName").unwrap_or_default()
}

/// `externalId`.
pub fn external_id(profile: &Object) -> Option<&str> {
    text(profile, "externalId")
}

/// `active`; an account is active unless it says otherwise.
pub fn is_active(profile: &Object) -> bool {
    profile.get("active").and_then(Value::as_bool).unwrap_or(true)
}

/// A profile as a PUT has made it, with the `active` that was there where it says nothing of it: that must not let somebody in.
pub fn keeping_active(before: &Object, mut after: Object) -> Object {
    if let Some(active) = before.get("active") {
        after.entry("active").or_insert_with(|| active.clone());
    }
    after
}

/// Where a reset's mail goes; `None` when there is no such address.
pub fn address(profile: &Object) -> Option<EmailAddress> {
    reachable(profile).ok()
}

/// Where a reset's mail goes: the primary e-mail address, else the first, of those elements that have one at all.
///
/// # Errors
/// What is the matter with the user's addresses.
pub fn reachable(profile: &Object) -> Result<EmailAddress, &'static str> {
    let emails = profile.get("emails").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut given = emails.iter().filter_map(|email| Some((email, email.get("value")?.as_str()?.trim()))).filter(|(_, value)| !value.is_empty());
    let first = given.clone().next();
    let primary = given.find(|(email, _)| email.get("primary") == Some(&Value::Bool(true)));
    let (_, chosen) = primary.or(first).ok_or("the user has no e-mail address (`emails`)")?;
    chosen.parse().map_err(|_| "the user's e-mail address (the primary one of `emails`, else the first) is none that mail can be sent to")
}

/// Do the mails of resets go to the same address?
pub fn have_same_address(one: &Object, other: &Object) -> bool {
    one.get("emails") == other.get("emails") || address(one) == address(other)
}

/// The values of `roles`.
pub fn roles(profile: &Object) -> Vec<String> {
    let values = profile.get("roles").and_then(Value::as_array).into_iter().flatten();
    values.filter_map(|role| role.get("value").and_then(Value::as_str)).map(str::to_owned).collect()
}

/// Do the roles give the same scopes?
pub fn have_same_scopes(one: &Object, other: &Object) -> bool {
    one.get("roles") == other.get("roles") || built_in_roles(one) == built_in_roles(other)
}

/// Those of the roles that give scopes.
fn built_in_roles(profile: &Object) -> BTreeSet<String> {
    let folded = roles(profile).into_iter().map(|role| role.trim().to_lowercase());
    folded.filter(|role| BUILT_IN_ROLES.contains(&role.as_str())).collect()
}

/// The locale in which to write to the person, as `en_US`; empty when the profile has none.
pub fn locale(profile: &Object) -> String {
    let language = || text(profile, "preferredLanguage").and_then(|list| list.split([',', ';']).next());
    text(profile, "locale").or_else(language).unwrap_or_default().trim().replace('-', "_")
}

/// What a mail's template may show, by local claim name.
pub fn claims(profile: &Object) -> BTreeMap<String, String> {
    let name = |part| profile.get("name").and_then(|name| name.get(part)).and_then(Value::as_str);
    let found = [
        ("username", Some(user_name(profile))),
        ("givenname", name("givenName")),
        ("lastname", name("familyName")),
        ("fullname", name("formatted").or_else(|| text(profile, "displayName"))),
        ("displayName", text(profile, "displayName")),
        ("nickname", text(profile, "nickName")),
        ("title", text(profile, "title")),
    ];
    let mut claims: BTreeMap<_, _> = found.into_iter().filter_map(|(claim, value)| Some((claim.to_owned(), value?.to_owned()))).collect();
    if let Some(address) = address(profile) {
        claims.insert("emailaddress".to_owned(), address.into());
    }
    claims
}

fn text<'a>(profile: &'a Object, name: &str) -> Option<&'a str> {
    profile.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn profile(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn the_address_is_the_primary_one_else_the_first() {
        let two = json!({"emails": [{"value": "first@x.org"}, {"value": "second@x.org", "primary": true}]});
        assert_eq!(address(&profile(&two)).unwrap().as_str(), "second@x.org");
        let none = json!({"emails": [{"value": "first@x.org"}, {"value": "second@x.org"}]});
        assert_eq!(address(&profile(&none)).unwrap().as_str(), "first@x.org");
        for bad in [json!({}), json!({"emails": [{"value": "no address"}]}), json!({"emails": [{"type": "work"}]})] {
            assert_eq!(address(&profile(&bad)), None);
        }
    }

    #[test]
    fn an_element_without_a_value_hides_no_address() {
        for hiding in [json!({"type": "work", "primary": true}), json!({"value": " ", "primary": true}), json!({"display": "x"})] {
            let emails = json!({"emails": [hiding, {"value": "first@x.org"}, {"value": "second@x.org"}]});
            assert_eq!(address(&profile(&emails)).unwrap().as_str(), "first@x.org", "{emails}");
        }
    }

    #[test]
    fn why_there_is_no_address_is_told() {
        for (emails, word) in [
            (json!([]), "no e-mail address"),
            (json!([{"type": "work"}]), "no e-mail address"),
            (json!([{"value": "no address"}]), "none that mail can be sent to"),
            (json!([{"value": "a@x.org"}, {"value": "no address", "primary": true}]), "none that mail can be sent to"),
        ] {
            assert!(reachable(&profile(&json!({"emails": emails}))).unwrap_err().contains(word), "{emails}");
        }
    }

    #[test]
    fn what_leaves_no_active_leaves_it_as_it_was() {
        let (off, silent) = (profile(&json!({"active": false})), profile(&json!({"title": "x"})));
        assert!(!is_active(&keeping_active(&off, silent.clone())));
        assert!(is_active(&keeping_active(&off, profile(&json!({"active": true})))));
        assert_eq!(keeping_active(&profile(&json!({})), silent.clone()), silent);
    }

    #[test]
    fn only_some_roles_give_scopes() {
        let user = json!({"roles": [{"value": "Admin"}, {"value": "cook"}, {"display": "x"}]});
        assert_eq!(built_in_roles(&profile(&user)), BTreeSet::from(["admin".to_owned()]));
        assert_eq!(roles(&profile(&user)), ["Admin", "cook"]);
    }
}
