//! Reading a whole user.

use super::read;
use crate::{Object, Orders, ScimError, schema::USERS};

/// The longest `userName`, in characters.
pub const MAX_USER_NAME: usize = 255;

/// A user as a client sent it. Attributes that we alone write are left out (RFC 7644 §3.3, §3.5.1).
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
    /// 400 `invalidSyntax` when it is no JSON object, says a thing twice or names an attribute that there is not, `invalidValue` for a value of the wrong type or a
    /// missing `userName`.
    pub fn parse(body: &[u8]) -> Result<Self, ScimError> {
        let (profile, orders) = read(&USERS, body)?;
        Ok(Self { profile, orders })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urn;
    use serde_json::{Value, json};

    fn body(body: &Value) -> Result<UserBody, ScimError> {
        UserBody::parse(body.to_string().as_bytes())
    }

    #[test]
    fn names_become_canonical_and_what_we_alone_write_is_dropped() {
        let sent = json!({
            "SCHEMAS": [urn::USER], "ID": "x", "meta": {}, "USERNAME": "alice", "groups": [{"value": "g", "junk": 1}],
            "Emails": [{"Value": "a@b.c", "PRIMARY": "True"}],
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"schemas": [], "Department": "x", "manager": {"value": "m", "displayName": "M"}},
            "urn:scim:wso2:schema": {"accountState": "LOCKED", "oneTimePassword": "x"}
        });
        let user = body(&sent).expect("read");
        let profile = json!({
            "userName": "alice", "emails": [{"value": "a@b.c", "primary": true}],
            urn::ENTERPRISE_USER: {"department": "x", "manager": {"value": "m", "displayName": "M"}}
        });
        assert_eq!((Value::Object(user.profile), user.orders), (profile, Orders::default()));
    }

    #[test]
    fn orders_are_taken_out_in_every_spelling() {
        for sent in [
            json!({"userName": "a", urn::WSO2: {"FORCEpasswordRESET": "True"}}),
            json!({"userName": "a", urn::ENTERPRISE_USER: {"forcePasswordReset": true}}),
            json!({"userName": "a", "urn:scim:wso2:schema:forcePasswordReset": true}),
        ] {
            let user = body(&sent).expect("read");
            assert!(user.orders.force && user.profile.len() == 1, "{sent}");
        }
        let sent = json!({"userName": "a", "password": "pw", urn::WSO2: {"accountLocked": false}, urn::RESET: {"methods": ["link"], "reason": "r", "expiresAt": "2030-01-01T00:00:00Z"}});
        let orders = body(&sent).expect("read").orders;
        assert_eq!((orders.force, orders.account_locked, orders.methods), (false, Some(false), Some(vec!["link".to_owned()])));
        assert_eq!(format!("{:?}", orders.password), "Some(Password(…))");
    }

    #[test]
    fn bad_bodies_say_what_would_be_right() {
        for (sent, kind) in [
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
            (json!({"userName": "a", "forcePasswordReset": true}), "invalidSyntax"),
            (json!({"userName": "a", "nope": 1}), "invalidSyntax"),
            (json!({"userName": "a", "name": {"nope": 1}}), "invalidSyntax"),
            (json!({"userName": "a", "emails": [{"value": "a@b.c", "nope": null}]}), "invalidSyntax"),
            (json!({"userName": "a", "urn:other": {"a": 1}}), "invalidSyntax"),
            (json!({"userName": "a", urn::ENTERPRISE_USER: {"nope": 1}}), "invalidSyntax"),
            (json!({"userName": "a", "schemas": [urn::GROUP]}), "invalidSyntax"),
        ] {
            assert_eq!(body(&sent).expect_err("refused").scim_type.as_deref(), Some(kind), "{sent}");
        }
    }
}
