//! Sessions and counters in a transaction.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp, UserId};
use rekey_runtime::database::only;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{
    SeaTx, convert, done,
    rows::{attempts, reset_session, session},
};
use crate::{
    domain::{Attempts, ResetSession, Session},
    ports::SessionWrites,
};

#[async_trait]
impl SessionWrites for SeaTx {
    async fn insert_session(&self, session: &Session) -> Result<(), Failure> {
        done(session::Entity::insert(convert::session_row(session)).exec_without_returning(&self.transaction).await)
    }

    async fn replace_reset_session(&self, session: &ResetSession) -> Result<(), Failure> {
        let older = reset_session::Entity::delete_many().filter(reset_session::Column::Reset.eq(session.reset.as_uuid()));
        done(older.exec(&self.transaction).await)?;
        done(reset_session::Entity::insert(convert::reset_session_row(session)).exec_without_returning(&self.transaction).await)
    }

    async fn delete_sessions(&self, tenant: TenantId, user: UserId) -> Result<(), Failure> {
        let (tenant, user) = (tenant.as_uuid(), user.as_uuid());
        let sessions = session::Entity::delete_many().filter(session::Column::User.eq(user)).filter(session::Column::Tenant.eq(tenant));
        done(sessions.exec(&self.transaction).await)?;
        let resets = reset_session::Entity::delete_many().filter(reset_session::Column::User.eq(user));
        done(resets.filter(reset_session::Column::Tenant.eq(tenant)).exec(&self.transaction).await)
    }

    async fn lock_attempts(&self, tenant: TenantId, key: &[u8], now: Timestamp) -> Result<Attempts, Failure> {
        let none = Attempts::none(now);
        // There must be a row to lock: replicas that count the first failures at once would each begin at none.
        let keep = OnConflict::column(attempts::Column::Key).do_nothing().to_owned();
        let first = attempts::Entity::insert(convert::attempts_row(tenant, key, &none)).on_conflict(keep);
        done(first.exec_without_returning(&self.transaction).await)?;
        let locked = only(attempts::Entity::find_by_id(key.to_vec()).lock_exclusive(), &self.transaction).await?;
        Ok(locked.map_or(none, Attempts::from))
    }

    async fn save_attempts(&self, tenant: TenantId, key: &[u8], attempts: &Attempts) -> Result<(), Failure> {
        use attempts::Column as C;
        let overwrite = OnConflict::column(C::Key).update_columns([C::Failures, C::Since, C::Strikes, C::PausedUntil, C::LastAt]).to_owned();
        let insert = attempts::Entity::insert(convert::attempts_row(tenant, key, attempts)).on_conflict(overwrite);
        done(insert.exec_without_returning(&self.transaction).await)
    }

    async fn clear_attempts(&self, key: &[u8]) -> Result<(), Failure> {
        done(attempts::Entity::delete_by_id(key.to_vec()).exec(&self.transaction).await)
    }
}
