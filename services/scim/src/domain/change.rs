//! What a request changes of an account.

use rekey_kernel::{Methods, ResetId, Secret, Timestamp};
use rekey_scim_protocol::Object;
use serde_json::Value;
use std::time::Duration;

use super::{Account, profile};

/// What one request changes of an account; absent fields stay as they are.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The account begins.
    pub create: bool,
    /// The account ends.
    pub delete: bool,
    /// A new login name.
    pub login_name: Option<String>,
    /// A new password.
    pub password: Option<Secret>,
    /// Whether it may be used.
    pub active: Option<bool>,
    /// True locks it as an administrator does; false unlocks it and cancels a reset in the way.
    pub locked: Option<bool>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// A reset.
    pub reset: Option<ResetOrder>,
    /// Resets are mailed to another address from now on: nothing of the account itself, but whoever changes that could take it over.
    pub contact: bool,
}

/// A reset that is ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResetOrder {
    /// The ways back in.
    pub methods: Methods,
    /// Why.
    pub reason: String,
    /// When they end; `None`: `validity` after it is applied.
    pub expires_at: Option<Timestamp>,
    /// How long they last.
    pub validity: Duration,
    /// The reset that this one repeats.
    pub resend_of: Option<ResetId>,
}

/// How a request changes a user that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// PUT.
    Replace,
    /// PATCH.
    Patch,
}

impl AccountChange {
    /// What follows for the account from a change of the profile.
    pub fn between(before: &Object, after: &Object) -> Self {
        let name = profile::user_name(after);
        // Where `active` is taken away, the account stays as it was: nobody is let in by saying nothing.
        let active = after.get("active").and_then(Value::as_bool).filter(|active| before.get("active") != Some(&Value::Bool(*active)));
        Self {
            login_name: (profile::user_name(before) != name).then(|| name.to_owned()),
            active,
            roles: (!profile::have_same_scopes(before, after)).then(|| profile::roles(after)),
            contact: !profile::have_same_address(before, after),
            ..Self::default()
        }
    }

    /// The account of a new user.
    pub fn creation(created: &Object) -> Self {
        Self {
            create: true,
            login_name: Some(profile::user_name(created).to_owned()),
            active: Some(profile::is_active(created)),
            roles: Some(profile::roles(created)),
            ..Self::default()
        }
    }

    /// Does it leave the account as it is? Then authentication need not be asked.
    pub const fn is_nothing(&self) -> bool {
        !self.create
            && !self.delete
            && self.login_name.is_none()
            && self.password.is_none()
            && self.active.is_none()
            && self.locked.is_none()
            && self.roles.is_none()
            && self.reset.is_none()
            && !self.contact
    }
}

/// What a written `accountLocked` changes. A value equal to the present one changes nothing, and a PUT with false cancels no reset.
pub fn lock(written: Option<bool>, present: &Account, manner: Manner) -> Option<bool> {
    match written {
        Some(false) if manner == Manner::Replace && present.is_pending_reset() => None,
        Some(wanted) if wanted != present.locked => Some(wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_new_display_name_is_none_of_authentications_business() {
        let before = object(&json!({"userName": "a", "roles": [{"value": "cook"}], "emails": [{"value": "a@b.c"}]}));
        let after = object(&json!({"userName": "a", "displayName": "A", "emails": [{"value": "a@b.c"}, {"value": "d@e.f"}]}));
        assert!(AccountChange::between(&before, &after).is_nothing());
    }

    #[test]
    fn where_resets_are_mailed_is() {
        let address = |emails: Value| object(&json!({"userName": "a", "emails": emails}));
        let (none, one) = (address(json!([])), address(json!([{"value": "a@b.c"}])));
        let another_primary = address(json!([{"value": "a@b.c"}, {"value": "d@e.f", "primary": true}]));
        for (before, after) in [(&none, &one), (&one, &none), (&one, &another_primary)] {
            let change = AccountChange::between(before, after);
            assert!(change.contact && !change.is_nothing());
        }
    }

    #[test]
    fn an_active_that_is_taken_away_changes_nothing_and_one_that_is_said_again_does() {
        let (off, silent, on) =
            (object(&json!({"userName": "a", "active": false})), object(&json!({"userName": "a"})), object(&json!({"userName": "a", "active": true})));
        let active = |before, after| AccountChange::between(before, after).active;
        assert_eq!([active(&off, &silent), active(&on, &silent), active(&off, &off)], [None; 3]);
        assert_eq!([active(&silent, &on), active(&silent, &off), active(&off, &on)], [Some(true), Some(false), Some(true)]);
    }

    #[test]
    fn name_activity_and_built_in_roles_are() {
        let before = object(&json!({"userName": "a", "active": true}));
        let after = object(&json!({"userName": "A", "active": false, "roles": [{"value": "helpdesk"}, {"value": "cook"}]}));
        let change = AccountChange::between(&before, &after);
        assert_eq!((change.login_name.as_deref(), change.active), (Some("A"), Some(false)));
        assert_eq!(change.roles, Some(vec!["helpdesk".to_owned(), "cook".to_owned()]));
    }

    #[test]
    fn a_put_with_false_cancels_no_reset_but_a_patch_does() {
        let pending = Account::new(true).after(&AccountChange { reset: Some(ResetOrder::default()), ..AccountChange::default() });
        assert_eq!(lock(Some(false), &pending, Manner::Replace), None);
        assert_eq!(lock(Some(false), &pending, Manner::Patch), Some(false));
        assert_eq!(lock(Some(true), &pending, Manner::Patch), None);
        assert_eq!(lock(None, &pending, Manner::Patch), None);
        assert_eq!(lock(Some(true), &Account::new(true), Manner::Replace), Some(true));
        assert_eq!(lock(Some(false), &Account::new(true), Manner::Patch), None);
    }
}
