//! The database as a whole.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, TenantId, Timestamp};
use rekey_runtime::database::{Database, Pool, Readable, failure};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait},
};
use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};
use tokio::sync::Notify;

use super::{
    SeaTx, Source, convert, count_entry, done, preparations, row,
    rows::{account, attempts, preparation, reset, reset_session, session},
};
use crate::{
    domain::{Preparation, Reset, StateName, TokenHash, reset::MAX_GUESSES},
    ports::{Held, Store, Tx},
};

/// How long counters that nobody touches are kept.
const ATTEMPTS_KEPT: Duration = Duration::from_hours(24);
/// How long it is remembered what became of an intent: much longer than anybody asks.
const OUTCOMES_KEPT: Duration = Duration::from_hours(720);

/// How often the resets that alert are counted.
const COUNTED: Duration = Duration::from_secs(15);

/// The database of this service.
pub struct SeaStore {
    database: Database,
    wake: Arc<Notify>,
    /// Until when the resets that alert are not counted again.
    counted_until: Mutex<Timestamp>,
}

impl SeaStore {
    /// Over a database whose schema is up to date. `wake` is told when events were committed.
    pub fn new(database: Database, wake: Arc<Notify>) -> Self {
        // From the first scrape on every state is there: a first alert is then seen as a rise.
        for state in StateName::ALL {
            count_entry(state, 0);
        }
        Self { database, wake, counted_until: Mutex::new(Timestamp::from_micros(0)) }
    }

    async fn begin_sea(&self) -> Result<SeaTx, Failure> {
        let transaction = self.database.begin().await?;
        Ok(SeaTx { transaction, published: AtomicBool::new(false), entered: Mutex::default(), wake: Arc::clone(&self.wake) })
    }
}

impl SeaStore {
    /// Is the account that this makes there already, or another with the name that this holds?
    async fn is_taken(&self, preparation: &Preparation) -> Result<bool, Failure> {
        let name = preparation.held_name.as_deref().unwrap_or_default();
        let named = account::Column::Tenant.eq(preparation.tenant.as_uuid()).and(account::Column::Folded.eq(name));
        let query = account::Entity::find().filter(account::Column::Id.eq(preparation.user.as_uuid()).or(named));
        Ok(!query.all(self.database.reader()).await.map_err(failure)?.is_empty())
    }

    /// Tells now and then how many resets keep their account locked although nobody can redeem them any more.
    async fn count_alerting(&self, now: Timestamp) -> Result<(), Failure> {
        if !self.is_to_be_counted(now) {
            return Ok(());
        }
        let alerting = [StateName::Expired, StateName::Exhausted].map(StateName::as_str);
        let resets = reset::Entity::find().filter(reset::Column::State.is_in(alerting)).count(self.database.reader()).await.map_err(failure)?;
        #[expect(clippy::cast_precision_loss, reason = "nobody counts that many resets")]
        metrics::gauge!("rekey_password_resets_alerting").set(resets as f64);
        Ok(())
    }

    fn is_to_be_counted(&self, now: Timestamp) -> bool {
        let mut until = self.counted_until.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = *until <= now;
        if is_due {
            *until = now.after(COUNTED);
        }
        is_due
    }
}

impl Source for SeaStore {
    type Connection = Pool;

    fn connection(&self) -> &Pool {
        self.database.reader()
    }

