//! The schema's history.

use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

use super::{m20261124_060000_create_mail_tables as create_mail_tables, m20261124_070000_add_traces_to_mail_jobs as add_traces};

/// Brings the database up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(rekey_messaging::outbox::Migration), Box::new(create_mail_tables::Migration), Box::new(add_traces::Migration)]
    }
}
