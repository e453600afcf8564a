//! The outbox in a service's own database.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp, trace};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{CommonTableExpression, Expr, LockBehavior, LockType, Query, WithClause},
};
use sea_orm_migration::prelude::{ColumnDef, Index, MigrationName, MigrationTrait, SchemaManager, Table};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{Claim, Confirm, OutboxStore, Waiting};
use crate::{Event, EventKind};

#[expect(unreachable_pub, reason = "sea-orm's derives want public items")]
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub kind: String,
        pub tenant: Uuid,
        pub subject: String,
        pub occurred_at: i64,
        pub payload: Vec<u8>,
        pub traceparent: Option<String>,
        pub end_to_end: bool,
        pub generation: i32,
        pub next_at: i64,
        pub lease_until: i64,
        pub attempt: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Makes the outbox's table; part of the migrations of every service that publishes.
pub struct Migration;

impl MigrationName for Migration {
    // Every service has this one in its list: the name must not depend on where it stands.
    fn name(&self) -> &'static str {
        "m20261124_050000_create_outbox"
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use row::Column as C;
        let mut table = Table::create();
        table.table(row::Entity);
        table.col(ColumnDef::new(C::Id).string().not_null().primary_key());
        table.col(ColumnDef::new(C::Kind).string().not_null());
        table.col(ColumnDef::new(C::Tenant).uuid().not_null());
        table.col(ColumnDef::new(C::Subject).string().not_null());
        table.col(ColumnDef::new(C::Payload).binary().not_null());
        table.col(ColumnDef::new(C::Traceparent).string());
        table.col(ColumnDef::new(C::EndToEnd).boolean().not_null());
        table.col(ColumnDef::new(C::Generation).integer().not_null());
        for number in [C::OccurredAt, C::NextAt, C::LeaseUntil, C::Attempt] {
            table.col(ColumnDef::new(number).big_integer().not_null());
        }
        manager.create_table(table).await?;
        let due = Index::create().name("outbox_due").table(row::Entity).col(C::NextAt).to_owned();
        manager.create_index(due).await
    }
}

/// Writes an event into the outbox, as part of the transaction that makes it true. An event that is there already stays as it is.
/// Its trace is that of the present span, unless it has one.
///
/// # Errors
/// The database's own.
pub async fn enqueue(connection: &impl ConnectionTrait, event: &Event, confirm: Confirm) -> Result<(), DbErr> {
    let row = row::ActiveModel {
        id: Set(event.id.clone()),
        kind: Set(event.kind.as_str().to_owned()),
        tenant: Set(event.tenant.as_uuid()),
        subject: Set(event.subject.clone()),
        occurred_at: Set(event.occurred_at.as_micros()),
        payload: Set(event.payload.to_vec()),
        traceparent: Set(event.traceparent.clone().or_else(|| trace::current().map(|span| span.to_string()))),
        end_to_end: Set(confirm == Confirm::EndToEnd),
        generation: Set(0),
        next_at: Set(0),
        lease_until: Set(0),
        attempt: Set(0),
    };
    let keep = sea_orm::sea_query::OnConflict::column(row::Column::Id).do_nothing().to_owned();
    row::Entity::insert(row).on_conflict(keep).exec_without_returning(connection).await.map(drop)
}

/// The event is done, end to end: its row goes. One that is gone already is fine.
///
/// # Errors
/// The database's own.
pub async fn close(connection: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    row::Entity::delete_by_id(id).exec(connection).await.map(drop)
}

/// The rows that are due, while they are claimed.
const DUE: &str = "due";
/// How often what waits is counted.
const COUNTED: Duration = Duration::from_secs(10);
/// By then what failed just now is due again.
const SOON: Duration = Duration::from_secs(2);

/// The outbox in a service's own database.
pub struct SeaOutbox<C> {
    writer: C,
    /// Until when what waits is not counted again.
    counted_until: Mutex<Timestamp>,
}

