//! The outcome of an intent, and the projection that follows it.

use rekey_kernel::{Failure, Timestamp};
use rekey_runtime::database::{Database, failure};
use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{CommonTableExpression, Expr, Query, WithClause, WithQuery},
};

use super::{intents, users};
use crate::{
    domain::{Applied, Intent, User},
    ports::Finished,
};

/// The name of the row that follows.
const FOLLOWED: &str = "followed";

/// A projection that only has to be written over, as nobody has changed the user since its change was committed.
struct Step<'a> {
    before: &'a User,
    after: User,
}

pub(super) async fn finish(database: &Database, intent: &Intent, committed: Option<&User>, applied: &Applied, now: Timestamp) -> Result<Finished, Failure> {
    let mut step = committed.and_then(|before| step(before, intent, applied, now));
    if database.writer().get_database_backend() == DbBackend::Postgres
        && let Some(Step { before, after }) = step.take()
    {
        let all = at_once(before, &after, intent, applied, now);
        if database.writer().execute(&all).await.map_err(failure)?.rows_affected() > 0 {
            return Ok(Finished { first: true, user: Some(after) });
        }
    }
    let transaction = database.begin().await?;
    let finished = match step {
        Some(step) => stepped(&transaction, step, intent, applied, now).await?,
        None => locked(&transaction, intent, applied, now).await?,
    };
    transaction.commit().await.map_err(failure)?;
    Ok(finished)
}

/// The step from the user as it was committed, where there is news of its account and nothing else to do.
fn step<'a>(before: &'a User, intent: &Intent, applied: &Applied, now: Timestamp) -> Option<Step<'a>> {
    let account = applied.account().filter(|account| account.revision > before.account.revision)?;
    let is_announced = intent.reset.is_none() || applied.announces_reset();
    is_announced.then(|| Step { before, after: users::with_account(before, account, now) })
}

/// One statement for both rows, which `PostgreSQL` takes: the user's first, and the intent's only with that.
fn at_once(before: &User, after: &User, intent: &Intent, applied: &Applied, now: Timestamp) -> WithQuery {
    let mut projection = users::projection(before, after);
    projection.returning(Query::returning().column("id"));
    let followed = CommonTableExpression::new().table_name(FOLLOWED).query(projection).to_owned();
    let mut finishing = intents::finishing(intent, applied, now);
    finishing.and_where(Expr::exists(Query::select().column("id").from(FOLLOWED).take()));
    WithClause::new().cte(followed).to_owned().query(finishing)
}

/// Takes the step, unless somebody was there before.
async fn stepped(connection: &impl ConnectionTrait, step: Step<'_>, intent: &Intent, applied: &Applied, now: Timestamp) -> Result<Finished, Failure> {
    let followed = connection.execute(&users::projection(step.before, &step.after)).await.map_err(failure)?;
    if followed.rows_affected() == 0 {
        return locked(connection, intent, applied, now).await;
    }
    let first = intents::finish(connection, intent, applied, now).await?;
    Ok(Finished { first, user: Some(step.after) })
}

/// The user's row first, as a commit takes it: whoever changes the same user waits here, and nobody in a circle.
async fn locked(connection: &impl ConnectionTrait, intent: &Intent, applied: &Applied, now: Timestamp) -> Result<Finished, Failure> {
    let user = users::lock(connection, intent.tenant, intent.user).await?;
    let first = intents::finish(connection, intent, applied, now).await?;
    if first && intent.leaves_no_user(applied) {
        users::delete(connection, intent.tenant, intent.user, now).await?;
    } else if let (Some(user), Some(account)) = (user, applied.account()) {
        // Later changes may have been committed since another replica finished this one: then they have the last word.
        let equal = if first { users::Equal::Wins } else { users::Equal::Loses };
        users::follow(connection, user, account, equal, now).await?;
    }
    Ok(Finished { first, user: None })
}
