//! The service's tables. Nothing outside this folder sees a row.

mod jobs;
mod letters;
mod m20261124_060000_create_mail_tables;
mod m20261124_070000_add_traces_to_mail_jobs;
mod migration;
mod row;

pub use migration::Migrator;

use rekey_kernel::Failure;
use rekey_runtime::database::Database;

/// The ports over the service's own database.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
}

impl SeaStore {
    /// Over a migrated database.
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

fn corrupt(what: &str) -> Failure {
    Failure::internal(format!("a stored {what} cannot be read"))
}
