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

/// Where a reset's mail goes: the primary e-mail address, else the first; `None` when that is no address.
pub fn address(profile: &Object) -> Option<EmailAddress> {
    let emails = profile.get("emails").and_then(Value::as_array)?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    let chosen = primary.or_else(|| emails.first())?;
    chosen.get("value").and_then(Value::as_str)?.trim().parse().ok()
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
    fn only_some_roles_give_scopes() {
        let user = json!({"roles": [{"value": "Admin"}, {"value": "cook"}, {"display": "x"}]});
        assert_eq!(built_in_roles(&profile(&user)), BTreeSet::from(["admin".to_owned()]));
        assert_eq!(roles(&profile(&user)), ["Admin", "cook"]);
    }
}
