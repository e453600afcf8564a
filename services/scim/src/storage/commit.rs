//! The commit of a change: the user's row, the intent and the announcement of its reset in one transaction.

use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::{Database, failure};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, SqlErr};

use super::{
    convert::{intent_row, signed, user_row},
    row::{intent, user},
};
use crate::{
    domain::{Intent, User},
    events::force_password_reset,
    ports::{CommitError, Write},
};

pub(super) async fn commit(database: &Database, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
    let transaction = database.begin().await.map_err(CommitError::Unknown)?;
    match write_all(&transaction, write, intent).await {
        Ok(()) => transaction.commit().await.map_err(unknown),
        Err(error) => {
            // A rollback that fails leaves nothing either: the connection is closed.
            let _rolled_back = transaction.rollback().await;
            Err(error)
        }
    }
}

async fn write_all(transaction: &DatabaseTransaction, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
    match write {
        Write::Insert(user) => insert(transaction, user).await?,
        Write::Update { user, expected } => update(transaction, user, *expected).await?,
        Write::Delete { tenant, user, expected } => {
            let row = user::Entity::delete_many().filter(user::Column::Id.eq(user.as_uuid())).filter(user::Column::TenantId.eq(tenant.as_uuid()));
            let deleted = row.filter(user::Column::Version.eq(signed(*expected))).exec(transaction).await.map_err(unknown)?;
            one(deleted.rows_affected)?;
        }
    }
    match intent {
        Some(intent) => write_intent(transaction, intent).await,
        None => Ok(()),
    }
}

async fn insert(transaction: &DatabaseTransaction, user: &User) -> Result<(), CommitError> {
    let inserted = user::Entity::insert(user_row(user)).exec_without_returning(transaction).await;
    inserted.map(drop).map_err(|error| or_taken(error, CommitError::UserNameTaken))
}

async fn update(transaction: &DatabaseTransaction, user: &User, expected: u64) -> Result<(), CommitError> {
    // The revision is the projection's alone: it may have grown without a new version since the user was read.
    let row = user::ActiveModel { revision: NotSet, ..user_row(user) };
    let updated = user::Entity::update_many()
        .set(row)
        .filter(user::Column::Id.eq(user.id.as_uuid()))
        .filter(user::Column::TenantId.eq(user.tenant.as_uuid()))
        .filter(user::Column::Version.eq(signed(expected)))
        .exec(transaction)
        .await;
    one(updated.map_err(|error| or_taken(error, CommitError::UserNameTaken))?.rows_affected)
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

fn unknown(error: DbErr) -> CommitError {
    CommitError::Unknown(failure(error))
}
