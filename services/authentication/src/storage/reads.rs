//! Reading, outside of transactions and within them alike.

use async_trait::async_trait;
use rekey_kernel::{Failure, IntentId, ResetId, TenantId, Timestamp, UserId};
use rekey_runtime::database::{Once, failure};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use std::collections::HashMap;

use super::{
    Source,
    convert::signed,
    rows::{account, attempts, former_password, preparation, reset, reset_session, session},
};
use crate::{
    domain::{Account, Attempts, PasswordHash, Preparation, Reset, ResetSession, Session, StateName, TokenHash},
    ports::{Cursor, Reads, ResetQuery},
};

#[async_trait]
impl<T: Source> Reads for T {
    async fn account(&self, tenant: TenantId, user: UserId) -> Result<Option<Account>, Failure> {
        static BY_ID: Once = Once::new();
        let query = || account::Entity::find_by_id(user.as_uuid()).filter(account::Column::Tenant.eq(tenant.as_uuid())).into_query();
        let statement = BY_ID.statement(self.connection().get_database_backend(), vec![user.as_uuid().into(), tenant.as_uuid().into()], query);
        Ok(self.row::<account::Entity>(statement).await?.map(Account::from))
    }

    async fn account_named(&self, tenant: TenantId, folded: &str) -> Result<Option<Account>, Failure> {
        // No name has this, and PostgreSQL would refuse to look for it: whoever tries it must not be able to tell the databases apart.
        if folded.contains('\0') {
            return Ok(None);
        }
        let query = account::Entity::find().filter(account::Column::Tenant.eq(tenant.as_uuid())).filter(account::Column::Folded.eq(folded));
        Ok(self.only(query).await?.map(Account::from))
    }

    async fn accounts(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<Account>, Failure> {
        let ids = users.iter().map(|user| user.as_uuid());
        let query = account::Entity::find().filter(account::Column::Tenant.eq(tenant.as_uuid())).filter(account::Column::Id.is_in(ids));
        Ok(query.all(self.connection()).await.map_err(failure)?.into_iter().map(Account::from).collect())
    }

    async fn reset(&self, tenant: TenantId, id: ResetId) -> Result<Option<Reset>, Failure> {
        let query = reset::Entity::find_by_id(id.as_uuid()).filter(reset::Column::Tenant.eq(tenant.as_uuid()));
        self.only(query).await?.map(Reset::try_from).transpose()
    }

    async fn resets(&self, tenant: TenantId, ids: &[ResetId]) -> Result<Vec<Reset>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = ids.iter().map(|id| id.as_uuid());
        let query = reset::Entity::find().filter(reset::Column::Tenant.eq(tenant.as_uuid())).filter(reset::Column::Id.is_in(ids));
        query.all(self.connection()).await.map_err(failure)?.into_iter().map(Reset::try_from).collect()
    }

    async fn list_resets(&self, query: ResetQuery) -> Result<Vec<(Reset, String)>, Failure> {
        let rows = reset::Entity::find()
            .filter(wanted(&query))
            .order_by_desc(reset::Column::CreatedAt)
            .order_by_desc(reset::Column::Id)
            .limit(query.limit)
            .all(self.connection())
            .await
            .map_err(failure)?;
        let users: Vec<_> = rows.iter().map(|row| UserId::from_uuid(row.user)).collect();
        let names: HashMap<_, _> = self.accounts(query.tenant, &users).await?.into_iter().map(|it| (it.id, it.login_name)).collect();
        let with_name = |reset: Reset| {
            let name = names.get(&reset.user).cloned().unwrap_or_default();
            (reset, name)
        };
        rows.into_iter().map(|row| Reset::try_from(row).map(with_name)).collect()
    }

    async fn session(&self, tenant: TenantId, hash: &TokenHash) -> Result<Option<Session>, Failure> {
        let query = session::Entity::find_by_id(hash.0.clone()).filter(session::Column::Tenant.eq(tenant.as_uuid()));
        Ok(self.only(query).await?.map(Session::from))
    }

    async fn reset_session(&self, tenant: TenantId, hash: &TokenHash) -> Result<Option<ResetSession>, Failure> {
        let query = reset_session::Entity::find_by_id(hash.0.clone()).filter(reset_session::Column::Tenant.eq(tenant.as_uuid()));
        Ok(self.only(query).await?.map(ResetSession::from))
    }

