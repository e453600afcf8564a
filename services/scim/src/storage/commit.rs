//! The commit of a change: the user's row, the intent and the announcement of its reset in one transaction.

use rekey_kernel::Failure;
use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::{Database, failure, gave_way};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryTrait, SqlErr,
    sea_query::{CommonTableExpression, Expr, ExprTrait, InsertStatement, Query, WithClause},
};

use super::{
    columns::{changed_elements, elements, too_long},
    convert::{changed_columns, intent_row, signed, user_columns},
    fields::{MAX_INDEXED, USER_TEXTS},
    row::{intent, user},
    users, values,
};
use crate::{
    domain::{Intent, User, size},
    events::force_password_reset,
    ports::{CommitError, Write},
};

pub(super) async fn commit(database: &Database, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
    check(write)?;
    if alone(database.writer(), write, intent).await? {
        return Ok(());
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

/// Can what is written be stored?
fn check(write: &Write) -> Result<(), CommitError> {
    let (before, after) = match write {
        Write::Insert(user) => (None, &user.profile),
        Write::Update { user, before } => (Some(&before.profile), &user.profile),
        Write::Delete { .. } => return Ok(()),
    };
    size::check(before, after).map_err(CommitError::Refused)?;
    too_long(&USER_TEXTS, after).map_or(Ok(()), |attribute| Err(over_limit(&attribute)))
}

/// Commits what can be one statement, which is a transaction of its own. False when it cannot.
async fn alone(connection: &impl ConnectionTrait, write: &Write, intent: Option<&Intent>) -> Result<bool, CommitError> {
    match (write, intent) {
        (Write::Update { user, before }, None) if changed_elements(&before.profile, &user.profile).is_none() => {
            update_row(connection, user, before).await.map(|()| true)
        }
        (Write::Insert(user), Some(intent)) if connection.get_database_backend() == DbBackend::Postgres && intent.reset.is_none() => {
            insert_with_intent(connection, user, intent).await
        }
        _ => Ok(false),
    }
}

/// A new user and its intent by one statement. False when something of it is there already: statement by statement it shows what.
async fn insert_with_intent(connection: &impl ConnectionTrait, user: &User, intent: &Intent) -> Result<bool, CommitError> {
    let elements = elements(&user.profile);
    if elements.len() > values::AT_ONCE {
        return Ok(false);
    }
    let mut parts = WithClause::new();
    parts.cte(CommonTableExpression::new().table_name("new_user").query(insertion(user)).to_owned());
    if !elements.is_empty() {
        let insertion = values::insertion(user.tenant.as_uuid(), user.id.as_uuid(), &elements);
        parts.cte(CommonTableExpression::new().table_name("new_values").query(insertion).to_owned());
    }
    let all = parts.query(intent::Entity::insert(intent_row(intent)).into_query());
    match connection.execute(&all).await.map_err(|error| or_taken(error, CommitError::UserNameTaken)) {
        Ok(_) => Ok(true),
        Err(CommitError::UserNameTaken) => Ok(false),
        Err(error) => Err(certain(error)),
    }
}

async fn write_all(transaction: &impl ConnectionTrait, write: &Write, intent: Option<&Intent>) -> Result<(), CommitError> {
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

pub(super) async fn insert(transaction: &impl ConnectionTrait, user: &User) -> Result<(), CommitError> {
    transaction.execute(&insertion(user)).await.map_err(|error| or_taken(error, CommitError::UserNameTaken))?;
    values::insert(transaction, user.tenant.as_uuid(), user.id.as_uuid(), &elements(&user.profile)).await.map_err(unknown)
}

fn insertion(user: &User) -> InsertStatement {
    let (names, values): (Vec<_>, Vec<_>) = user_columns(user).into_iter().map(|(name, value)| (name, Expr::from(value))).unzip();
    Query::insert().into_table("users").columns(names).values_panic(values).to_owned()
}

async fn update(transaction: &impl ConnectionTrait, user: &User, before: &User) -> Result<(), CommitError> {
    update_row(transaction, user, before).await?;
    let Some(new) = changed_elements(&before.profile, &user.profile) else { return Ok(()) };
    values::rewrite(transaction, user.tenant.as_uuid(), user.id.as_uuid(), &new).await.map_err(unknown)
}

/// Writes what differs: an index costs only those changes that are its own.
async fn update_row(connection: &impl ConnectionTrait, user: &User, before: &User) -> Result<(), CommitError> {
    let mut update = Query::update();
    update.table("users").values(changed_columns(before, user).into_iter().map(|(name, value)| (name, Expr::from(value))));
    update.and_where(Expr::col("id").eq(user.id.as_uuid())).and_where(Expr::col("tenant_id").eq(user.tenant.as_uuid()));
    let updated = connection.execute(update.and_where(Expr::col("version").eq(signed(before.version)))).await;
    one(updated.map_err(|error| or_taken(error, CommitError::UserNameTaken))?.rows_affected())
}

async fn write_intent(transaction: &impl ConnectionTrait, intent: &Intent) -> Result<(), CommitError> {
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

/// Resources are found by this attribute, and an index takes only so much; or there may be very many of it.
pub(super) fn over_limit(attribute: &str) -> CommitError {
    CommitError::Refused(Failure::invalid("invalidValue", format!("`{attribute}` may have at most {MAX_INDEXED} characters")))
}
