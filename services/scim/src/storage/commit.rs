//! The commit of a change: the user's row, the intent and the announcement of its reset in one transaction.

use rekey_kernel::Failure;
use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::{Database, failure, gave_way};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, SqlErr,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    columns::{elements, too_long},
    convert::{intent_row, signed, user_columns},
    fields::{MAX_INDEXED, USER_TEXTS},
    row::{intent, user},
    users, values,
};
use crate::{
    domain::{Intent, User},
    events::force_password_reset,
    ports::{CommitError, Write},
};

pub(super) async fn commit(database: &Database, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
    if let Write::Insert(user) | Write::Update { user, .. } = write
        && let Some(attribute) = too_long(&USER_TEXTS, &user.profile)
    {
        return Err(over_limit(&attribute));
    }
    if let (Write::Update { user, before }, None) = (write, intent)
        && elements(&user.profile) == elements(&before.profile)
    {
        // One statement is a transaction of its own.
        return update(database.writer(), user, before).await;
    }
    let transaction = database.begin().await.map_err(CommitError::Unknown)?;
    match write_all(&transaction, write, intent).await {
        Ok(()) => transaction.commit().await.map_err(unknown),
        Err(error) => {
            // A rollback that fails leaves nothing either: the connection is closed.
            let _rolled_back = transaction.rollback().await;
            Err(certain(error))
        }
    }
}

async fn write_all(transaction: &DatabaseTransaction, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
    match write {
        Write::Insert(user) => insert(transaction, user).await?,
        Write::Update { user, before } => update(transaction, user, before).await?,
        Write::Delete { tenant, user, expected, now } => {
            let row = user::Entity::delete_many().filter(user::Column::Id.eq(user.as_uuid())).filter(user::Column::TenantId.eq(tenant.as_uuid()));
            let deleted = row.filter(user::Column::Version.eq(signed(*expected))).exec(transaction).await.map_err(unknown)?;
            one(deleted.rows_affected)?;
            users::forget(transaction, *tenant, *user, *now).await.map_err(unknown)?;
        }
    }
    match intent {
        Some(intent) => write_intent(transaction, intent).await,
        None => Ok(()),
    }
}

pub(super) async fn insert(transaction: &DatabaseTransaction, user: &User) -> Result<(), CommitError> {
    let (names, values): (Vec<_>, Vec<_>) = user_columns(user).into_iter().map(|(name, value)| (name, Expr::from(value))).unzip();
    let mut insert = Query::insert();
    insert.into_table("users").columns(names).values_panic(values);
    transaction.execute(&insert).await.map_err(|error| or_taken(error, CommitError::UserNameTaken))?;
    values::insert(transaction, user.tenant.as_uuid(), user.id.as_uuid(), &elements(&user.profile)).await.map_err(unknown)
}

/// Writes what differs: an index costs only those changes that are its own.
async fn update(transaction: &impl ConnectionTrait, user: &User, before: &User) -> Result<(), CommitError> {
    let changed = user_columns(user).into_iter().zip(user_columns(before)).filter(|(after, before)| after != before);
    // The revision is the projection's alone: it may have grown without a new version since the user was read.
    let changed = changed.map(|(after, _)| after).filter(|(name, _)| !["revision", "version"].contains(name));
    let mut update = Query::update();
    update.table("users").values(changed.map(|(name, value)| (name, Expr::from(value)))).value("version", signed(user.version));
    update.and_where(Expr::col("id").eq(user.id.as_uuid())).and_where(Expr::col("tenant_id").eq(user.tenant.as_uuid()));
    let updated = transaction.execute(update.and_where(Expr::col("version").eq(signed(before.version)))).await;
    one(updated.map_err(|error| or_taken(error, CommitError::UserNameTaken))?.rows_affected())?;
    values::rewrite(transaction, user.tenant.as_uuid(), user.id.as_uuid(), &before.profile, &user.profile).await.map_err(unknown)
}

async fn write_intent(transaction: &DatabaseTransaction, intent: &Intent) -> Result<(), CommitError> {
    let inserted = intent::Entity::insert(intent_row(intent)).exec_without_returning(transaction).await;
    inserted.map_err(|error| or_taken(error, CommitError::Abandoned))?;
    match &intent.reset {
        Some(reset) => enqueue(transaction, &force_password_reset(intent, reset), Confirm::EndToEnd).await.map_err(unknown),
        None => Ok(()),
    }
}

fn one(rows: u64) -> Result<(), CommitError> {
    if rows == 1 { Ok(()) } else { Err(CommitError::Overtaken) }
}

fn or_taken(error: DbErr, taken: CommitError) -> CommitError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken,
        _ => unknown(error),
    }
}

/// Whoever gives way to another transaction is overtaken by it: certainly nothing is stored.
pub(super) fn certain(error: CommitError) -> CommitError {
    match error {
        CommitError::Unknown(failure) if gave_way(&failure) => CommitError::Overtaken,
        other => other,
    }
}

pub(super) fn unknown(error: DbErr) -> CommitError {
    CommitError::Unknown(failure(error))
}

/// Resources are found by this attribute, and an index takes only so much.
pub(super) fn over_limit(attribute: &str) -> CommitError {
    CommitError::Refused(Failure::invalid("invalidValue", format!("`{attribute}` may have at most {MAX_INDEXED} characters")))
}
