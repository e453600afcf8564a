//! Databases for tests: `SQLite` files and `PostgreSQL` databases that are made for one test and gone with it; `PostgreSQL` and NATS
//! servers that a test may stop and start; and how Rekey in parts is laid out on one machine. No package ships this one.
//!
//! A test that is to hold on both databases is a plain function, named in a list:
//!
//! ```ignore
//! async fn a_user_is_found_again(on: Backend) {
//!     let database = TestDatabase::new(on).await;
//!     …
//! }
//!
//! rekey_testing::on_both_databases![a_user_is_found_again];
//! ```

#[cfg(feature = "connections")]
mod database;
mod databases;
mod janitor;
mod keys;
mod nats;
mod parts;
mod server;

#[cfg(feature = "connections")]
pub use database::{Backend, TestDatabase};
pub use databases::{Databases, ROLE_PASSWORD};
pub use janitor::Janitor;
pub use keys::{make_keys, nats_configuration, write_secret};
pub use nats::{NatsServer, nats_program};
pub use parts::{Layout, Part, PartPorts, Process, Replicas, address};
pub use server::PostgresServer;

/// Runs each of these functions as a test on each database. Where there is no `PostgreSQL` that half is left out, saying so, unless
/// `REKEY_TEST_ALL=1` says that nothing is to be left out: then it fails.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    Box::pin(super::$test($crate::Backend::Sqlite)).await;
                }
            )*
        }

        mod on_postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    if $crate::Backend::Postgres.is_there() {
                        Box::pin(super::$test($crate::Backend::Postgres)).await;
                    }
                }
            )*
        }
    };
}