impl<C> SeaOutbox<C> {
    /// Over the connections that may write.
    pub const fn new(writer: C) -> Self {
        Self { writer, counted_until: Mutex::new(Timestamp::from_micros(0)) }
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send> OutboxStore for SeaOutbox<C> {
    async fn claim(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> Result<Vec<Claim>, Failure> {
        let due = row::Entity::find()
            .select_only()
            .column(row::Column::Id)
            .filter(row::Column::NextAt.lte(now.as_micros()))
            .filter(row::Column::LeaseUntil.lte(now.as_micros()))
            .order_by_asc(row::Column::NextAt)
            .limit(limit)
            // PostgreSQL: relays do not wait for each other. SQLite has one writer anyway and leaves it out.
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .into_query();
        let mut claimed = row::Entity::update_many()
            .col_expr(row::Column::Attempt, Expr::col(row::Column::Attempt).add(1))
            .col_expr(row::Column::LeaseUntil, Expr::value(lease_until.as_micros()))
            .filter(row::Column::Id.in_subquery(Query::select().column(row::Column::Id).from(DUE).to_owned()));
        // A table of its own: PostgreSQL may run a mere subquery several times, and would claim more than the limit.
        let due = CommonTableExpression::new().table_name(DUE).column(row::Column::Id).query(due).to_owned();
        QueryTrait::query(&mut claimed).with_cte(WithClause::new().cte(due).to_owned());
        let rows = claimed.exec_with_returning(&self.writer).await.map_err(failure)?;
        Ok(rows.into_iter().filter_map(claim).collect())
    }

    async fn done(&self, claim: &Claim) -> Result<(), Failure> {
        let held = row::Entity::delete_by_id(&claim.event.id).filter(row::Column::Attempt.eq(claim.attempt));
        held.exec(&self.writer).await.map(drop).map_err(failure)
    }

    async fn later(&self, claim: &Claim, at: Timestamp, published: bool) -> Result<(), Failure> {
        row::Entity::update_many()
            .col_expr(row::Column::Generation, Expr::col(row::Column::Generation).add(i32::from(published)))
            .col_expr(row::Column::NextAt, Expr::value(at.as_micros()))
            .col_expr(row::Column::LeaseUntil, Expr::value(0_i64))
            .filter(row::Column::Id.eq(&claim.event.id))
            .filter(row::Column::Attempt.eq(claim.attempt))
            .exec(&self.writer)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn waiting(&self, now: Timestamp) -> Result<Option<Waiting>, Failure> {
        if !self.is_to_be_counted(now) {
            return Ok(None);
        }
        let waiting = row::Entity::find()
            .select_only()
            .column_as(row::Column::Id.count(), "events")
            .column_as(row::Column::OccurredAt.min(), "oldest")
            // What was never published is due now, or a moment after a failure; by this the index finds it.
            .filter(row::Column::NextAt.lte(now.after(SOON).as_micros()))
            .filter(row::Column::Generation.eq(0));
        let counted: Option<(i64, Option<i64>)> = waiting.into_tuple().one(&self.writer).await.map_err(failure)?;
        let (events, oldest) = counted.unwrap_or_default();
        let oldest = oldest.map_or(Duration::ZERO, |at| Duration::from_micros(u64::try_from(now.as_micros() - at).unwrap_or_default()));
        Ok(Some(Waiting { events: u64::try_from(events).unwrap_or_default(), oldest }))
    }

    async fn void_leases(&self) -> Result<(), Failure> {
        // What waits for a confirmation waits for a process that is no more: it is due at once.
        row::Entity::update_many()
            .col_expr(row::Column::LeaseUntil, Expr::value(0_i64))
            .col_expr(row::Column::NextAt, Expr::value(0_i64))
            .exec(&self.writer)
            .await
            .map(drop)
            .map_err(failure)
    }
}

impl<C> SeaOutbox<C> {
    fn is_to_be_counted(&self, now: Timestamp) -> bool {
        let mut until = self.counted_until.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = *until <= now;
        if is_due {
            *until = now.after(COUNTED);
        }
        is_due
    }
}

fn failure(error: DbErr) -> Failure {
    Failure::unavailable("the outbox is not available").because(error)
}

/// A row of an unknown kind was written by a newer version: it waits for that one.
fn claim(row: row::Model) -> Option<Claim> {
    let kind: EventKind = row.kind.parse().inspect_err(|error| tracing::warn!(%error, id = row.id, "an event is left to a newer version")).ok()?;
    let event = Event {
        id: row.id,
        kind,
        tenant: TenantId::from_uuid(row.tenant),
        subject: row.subject,
        occurred_at: Timestamp::from_micros(row.occurred_at),
        payload: row.payload.into(),
        generation: u32::try_from(row.generation).unwrap_or(u32::MAX),
        traceparent: row.traceparent,
    };
    let confirm = if row.end_to_end { Confirm::EndToEnd } else { Confirm::OnPublish };
    Some(Claim { event, confirm, attempt: row.attempt })
}
