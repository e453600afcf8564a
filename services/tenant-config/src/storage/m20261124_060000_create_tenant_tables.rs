//! The first tables.

use sea_orm_migration::prelude::{ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait};

use super::row::{claim, setting, template, tenant};

/// Tenants and what each has configured.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [tenants(), settings(), claims(), templates()] {
            manager.create_table(table).await?;
        }
        Ok(())
    }
}

fn tenants() -> TableCreateStatement {
    use tenant::Column as C;
    let mut table = Table::create();
    table.table(tenant::Entity);
    table.col(ColumnDef::new(C::Id).uuid().not_null().primary_key());
    table.col(ColumnDef::new(C::Domain).string().not_null().unique_key());
    table.col(ColumnDef::new(C::Name).string().not_null());
    table.col(ColumnDef::new(C::State).string().not_null());
    table.col(ColumnDef::new(C::CreatedAt).big_integer().not_null());
    table.col(ColumnDef::new(C::Attempt).big_integer().not_null());
    table
}

fn settings() -> TableCreateStatement {
    use setting::Column as C;
    let mut table = Table::create();
    table.table(setting::Entity);
    table.col(ColumnDef::new(C::Tenant).uuid().not_null());
    table.col(ColumnDef::new(C::Name).string().not_null());
    table.col(ColumnDef::new(C::Value).string().not_null());
    table.primary_key(Index::create().col(C::Tenant).col(C::Name));
    table
}

fn claims() -> TableCreateStatement {
    use claim::Column as C;
    let mut table = Table::create();
    table.table(claim::Entity);
    table.col(ColumnDef::new(C::Tenant).uuid().not_null());
    table.col(ColumnDef::new(C::Name).string().not_null());
    table.col(ColumnDef::new(C::DisplayName).text());
    table.col(ColumnDef::new(C::Description).text());
    table.col(ColumnDef::new(C::SupportedByDefault).boolean());
    table.primary_key(Index::create().col(C::Tenant).col(C::Name));
    table
}

fn templates() -> TableCreateStatement {
    use template::Column as C;
    let mut table = Table::create();
    table.table(template::Entity);
    table.col(ColumnDef::new(C::Tenant).uuid().not_null());
    table.col(ColumnDef::new(C::Kind).string().not_null());
    table.col(ColumnDef::new(C::Locale).string().not_null());
    for text in [C::Subject, C::Text, C::Html] {
        table.col(ColumnDef::new(text).text().not_null());
    }
    table.col(ColumnDef::new(C::ChangedAt).big_integer().not_null());
    table.primary_key(Index::create().col(C::Tenant).col(C::Kind).col(C::Locale));
    table
}
