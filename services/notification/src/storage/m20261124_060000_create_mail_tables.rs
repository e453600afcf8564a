//! The first tables.

use sea_orm_migration::prelude::{ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait};

use super::row::{job, letter};

/// Mail jobs and dead letters.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(jobs()).await?;
        manager.create_table(letters()).await?;
        let due = Index::create().name("mail_jobs_due").table(job::Entity).col(job::Column::State).col(job::Column::NextAt).to_owned();
        manager.create_index(due).await?;
        let listed = Index::create().name("mail_jobs_of_tenant").table(job::Entity).col(job::Column::Tenant).col(job::Column::CreatedAt).to_owned();
        manager.create_index(listed).await
    }
}

fn jobs() -> TableCreateStatement {
    use job::Column as C;
    let mut table = Table::create();
    table.table(job::Entity);
    table.col(ColumnDef::new(C::Id).string().not_null().primary_key());
    for id in [C::Reset, C::Tenant, C::User] {
        table.col(ColumnDef::new(id).uuid().not_null());
    }
    for word in [C::Kind, C::Methods, C::MessageId, C::State, C::Channels] {
        table.col(ColumnDef::new(word).string().not_null());
    }
    table.col(ColumnDef::new(C::Detail).text().not_null());
    table.col(ColumnDef::new(C::Deferrals).integer().not_null());
    for number in [C::Epoch, C::ExpiresAt, C::CreatedAt, C::Attempt, C::NextAt, C::LeaseUntil, C::FinishedAt] {
        table.col(ColumnDef::new(number).big_integer().not_null());
    }
    table
}

fn letters() -> TableCreateStatement {
    use letter::Column as C;
    let mut table = Table::create();
    table.table(letter::Entity);
    table.col(ColumnDef::new(C::Id).string().not_null().primary_key());
    table.col(ColumnDef::new(C::Kind).string().not_null());
    table.col(ColumnDef::new(C::Tenant).uuid().not_null());
    table.col(ColumnDef::new(C::Reason).text().not_null());
    table.col(ColumnDef::new(C::Payload).binary().not_null());
    table.col(ColumnDef::new(C::ReceivedAt).big_integer().not_null());
    table
}
