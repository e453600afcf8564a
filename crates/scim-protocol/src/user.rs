//! Reading a whole user: the body of a POST or PUT.

use serde_json::Value;

use crate::{
    Object, Orders, ScimError, json,
    path::unknown,
    schema::{Named, Schema, Target, resolve},
    value::{self, Lists},
};

/// The longest `userName`, in characters.
pub const MAX_USER_NAME: usize = 255;

/// A user as a client sent it. Attributes that we alone write and such as we do not know are left out (RFC 7644 §3.3, §3.5.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserBody {
    /// What is stored: canonical names, no nulls, no empty lists.
    pub profile: Object,
    /// What is done and not stored.
    pub orders: Orders,
}

impl UserBody {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when it is no JSON object or says a thing twice, `invalidValue` for a value of the wrong type or a
    /// missing `userName`.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let mut user = Self::default();
        for (name, value) in json::object(body)? {
            user.member(&name, value)?;
        }
        check_user_name(&user.profile)?;
        Ok(user)
    }

    fn member(&mut self, name: &str, value: Value) -> Result<(), ScimError> {
        if name.eq_ignore_ascii_case("schemas") {
            return check_schemas(&value);
        }
        match resolve(name) {
            Some(Named::Schema(schema)) => self.extension(schema, value),
            Some(Named::Target(target)) => self.assign(target, value),
            None if name.eq_ignore_ascii_case("forcePasswordReset") => Err(unknown(name)),
            None => Ok(()),
        }
    }

    fn extension(&mut self, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let members = match value {
            Value::Null => return Ok(()),
            Value::Object(members) => members,
            other => return Err(value::wrong(schema.id, "an object", &other)),
        };
        for (name, value) in members {
            if let Some(target) = schema.target(&name) {
                self.assign(target, value)?;
            }
        }
        Ok(())
    }

    fn assign(&mut self, target: Target, value: Value) -> Result<(), ScimError> {
        if target.is_read_only() || target.attribute.name == "schemas" {
            return Ok(());
        }
        let value = value::whole(target.innermost(), value, Lists::Strict, &target.to_string())?;
        if value.is_null() || self.orders.take(&target, &value) {
            return Ok(());
        }
        place(&mut self.profile, &target, value)
    }
}

fn place(profile: &mut Object, target: &Target, value: Value) -> Result<(), ScimError> {
    within(profile, target.schema, |members| match target.sub {
        None => put_once(members, target.attribute.name, value),
        Some(sub) => {
            let slot = members.entry(target.attribute.name).or_insert_with(|| Value::Object(Object::new()));
            slot.as_object_mut().map_or_else(|| Err(value::twice(target.attribute.name)), |parts| put_once(parts, sub.name, value))
        }
    })
}

fn put_once(members: &mut Object, name: &str, value: Value) -> Result<(), ScimError> {
    match members.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(value::twice(name)),
    }
}

/// Works on the object in which the attributes of a schema lie: the resource itself for the core one. An extension left empty goes.
pub(crate) fn within<T>(resource: &mut Object, schema: &Schema, work: impl FnOnce(&mut Object) -> T) -> T {
    if schema.is_core() {
        return work(resource);
    }
    let mut members = match resource.remove(schema.id) {
        Some(Value::Object(members)) => members,
        _ => Object::new(),
    };
    let done = work(&mut members);
    if !members.is_empty() {
        resource.insert(schema.id.to_owned(), Value::Object(members));
    }
    done
}

fn check_schemas(value: &Value) -> Result<(), ScimError> {
    let fits = match value {
        Value::Null => true,
        Value::Array(urns) => urns.iter().all(Value::is_string),
        _ => false,
    };
    if fits { Ok(()) } else { Err(ScimError::invalid_syntax("`schemas` must be an array of URNs")) }
}

/// A user has a name to log in with: some characters, none of them a control character, not too many.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check_user_name(profile: &Object) -> Result<(), ScimError> {
    let name = profile.get("userName").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(ScimError::invalid_value("`userName` is required and must not be empty"));
    }
    if name.chars().count() > MAX_USER_NAME || name.chars().any(char::is_control) {
        return Err(ScimError::invalid_value(format!("`userName` may have at most {MAX_USER_NAME} characters, none of them a control character")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urn;
    use serde_json::json;

    fn read(body: &Value) -> Result<UserBody, ScimError> {
        UserBody::parse(body.to_string().as_bytes())
    }

    #[test]
    fn names_become_canonical_and_what_we_alone_write_is_dropped() {
        let body = json!({
            "SCHEMAS": [urn::USER], "ID": "x", "meta": {}, "USERNAME": "alice", "groups": [{"value": "g"}], "junk": {"a": 1},
            "Emails": [{"Value": "a@b.c", "PRIMARY": "True"}],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"schemas": [], "Department": "x", "manager": {"value": "m", "displayName": "M"}},
            "urn:scim:wso2:schema": {"accountState": "LOCKED", "oneTimePassword": "x"},
            "urn:other": {"a": 1}
        });
        let user = read(&body).expect("read");
        let profile = json!({
            "userName": "alice", "emails": [{"value": "a@b.c", "primary": true}],
            urn::ENTERPRISE_USER: {"department": "x", "manager": {"value": "m"}}
        });
        assert_eq!((Value::Object(user.profile), user.orders), (profile, Orders::default()));
    }

    #[test]
    fn orders_are_taken_out_in_every_spelling() {
        for body in [
            json!({"userName": "a", urn::WSO2: {"FORCEpasswordRESET": "True"}}),
            json!({"userName": "a", urn::ENTERPRISE_USER: {"forcePasswordReset": true}}),
            json!({"userName": "a", "urn:scim:wso2:schema:forcePasswordReset": true}),
        ] {
            let user = read(&body).expect("read");
            assert!(user.orders.force && user.profile.len() == 1, "{body}");
        }
        let body = json!({"userName": "a", "password": "pw", urn::WSO2: {"accountLocked": false}, urn::RESET: {"methods": ["link"], "reason": "r", "expiresAt": "2030-01-01T00:00:00Z"}});
        let orders = read(&body).expect("read").orders;
        assert_eq!((orders.force, orders.account_locked, orders.methods), (false, Some(false), Some(vec!["link".to_owned()])));
        assert_eq!(format!("{:?}", orders.password), "Some(Password(…))");
    }

    #[test]
    fn bad_bodies_say_what_would_be_right() {
        for (body, kind) in [
            (json!({}), "invalidValue"),
            (json!({"userName": ""}), "invalidValue"),
            (json!({"userName": null}), "invalidValue"),
            (json!({"userName": 5}), "invalidValue"),
            (json!({"userName": "a\nb"}), "invalidValue"),
            (json!({"userName": "a", "USERNAME": "b"}), "invalidSyntax"),
            (json!({"userName": "a", "schemas": "x"}), "invalidSyntax"),
            (json!({"userName": "a", "active": "maybe"}), "invalidValue"),
            (json!({"userName": "a", urn::WSO2: true}), "invalidValue"),
            (json!({"userName": "a", urn::WSO2: {"forcePasswordReset": 1}}), "invalidValue"),
            (json!({"userName": "a", urn::RESET: {"expiresAt": "soon"}}), "invalidValue"),
            (json!({"userName": "a", "forcePasswordReset": true}), "invalidPath"),
        ] {
            assert_eq!(read(&body).expect_err("refused").scim_type.as_deref(), Some(kind), "{body}");
        }
    }
}
