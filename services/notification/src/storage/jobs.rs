//! Mail jobs in the database.

use async_trait::async_trait;
use rekey_kernel::{Failure, Method, Methods, ResetId, TenantId, Timestamp, UserId, trace};
use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::failure;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{CommonTableExpression, Expr, LockBehavior, LockType, OnConflict, Query, WithClause},
};

use super::{SeaStore, corrupt, row::job};
use crate::{
    domain::job::{Delivery, Finish, Job, JobState, MailKind, Order, Postponement},
    events::{notified, undeliverable},
    ports::{Accepted, Jobs},
};

const LONGEST_LIST: u64 = 1_000;
/// The jobs that are due, while they are claimed.
const DUE: &str = "due";

impl SeaStore {
    /// Nobody holds a lease any more: the one process that could is the one that asks.
    ///
    /// # Errors
    /// The database's.
    pub async fn void_leases(&self) -> Result<(), Failure> {
        let all = job::Entity::update_many().col_expr(job::Column::LeaseUntil, Expr::value(0_i64));
        all.filter(job::Column::State.eq(JobState::Queued.as_str())).exec(self.database.writer()).await.map(drop).map_err(failure)
    }
}

#[async_trait]
impl Jobs for SeaStore {
    async fn accept(&self, order: &Order, message_id: &str, now: Timestamp) -> Result<Accepted, Failure> {
        let transaction = self.database.begin().await?;
        let accepted = if insert(&transaction, order, MailKind::Reset, message_id, now).await? {
            Accepted::New
        } else {
            let key = key(order.reset, MailKind::Reset);
            let known = job::Entity::find_by_id(key).one(&transaction).await.map_err(failure)?;
            tell(&transaction, &known.ok_or_else(|| corrupt("mail job"))?).await?;
            Accepted::Known
        };
        transaction.commit().await.map_err(failure)?;
        Ok(accepted)
    }

    async fn accept_notice(&self, order: &Order, message_id: &str, now: Timestamp) -> Result<(), Failure> {
        insert(self.database.writer(), order, MailKind::AddressChangeNotice, message_id, now).await.map(drop)
    }

    async fn claim(&self, now: Timestamp, lease_until: Timestamp, limit: usize) -> Result<Vec<Job>, Failure> {
        if nothing_is_due(self.database.reader(), now).await? {
            return Ok(Vec::new());
        }
        let due = due(now)
            .select_only()
            .column(job::Column::Id)
            .order_by_asc(job::Column::NextAt)
            .order_by_asc(job::Column::Attempt)
            .limit(u64::try_from(limit).unwrap_or(u64::MAX))
            // PostgreSQL: senders do not wait for each other. SQLite has one writer anyway and leaves it out.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_query();
        let mut claimed = job::Entity::update_many()
            .col_expr(job::Column::Attempt, Expr::col(job::Column::Attempt).add(1))
            .col_expr(job::Column::LeaseUntil, Expr::value(lease_until.as_micros()))
            .filter(job::Column::Id.in_subquery(Query::select().column(job::Column::Id).from(DUE).to_owned()));
        // A table of its own: PostgreSQL may run a mere subquery several times, and would claim more than there is room for.
        let due = CommonTableExpression::new().table_name(DUE).column(job::Column::Id).query(due).to_owned();
        QueryTrait::query(&mut claimed).with_cte(WithClause::new().cte(due).to_owned());
        let rows = claimed.exec_with_returning(self.database.writer()).await.map_err(failure)?;
        rows.iter().map(read).collect()
    }

    async fn renew(&self, job: &Job, lease_until: Timestamp) -> Result<bool, Failure> {
        let renewed = held(job).col_expr(job::Column::LeaseUntil, Expr::value(lease_until.as_micros()));
        Ok(renewed.exec(self.database.writer()).await.map_err(failure)?.rows_affected > 0)
    }

    async fn finish(&self, job: &Job, finish: &Finish, now: Timestamp) -> Result<bool, Failure> {
        let transaction = self.database.begin().await?;
        let finished = held(job)
            .col_expr(job::Column::State, Expr::value(finish.state.as_str()))
            .col_expr(job::Column::Detail, Expr::value(finish.detail.as_str()))
            .col_expr(job::Column::Channels, Expr::value(words(&finish.channels)))
            .col_expr(job::Column::FinishedAt, Expr::value(now.as_micros()))
            .col_expr(job::Column::LeaseUntil, Expr::value(0_i64))
            .exec_with_returning(&transaction)
            .await
            .map_err(failure)?;
        let Some(row) = finished.first() else { return Ok(false) };
        tell(&transaction, row).await?;
        transaction.commit().await.map_err(failure)?;
        Ok(true)
    }

    async fn postpone(&self, job: &Job, postponement: &Postponement) -> Result<bool, Failure> {
        let postponed = held(job)
            .col_expr(job::Column::NextAt, Expr::value(postponement.at.as_micros()))
            .col_expr(job::Column::Detail, Expr::value(postponement.detail.as_str()))
            .col_expr(job::Column::Deferrals, Expr::col(job::Column::Deferrals).add(i32::from(postponement.deferred)))
            .col_expr(job::Column::ExpiresAt, Expr::value(postponement.expires_at.as_micros()))
            .col_expr(job::Column::LeaseUntil, Expr::value(0_i64));
        Ok(postponed.exec(self.database.writer()).await.map_err(failure)?.rows_affected > 0)
    }

