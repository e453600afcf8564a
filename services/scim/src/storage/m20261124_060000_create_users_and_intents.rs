//! The first tables.

use sea_orm::{ColumnTrait, sea_query::ConditionalStatement};
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
};

use super::{
    convert::{ABANDONED, UNFINISHED},
    row::{intent, user},
};
use crate::domain::account::PENDING_RESET;

/// Users and intents.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [users(), intents()] {
            manager.create_table(table).await?;
        }
        for index in user_indexes().into_iter().chain(intent_indexes()) {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn users() -> TableCreateStatement {
    use user::Column as C;
    let mut table = Table::create();
    table.table(user::Entity);
    table.col(ColumnDef::new(C::Id).uuid().not_null().primary_key());
    table.col(ColumnDef::new(C::TenantId).uuid().not_null());
    table.col(ColumnDef::new(C::ExternalId).text());
    for text in [C::UserNameFolded, C::Profile, C::LockedReason, C::AccountState] {
        table.col(ColumnDef::new(text).text().not_null());
    }
    for number in [C::Version, C::CreatedAt, C::ModifiedAt, C::Revision] {
        table.col(ColumnDef::new(number).big_integer().not_null());
    }
    table.col(ColumnDef::new(C::Locked).boolean().not_null());
    table
}

fn user_indexes() -> Vec<IndexCreateStatement> {
    use user::Column as C;
    let index = || Index::create().table(user::Entity).to_owned();
    vec![
        index().name("users_by_name").unique().col(C::TenantId).col(C::UserNameFolded).to_owned(),
        index().name("users_by_external_id").col(C::TenantId).col(C::ExternalId).to_owned(),
        index().name("users_by_tenant").col(C::TenantId).col(C::Id).to_owned(),
        index().name("users_pending").col(C::Id).and_where(C::AccountState.eq(PENDING_RESET)).to_owned(),
    ]
}

fn intents() -> TableCreateStatement {
    use intent::Column as C;
    let mut table = Table::create();
    table.table(intent::Entity);
    table.col(ColumnDef::new(C::Id).uuid().not_null().primary_key());
    table.col(ColumnDef::new(C::TenantId).uuid().not_null());
    table.col(ColumnDef::new(C::UserId).uuid());
    for text in [C::Kind, C::Initiator, C::Reason, C::State] {
        table.col(ColumnDef::new(text).text().not_null());
    }
    for text in [C::Methods, C::Recipient, C::PreviousAddress, C::Outcome] {
        table.col(ColumnDef::new(text).text());
    }
    for number in [C::Version, C::Epoch, C::ExpiresAt, C::CreatedAt] {
        table.col(ColumnDef::new(number).big_integer().not_null());
    }
    table.col(ColumnDef::new(C::FinishedAt).big_integer());
    table
}

fn intent_indexes() -> Vec<IndexCreateStatement> {
    use intent::Column as C;
    let index = || Index::create().table(intent::Entity).to_owned();
    vec![
        // One user's intents have an order.
        index().name("intents_in_order").unique().col(C::UserId).col(C::Version).and_where(C::State.ne(ABANDONED)).to_owned(),
        index().name("intents_unfinished").col(C::CreatedAt).and_where(C::State.eq(UNFINISHED)).to_owned(),
    ]
}
