//! The commits by hand that changes are compared with: as many durable transactions as the product makes, in the same databases; each
//! writes the same rows, once, and reads nothing.

use anyhow::Result;
use std::{sync::Arc, time::SystemTime};
use uuid::Uuid;

use crate::{
    database::{Database, Statement, Value},
    lookups::TENANT,
    people::{self, Dice},
};

/// Users that can be changed.
pub(crate) type Existing = Arc<Vec<Uuid>>;

/// New users are numbered from here on; those of the copy that is written to stay below.
const FIRST_NEW: u64 = 1_000_000_000;

fn now() -> i64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}

/// Some users of the database.
pub(crate) async fn sample(scim: &Database) -> Result<Existing> {
    scim.ids("SELECT id FROM users WHERE external_id LIKE 'hr-%'").await.map(Arc::new)
}

/// A user without a password: authentication holds the change, scim commits it, authentication makes it true, scim records that.
pub(crate) async fn create(scim: &Database, authentication: &Database, dice: &mut Dice) -> Result<()> {
    let (user, intent, number) = (dice.id(), dice.id(), FIRST_NEW + dice.below(FIRST_NEW));
    authentication.change(prepare(user, intent, number)).await?;
    scim.commit(commit(user, intent, number)).await?;
    authentication.commit(apply(user, intent, number)).await?;
    scim.commit(finish(user, intent)).await
}

fn prepare(user: Uuid, intent: Uuid, number: u64) -> Statement {
    let actor = r#"{"user":"00000000-0000-0000-0000-000000000002","name":"admin","source":"127.0.0.1"}"#;
    let change = format!(r#"{{"create":true,"login_name":"{}","active":true}}"#, people::user_name(number));
    Statement {
        sql: "INSERT INTO preparations (intent, tenant, \"user\", actor, change, creates, held_name, prepared_at, committed) VALUES \
              ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        values: vec![
            Value::Id(intent),
            Value::Id(TENANT),
            Value::Id(user),
            Value::Text(actor.to_owned()),
            Value::Text(change),
            Value::Flag(true),
            Value::Text(people::user_name(number)),
            Value::Number(now()),
            Value::Flag(false),
        ],
    }
}

fn commit(user: Uuid, intent: Uuid, number: u64) -> Vec<Statement> {
    vec![
        Statement {
            sql: "INSERT INTO users (id, tenant_id, user_name_folded, external_id, given_name, family_name, display_name, \
                  preferred_language, employee_number, department, email, active, profile, version, created_at, modified_at, locked, \
                  locked_reason, account_state, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                  $17, $18, $19, $20)",
            values: user_row(user, number),
        },
        Statement {
            sql: "INSERT INTO user_values (tenant_id, user_id, attribute, position, value, kind, is_primary) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values: vec![
                Value::Id(TENANT),
                Value::Id(user),
                Value::Text("emails".to_owned()),
                Value::Number(0),
                Value::Text(people::address(number)),
                Value::Text("work".to_owned()),
                Value::Flag(true),
            ],
        },
        Statement {
            sql: "INSERT INTO intents (id, tenant_id, user_id, version, kind, initiator, reason, state, epoch, expires_at, created_at) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values: vec![
                Value::Id(intent),
                Value::Id(TENANT),
                Value::Id(user),
                Value::Number(1),
                Value::Text("create".to_owned()),
                Value::Text("admin".to_owned()),
                Value::Text(String::new()),
                Value::Text("unfinished".to_owned()),
                Value::Number(0),
                Value::Number(0),
                Value::Number(now()),
            ],
        },
    ]
}

fn user_row(user: Uuid, number: u64) -> Vec<Value> {
    vec![
        Value::Id(user),
        Value::Id(TENANT),
        Value::Text(people::user_name(number)),
        Value::Text(people::external_id(number)),
        Value::Text("given".to_owned()),
        Value::Text(format!("family {number}")),
        Value::Text(format!("given family {number}")),
        Value::Text("en-gb".to_owned()),
        Value::Text(number.to_string()),
        Value::Text(format!("department {}", number % 100)),
        Value::Text(people::address(number)),
        Value::Flag(true),
        Value::Text(people::document(number).to_string()),
        Value::Number(1),
        Value::Number(now()),
        Value::Number(now()),
        Value::Flag(false),
        Value::Text(String::new()),
        Value::Text("UNLOCKED".to_owned()),
        Value::Number(0),
    ]
}

fn apply(user: Uuid, intent: Uuid, number: u64) -> Vec<Statement> {
    let name = people::user_name(number);
    vec![
        Statement {
            sql: "INSERT INTO accounts (id, tenant, login_name, folded, active, admin_locked, credential_version, revision, epoch, \
                  roles, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values: account(user, &name),
        },
        Statement {
            sql: "INSERT INTO audit (tenant, actor, actor_name, source, action, subject, at, result) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values: vec![
                Value::Id(TENANT),
                Value::Id(user),
                Value::Text("admin".to_owned()),
                Value::Text("127.0.0.1".to_owned()),
                Value::Text("account.created".to_owned()),
                Value::Id(user),
                Value::Number(now()),
                Value::Text("done".to_owned()),
            ],
        },
        Statement {
            sql: "UPDATE preparations SET outcome = $1, settled_at = $2, change = NULL, held_name = NULL WHERE intent = $3",
            values: vec![Value::Text("applied".to_owned()), Value::Number(now()), Value::Id(intent)],
        },
    ]
}

fn account(user: Uuid, name: &str) -> Vec<Value> {
    vec![
        Value::Id(user),
        Value::Id(TENANT),
        Value::Text(name.to_owned()),
        Value::Text(name.to_owned()),
        Value::Flag(true),
        Value::Flag(false),
        Value::Number(0),
        Value::Number(1),
        Value::Number(0),
        Value::Text(String::new()),
        Value::Number(now()),
    ]
}

fn finish(user: Uuid, intent: Uuid) -> Vec<Statement> {
    vec![
        Statement {
            sql: "UPDATE intents SET state = $1, outcome = $2, epoch = $3, expires_at = $4, finished_at = $5 WHERE id = $6 AND state = 'unfinished'",
            values: vec![
                Value::Text("finished".to_owned()),
                Value::Text("applied".to_owned()),
                Value::Number(0),
                Value::Number(0),
                Value::Number(now()),
                Value::Id(intent),
            ],
        },
        Statement {
            sql: "UPDATE users SET version = $1, modified_at = $2, locked = $3, locked_reason = $4, account_state = $5, revision = $6 WHERE id = $7",
            values: vec![
                Value::Number(1),
                Value::Number(now()),
                Value::Flag(false),
                Value::Text(String::new()),
                Value::Text("UNLOCKED".to_owned()),
                Value::Number(1),
                Value::Id(user),
            ],
        },
    ]
}

/// Another `displayName`: scim's business alone.
pub(crate) async fn patch(scim: &Database, existing: &Existing, dice: &mut Dice) -> Result<()> {
    let id = existing[usize::try_from(dice.below(existing.len() as u64))?];
    let number = dice.below(FIRST_NEW);
    let update = Statement {
        sql: "UPDATE users SET display_name = $1, profile = $2, modified_at = $3, version = version + 1 WHERE id = $4 AND tenant_id = $5",
        values: vec![
            Value::Text(format!("another name {number}")),
            Value::Text(people::document(number).to_string()),
            Value::Number(now()),
            Value::Id(id),
            Value::Id(TENANT),
        ],
    };
    scim.change(update).await
}