    async fn row<E: Readable>(&self, statement: Statement) -> Result<Option<E::Model>, Failure> {
        row::<E>(self.database.quick(), statement).await
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Failure> {
        Ok(Box::new(self.begin_sea().await?))
    }

    async fn hold(&self, preparation: &Preparation) -> Result<Held, Failure> {
        preparations::insert(preparation, self.database.writer()).await
    }

    async fn hold_new(&self, preparation: &Preparation) -> Result<bool, Failure> {
        let writer = self.database.writer();
        if !preparations::insert_new(preparation, writer).await? {
            return Ok(false);
        }
        // PostgreSQL: while the statement waited, the hold before may have become an account, and only the next statement sees that.
        // SQLite has one writer.
        if writer.get_database_backend() == DatabaseBackend::Postgres && self.is_taken(preparation).await? {
            return self.drop_preparation(preparation.tenant, preparation.intent).await.map(|()| false);
        }
        Ok(true)
    }

    async fn delete_session(&self, tenant: TenantId, hash: &TokenHash) -> Result<(), Failure> {
        let delete = session::Entity::delete_many().filter(session::Column::Hash.eq(hash.0.clone())).filter(session::Column::Tenant.eq(tenant.as_uuid()));
        done(delete.exec(self.database.writer()).await)
    }

    async fn due_resets(&self, now: Timestamp, limit: u64) -> Result<Vec<Reset>, Failure> {
        let query = reset::Entity::find()
            .filter(reset::Column::State.eq(StateName::Pending.as_str()))
            .filter(reset::Column::ExpiresAt.lte(now.as_micros()))
            .order_by_asc(reset::Column::ExpiresAt)
            .limit(limit);
        query.all(self.database.reader()).await.map_err(failure)?.into_iter().map(Reset::try_from).collect()
    }

    async fn spent_resets(&self, now: Timestamp, limit: u64) -> Result<Vec<Reset>, Failure> {
        let living = reset_session::Entity::find().select_only().column(reset_session::Column::Reset);
        let living = sea_orm::QueryTrait::into_query(living.filter(reset_session::Column::ExpiresAt.gt(now.as_micros())));
        let query = reset::Entity::find()
            .filter(reset::Column::State.eq(StateName::Pending.as_str()))
            .filter(reset::Column::GuessesUsed.gte(convert::small(MAX_GUESSES)))
            .filter(reset::Column::Link.eq(false))
            .filter(reset::Column::Id.not_in_subquery(living))
            .limit(limit);
        query.all(self.database.reader()).await.map_err(failure)?.into_iter().map(Reset::try_from).collect()
    }

    async fn stale_preparations(&self, before: Timestamp, limit: u64) -> Result<Vec<(TenantId, IntentId)>, Failure> {
        let query = preparation::Entity::find()
            .filter(preparation::Column::Outcome.is_null())
            .filter(preparation::Column::Committed.eq(false))
            .filter(preparation::Column::PreparedAt.lt(before.as_micros()))
            .limit(limit);
        let rows = query.all(self.database.reader()).await.map_err(failure)?;
        Ok(rows.into_iter().map(|row| (TenantId::from_uuid(row.tenant), IntentId::from_uuid(row.intent))).collect())
    }

    async fn confirm_preparation(&self, intent: IntentId) -> Result<(), Failure> {
        let update = preparation::Entity::update_many()
            .col_expr(preparation::Column::Committed, Expr::value(true))
            .filter(preparation::Column::Intent.eq(intent.as_uuid()));
        done(update.exec(self.database.writer()).await)
    }

    async fn drop_preparation(&self, tenant: TenantId, intent: IntentId) -> Result<(), Failure> {
        let tx = self.begin().await?;
        tx.release(tenant, intent).await?;
        tx.commit().await
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), Failure> {
        let SeaTx { transaction, .. } = self.begin_sea().await?;
        done(session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now.as_micros())).exec(&transaction).await)?;
        done(reset_session::Entity::delete_many().filter(reset_session::Column::ExpiresAt.lte(now.as_micros())).exec(&transaction).await)?;
        let untouched = attempts::Column::LastAt.lt(now.before(ATTEMPTS_KEPT).as_micros());
        done(attempts::Entity::delete_many().filter(untouched).exec(&transaction).await)?;
        let old = preparation::Column::SettledAt.lt(now.before(OUTCOMES_KEPT).as_micros());
        done(preparation::Entity::delete_many().filter(old).exec(&transaction).await)?;
        transaction.commit().await.map_err(failure)?;
        self.count_alerting(now).await
    }
}
