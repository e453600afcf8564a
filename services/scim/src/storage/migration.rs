//! The schema, step by step.

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Brings the service's database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(super::m20261124_060000_create_users_and_intents::Migration),
            Box::new(rekey_messaging::outbox::Migration),
            Box::new(super::m20261124_090000_columns_and_groups::Migration),
        ]
    }
}
