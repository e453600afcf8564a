//! The SQL by hand that the filters are compared with: one statement each, on the index that is there for it, giving all of the row.

use anyhow::Result;
use uuid::Uuid;

use crate::{
    database::{Database, Statement, Value},
    people::{self, Dice},
};

/// The tenant `default`.
pub(crate) const TENANT: Uuid = Uuid::from_u128(1);

/// A filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    UserName,
    ExternalId,
    Email,
}

impl Lookup {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::UserName, Self::ExternalId, Self::Email].into_iter().find(|lookup| lookup.attribute() == name)
    }

    /// What SCIM calls it.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::Email => "emails.value",
        }
    }

    /// A value that one user has.
    pub(crate) fn value(self, dice: &mut Dice, users: u64) -> String {
        let number = dice.below(users);
        match self {
            Self::UserName => people::user_name(number),
            Self::ExternalId => people::external_id(number),
            Self::Email => people::address(number),
        }
    }

    const fn sql(self) -> &'static str {
        match self {
            Self::UserName => {
                "SELECT id, version, created_at, modified_at, locked, locked_reason, account_state, profile FROM users WHERE \
                      tenant_id = $1 AND user_name_folded = $2 LIMIT 101"
            }
            Self::ExternalId => {
                "SELECT id, version, created_at, modified_at, locked, locked_reason, account_state, profile FROM users WHERE \
                      tenant_id = $1 AND external_id = $2 LIMIT 101"
            }
            Self::Email => {
                "SELECT id, version, created_at, modified_at, locked, locked_reason, account_state, profile FROM users WHERE \
                      tenant_id = $1 AND id IN (SELECT user_id FROM user_values WHERE tenant_id = $1 AND attribute = 'emails' AND value \
                      = $2) LIMIT 101"
            }
        }
    }

    /// The document of the one user with this value.
    pub(crate) async fn find(self, database: &Database, value: String) -> Result<Vec<u8>> {
        database.document(Statement { sql: self.sql(), values: vec![Value::Id(TENANT), Value::Text(value)] }).await
    }
}

/// What has to be read again at each use of a credential.
pub(crate) async fn account(database: &Database, id: Uuid) -> Result<Vec<u8>> {
    const SQL: &str = "SELECT id, folded, password, active, admin_locked, blocking, credential_version, revision, epoch, roles, created_at, \
          login_name FROM accounts WHERE id = $1 AND tenant = $2";
    database.document(Statement { sql: SQL, values: vec![Value::Id(id), Value::Id(TENANT)] }).await
}

/// A user by id.
pub(crate) async fn user(database: &Database, id: Uuid) -> Result<Vec<u8>> {
    const SQL: &str = "SELECT id, version, created_at, modified_at, locked, locked_reason, account_state, profile FROM users WHERE id = $1 AND \
          tenant_id = $2";
    database.document(Statement { sql: SQL, values: vec![Value::Id(id), Value::Id(TENANT)] }).await
}