    async fn has_reset_session(&self, reset: ResetId, now: Timestamp) -> Result<bool, Failure> {
        let query =
            reset_session::Entity::find().filter(reset_session::Column::Reset.eq(reset.as_uuid())).filter(reset_session::Column::ExpiresAt.gt(now.as_micros()));
        Ok(query.one(self.connection()).await.map_err(failure)?.is_some())
    }

    async fn attempts(&self, key: &[u8]) -> Result<Option<Attempts>, Failure> {
        let query = attempts::Entity::find_by_id(key.to_vec());
        Ok(self.only(query).await?.map(Attempts::from))
    }

    async fn former_passwords(&self, tenant: TenantId, user: UserId, limit: usize) -> Result<Vec<PasswordHash>, Failure> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query = former_password::Entity::find()
            .filter(former_password::Column::Tenant.eq(tenant.as_uuid()))
            .filter(former_password::Column::User.eq(user.as_uuid()))
            .order_by_desc(former_password::Column::CredentialVersion)
            .limit(u64::try_from(limit).unwrap_or(u64::MAX));
        let rows = query.all(self.connection()).await.map_err(failure)?;
        Ok(rows.into_iter().map(|row| PasswordHash::new(row.password)).collect())
    }

    async fn preparation(&self, tenant: TenantId, intent: IntentId) -> Result<Option<Preparation>, Failure> {
        let query = preparation::Entity::find_by_id(intent.as_uuid()).filter(preparation::Column::Tenant.eq(tenant.as_uuid()));
        self.only(query).await?.map(Preparation::try_from).transpose()
    }

    async fn is_being_renamed(&self, tenant: TenantId, user: UserId) -> Result<bool, Failure> {
        let query = waiting(tenant, user).filter(preparation::Column::HeldName.is_not_null());
        Ok(query.one(self.connection()).await.map_err(failure)?.is_some())
    }

    async fn is_being_created(&self, tenant: TenantId, user: UserId) -> Result<bool, Failure> {
        let query = waiting(tenant, user).filter(preparation::Column::Creates.eq(true));
        Ok(query.one(self.connection()).await.map_err(failure)?.is_some())
    }
}

/// The user's changes that have no outcome yet.
fn waiting(tenant: TenantId, user: UserId) -> Select<preparation::Entity> {
    preparation::Entity::find()
        .filter(preparation::Column::Tenant.eq(tenant.as_uuid()))
        .filter(preparation::Column::User.eq(user.as_uuid()))
        .filter(preparation::Column::Outcome.is_null())
}

fn wanted(query: &ResetQuery) -> Condition {
    Condition::all()
        .add(reset::Column::Tenant.eq(query.tenant.as_uuid()))
        .add_option(query.user.map(|user| reset::Column::User.eq(user.as_uuid())))
        .add_option(query.state.map(|state| by_clock(state, query.now)))
        .add_option(query.after.map(behind))
}

/// A pending reset whose time has run out counts as expired.
fn by_clock(state: StateName, now: Timestamp) -> Condition {
    let is = |state: StateName| reset::Column::State.eq(state.as_str());
    let now = now.as_micros();
    match state {
        StateName::Pending => Condition::all().add(is(StateName::Pending)).add(reset::Column::ExpiresAt.gt(now)),
        StateName::Expired => {
            let unwritten = Condition::all().add(is(StateName::Pending)).add(reset::Column::ExpiresAt.lte(now));
            Condition::any().add(is(StateName::Expired)).add(unwritten)
        }
        other => Condition::all().add(is(other)),
    }
}

fn behind(cursor: Cursor) -> Condition {
    let at = cursor.created_at.as_micros();
    let same_moment = Condition::all().add(reset::Column::CreatedAt.eq(at)).add(reset::Column::Id.lt(cursor.id.as_uuid()));
    Condition::any().add(reset::Column::CreatedAt.lt(at)).add(same_moment)
}

/// For the rows that carry a credential version of the account.
pub(super) fn version(account: &Account) -> i64 {
    signed(account.credential_version)
}
