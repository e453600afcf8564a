//! The schema, step by step.

mod m20261124_060000_create_tables;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

/// Brings the schema up to date.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261124_060000_create_tables::Migration), Box::new(rekey_messaging::outbox::Migration)]
    }
}
