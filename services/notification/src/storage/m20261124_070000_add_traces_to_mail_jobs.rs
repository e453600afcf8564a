//! Mail jobs remember the trace of the work that they are part of.

use sea_orm_migration::prelude::{ColumnDef, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait};

use super::row::job;

/// The new column.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(job::Column::Traceparent).string().to_owned();
        manager.alter_table(Table::alter().table(job::Entity).add_column(column).to_owned()).await
    }
}
