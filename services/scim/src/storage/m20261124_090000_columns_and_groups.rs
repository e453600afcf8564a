//! Columns and child rows by which users are found and sorted, and groups. The names are written out here: what this step did stays
//! as it is when the service's own list of columns (`fields.rs`) grows.

mod fill;
mod tables;

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::{ColumnDef, ConnectionTrait, DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, Table, async_trait};

use super::row::user;

/// The columns of users made here that hold texts.
const TEXTS: [&str; 22] = [
    "name_formatted",
    "family_name",
    "given_name",
    "middle_name",
    "honorific_prefix",
    "honorific_suffix",
    "display_name",
    "nick_name",
    "profile_url",
    "title",
    "user_type",
    "preferred_language",
    "locale",
    "timezone",
    "employee_number",
    "cost_center",
    "organization",
    "division",
    "department",
    "manager_value",
    "manager_display_name",
    "email",
];
/// The column of users made here that holds a boolean.
const ACTIVE: &str = "active";

/// Columns, child rows and groups.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let on = connection.get_database_backend();
        for table in tables::all(on) {
            manager.create_table(table).await?;
        }
        for column in columns(on) {
            manager.alter_table(Table::alter().table(user::Entity).add_column(column).to_owned()).await?;
        }
        if on == DatabaseBackend::Postgres {
            connection.execute_unprepared(ORDERED_BY_CODE_POINTS).await?;
        }
        fill::all(connection).await?;
        manager.drop_index(tables::outgrown()).await?;
        // After the rows: building an index at once is quicker than adding to it row by row.
        for index in tables::indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// `SQLite` orders texts so from the beginning.
const ORDERED_BY_CODE_POINTS: &str = r#"ALTER TABLE users
    ALTER COLUMN user_name_folded TYPE text COLLATE "C", ALTER COLUMN external_id TYPE text COLLATE "C",
    ALTER COLUMN account_state TYPE text COLLATE "C", ALTER COLUMN locked_reason TYPE text COLLATE "C""#;

fn columns(on: DatabaseBackend) -> Vec<ColumnDef> {
    let mut columns: Vec<_> = TEXTS.into_iter().map(|name| text(name, on)).collect();
    columns.push(ColumnDef::new(ACTIVE).boolean().take());
    columns
}

/// A text in the order of its code points, which is also what lets a prefix be looked up as a range.
fn text(name: &'static str, on: DatabaseBackend) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.text();
    if on == DatabaseBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}
