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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_step_is_recorded_under_a_name_of_its_own() {
        let steps = Migrator::migrations();
        let names: BTreeSet<_> = steps.iter().map(|step| step.name().to_owned()).collect();
        assert!(names.len() == steps.len() && names.contains("m20261124_090000_columns_and_groups"), "{names:?}");
    }
}