    async fn list(&self, tenant: TenantId, reset: Option<ResetId>) -> Result<Vec<Delivery>, Failure> {
        let mut rows = job::Entity::find()
            .filter(job::Column::Tenant.eq(tenant.as_uuid()))
            // Where no mail was due, nothing was delivered.
            .filter(job::Column::State.ne(JobState::NotDue.as_str()));
        if let Some(reset) = reset {
            rows = rows.filter(job::Column::Reset.eq(reset.as_uuid()));
        }
        let newest_first = rows.order_by_desc(job::Column::CreatedAt).order_by_desc(job::Column::Id).limit(LONGEST_LIST);
        newest_first.all(self.database.reader()).await.map_err(failure)?.into_iter().map(delivery).collect()
    }
}

/// One job for each mail.
fn key(reset: ResetId, kind: MailKind) -> String {
    format!("{reset}:{}", kind.as_str())
}

/// `false` when the job was there already.
async fn insert(connection: &impl ConnectionTrait, order: &Order, kind: MailKind, message_id: &str, now: Timestamp) -> Result<bool, Failure> {
    let row = job::ActiveModel {
        id: Set(key(order.reset, kind)),
        reset: Set(order.reset.as_uuid()),
        kind: Set(kind.as_str().to_owned()),
        tenant: Set(order.tenant.as_uuid()),
        user: Set(order.user.as_uuid()),
        epoch: Set(order.epoch.cast_signed()),
        methods: Set(words(&order.methods)),
        expires_at: Set(order.expires_at.as_micros()),
        message_id: Set(message_id.to_owned()),
        created_at: Set(now.as_micros()),
        state: Set(JobState::Queued.as_str().to_owned()),
        detail: Set(String::new()),
        channels: Set(String::new()),
        attempt: Set(0),
        deferrals: Set(0),
        next_at: Set(now.as_micros()),
        lease_until: Set(0),
        finished_at: Set(0),
        traceparent: Set(trace::current().map(|span| span.to_string())),
    };
    let keep = OnConflict::column(job::Column::Id).do_nothing().to_owned();
    let inserted = job::Entity::insert(row).on_conflict(keep).exec_without_returning(connection).await.map_err(failure)?;
    Ok(inserted > 0)
}

/// What the mail of a reset came to is told; one that was dropped, or a notice, concerns nobody.
async fn tell(connection: &impl ConnectionTrait, row: &job::Model) -> Result<(), Failure> {
    let job = read(row)?;
    if job.kind != MailKind::Reset {
        return Ok(());
    }
    let at = Timestamp::from_micros(row.finished_at);
    let event = match state(row)? {
        JobState::Sent | JobState::NotDue => notified(&job.order, &methods(&row.channels), at),
        JobState::Undeliverable => undeliverable(&job.order, &row.detail, at),
        JobState::Queued | JobState::Dropped => return Ok(()),
    };
    enqueue(connection, &event, Confirm::OnPublish).await.map_err(failure)
}

fn due(now: Timestamp) -> sea_orm::Select<job::Entity> {
    job::Entity::find()
        .filter(job::Column::State.eq(JobState::Queued.as_str()))
        .filter(job::Column::NextAt.lte(now.as_micros()))
        .filter(job::Column::LeaseUntil.lte(now.as_micros()))
}

/// Looks before it writes: most of the time there is nothing to do.
async fn nothing_is_due(connection: &impl ConnectionTrait, now: Timestamp) -> Result<bool, Failure> {
    let first: Option<String> = due(now).select_only().column(job::Column::Id).limit(1).into_tuple().one(connection).await.map_err(failure)?;
    Ok(first.is_none())
}

/// The job as long as nobody else has claimed it since.
fn held(job: &Job) -> UpdateMany<job::Entity> {
    job::Entity::update_many()
        .filter(job::Column::Id.eq(key(job.order.reset, job.kind)))
        .filter(job::Column::State.eq(JobState::Queued.as_str()))
        .filter(job::Column::Attempt.eq(job.attempt))
}

fn words(methods: &Methods) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(" ")
}

fn methods(words: &str) -> Methods {
    words.split(' ').filter_map(|word| word.parse().ok()).collect()
}

fn state(row: &job::Model) -> Result<JobState, Failure> {
    JobState::ALL.into_iter().find(|state| state.as_str() == row.state).ok_or_else(|| corrupt("job state"))
}

fn kind(row: &job::Model) -> Result<MailKind, Failure> {
    MailKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind).ok_or_else(|| corrupt("mail kind"))
}

fn read(row: &job::Model) -> Result<Job, Failure> {
    let order = Order {
        reset: ResetId::from_uuid(row.reset),
        tenant: TenantId::from_uuid(row.tenant),
        user: UserId::from_uuid(row.user),
        epoch: row.epoch.cast_unsigned(),
        methods: methods(&row.methods),
        expires_at: Timestamp::from_micros(row.expires_at),
    };
    Ok(Job {
        order,
        kind: kind(row)?,
        message_id: row.message_id.clone(),
        created_at: Timestamp::from_micros(row.created_at),
        attempt: row.attempt,
        deferrals: u32::try_from(row.deferrals).unwrap_or_default(),
        detail: row.detail.clone(),
        traceparent: row.traceparent.clone(),
    })
}

fn delivery(row: job::Model) -> Result<Delivery, Failure> {
    Ok(Delivery {
        reset: ResetId::from_uuid(row.reset),
        kind: kind(&row)?,
        state: state(&row)?,
        created_at: Timestamp::from_micros(row.created_at),
        finished_at: (row.finished_at > 0).then(|| Timestamp::from_micros(row.finished_at)),
        attempts: u32::try_from(row.attempt).unwrap_or(u32::MAX),
        id: row.id,
        detail: row.detail,
        message_id: row.message_id,
    })
}
