//! Accounts in a transaction.

use async_trait::async_trait;
use rekey_kernel::{Failure, TenantId, Timestamp, UserId};
use rekey_runtime::database::{failure, only};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{
    SeaTx, convert, done, reads,
    rows::{account, attempts, former_password, preparation, reset, reset_session, session},
};
use crate::{
    domain::{Account, PasswordHash},
    ports::AccountWrites,
};

/// No policy looks further back.
const KEPT_PASSWORDS: u64 = 24;

#[async_trait]
impl AccountWrites for SeaTx {
    async fn lock_account(&self, tenant: TenantId, user: UserId) -> Result<Option<Account>, Failure> {
        let query = account::Entity::find_by_id(user.as_uuid()).filter(account::Column::Tenant.eq(tenant.as_uuid())).lock_exclusive();
        Ok(only(query, &self.transaction).await?.map(Account::from))
    }

    async fn insert_account(&self, account: &Account) -> Result<(), Failure> {
        done(account::Entity::insert(convert::account_row(account)).exec_without_returning(&self.transaction).await)
    }

    async fn save_account(&self, account: &Account) -> Result<(), Failure> {
        let row = convert::account_row(account);
        done(account::Entity::update_many().set(row).filter(account::Column::Id.eq(account.id.as_uuid())).exec(&self.transaction).await)
    }

    async fn delete_account(&self, tenant: TenantId, user: UserId) -> Result<(), Failure> {
        let (tenant, user) = (tenant.as_uuid(), user.as_uuid());
        let former = former_password::Entity::delete_many().filter(former_password::Column::User.eq(user));
        done(former.filter(former_password::Column::Tenant.eq(tenant)).exec(&self.transaction).await)?;
        let account = account::Entity::delete_many().filter(account::Column::Id.eq(user)).filter(account::Column::Tenant.eq(tenant));
        done(account.exec(&self.transaction).await)
    }

    async fn replace_hash(&self, account: &Account, hash: &PasswordHash) -> Result<(), Failure> {
        let update = account::Entity::update_many()
            .col_expr(account::Column::Password, Expr::value(hash.as_str()))
            .filter(account::Column::Id.eq(account.id.as_uuid()))
            .filter(account::Column::CredentialVersion.eq(reads::version(account)));
        done(update.exec(&self.transaction).await)
    }

    async fn remember_password(&self, account: &Account, hash: &PasswordHash, now: Timestamp) -> Result<(), Failure> {
        let row = former_password::ActiveModel {
            user: Set(account.id.as_uuid()),
            credential_version: Set(reads::version(account)),
            tenant: Set(account.tenant.as_uuid()),
            password: Set(hash.as_str().to_owned()),
            replaced_at: Set(now.as_micros()),
        };
        done(former_password::Entity::insert(row).exec_without_returning(&self.transaction).await)?;
        self.forget_oldest(account).await
    }

    async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        let (tenant, tx) = (tenant.as_uuid(), &self.transaction);
        done(preparation::Entity::delete_many().filter(preparation::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(session::Entity::delete_many().filter(session::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(reset_session::Entity::delete_many().filter(reset_session::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(reset::Entity::delete_many().filter(reset::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(attempts::Entity::delete_many().filter(attempts::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(former_password::Entity::delete_many().filter(former_password::Column::Tenant.eq(tenant)).exec(tx).await)?;
        done(account::Entity::delete_many().filter(account::Column::Tenant.eq(tenant)).exec(tx).await)
    }
}

impl SeaTx {
    async fn forget_oldest(&self, account: &Account) -> Result<(), Failure> {
        let of_user = former_password::Entity::find().filter(former_password::Column::User.eq(account.id.as_uuid()));
        let newest = of_user.order_by_desc(former_password::Column::CredentialVersion).offset(KEPT_PASSWORDS).limit(1);
        let Some(oldest) = newest.one(&self.transaction).await.map_err(failure)? else { return Ok(()) };
        let delete = former_password::Entity::delete_many()
            .filter(former_password::Column::User.eq(account.id.as_uuid()))
            .filter(former_password::Column::CredentialVersion.lte(oldest.credential_version));
        done(delete.exec(&self.transaction).await)
    }
}
