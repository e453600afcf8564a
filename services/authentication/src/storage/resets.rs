//! Resets in a transaction, and what is told and written down.

use async_trait::async_trait;
use rekey_kernel::{Failure, ResetId, Timestamp};
use rekey_messaging::outbox::{Confirm, enqueue};
use rekey_runtime::database::failure;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use std::sync::atomic::Ordering;

use super::{
    SeaTx, convert, done,
    rows::{audit, reset},
};
use crate::{
    domain::{AuditEntry, Event, Reset, StateName, reset::MAX_GUESSES},
    events::envelope,
    ports::{Journal, ResetWrites},
};

#[async_trait]
impl ResetWrites for SeaTx {
    async fn insert_reset(&self, reset: &Reset) -> Result<(), Failure> {
        done(reset::Entity::insert(convert::reset_row(reset)).exec_without_returning(&self.transaction).await)?;
        self.note_entry(reset.state.name());
        Ok(())
    }

    async fn save_reset(&self, reset: &Reset, from: StateName) -> Result<bool, Failure> {
        let (ended_at, completed_by) = convert::ending(reset.state);
        let update = reset::Entity::update_many()
            .col_expr(reset::Column::State, Expr::value(reset.state.name().as_str()))
            .col_expr(reset::Column::EndedAt, Expr::value(ended_at))
            .col_expr(reset::Column::CompletedBy, Expr::value(completed_by))
            .col_expr(reset::Column::ExpiresAt, Expr::value(reset.expires_at.as_micros()))
            .col_expr(reset::Column::SentAt, Expr::value(reset.sent_at.map(Timestamp::as_micros)))
            .filter(reset::Column::Id.eq(reset.id.as_uuid()))
            .filter(reset::Column::State.eq(from.as_str()));
        let updated = update.exec(&self.transaction).await.map_err(failure)?;
        let saved = updated.rows_affected == 1;
        if saved && reset.state.name() != from {
            self.note_entry(reset.state.name());
        }
        Ok(saved)
    }

    async fn count_guess(&self, reset: ResetId, now: Timestamp) -> Result<Option<u32>, Failure> {
        let update = reset::Entity::update_many()
            .col_expr(reset::Column::GuessesUsed, Expr::col(reset::Column::GuessesUsed).add(1))
            .filter(reset::Column::Id.eq(reset.as_uuid()))
            .filter(reset::Column::State.eq(StateName::Pending.as_str()))
            .filter(reset::Column::ExpiresAt.gt(now.as_micros()))
            .filter(reset::Column::GuessesUsed.lt(convert::small(MAX_GUESSES)));
        let counted = update.exec_with_returning(&self.transaction).await.map_err(failure)?;
        Ok(counted.first().map(|row| convert::small_unsigned(row.guesses_used)))
    }

    async fn give_back_guess(&self, reset: ResetId) -> Result<(), Failure> {
        let update = reset::Entity::update_many()
            .col_expr(reset::Column::GuessesUsed, Expr::col(reset::Column::GuessesUsed).sub(1))
            .filter(reset::Column::Id.eq(reset.as_uuid()))
            .filter(reset::Column::GuessesUsed.gt(0));
        done(update.exec(&self.transaction).await)
    }
}

#[async_trait]
impl Journal for SeaTx {
    async fn audit(&self, entry: &AuditEntry) -> Result<(), Failure> {
        done(audit::Entity::insert(convert::audit_row(entry)).exec_without_returning(&self.transaction).await)
    }

    async fn publish(&self, event: &Event) -> Result<(), Failure> {
        self.published.store(true, Ordering::Relaxed);
        enqueue(&self.transaction, &envelope(event), Confirm::OnPublish).await.map_err(failure)
    }
}
