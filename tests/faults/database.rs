//! The `PostgreSQL` server dies and comes back.

use crate::load::Load;
use rekey_tests::{Deployment, Options, start};

#[tokio::test]
async fn a_database_server_that_crashes_under_load_loses_nothing() {
    let mut rekey = start(Options::of(Deployment::REPLICAS).with_own_postgres()).await;
    rekey.harmed();
    let load = Load::begin(&rekey, "user", 40).await;
    load.reaches(8).await;
    let postgres = rekey.ground().expect("it runs in parts").postgres();
    postgres.crash();
    load.reaches(16).await;
    postgres.go_on();
    let ledger = load.end().await;
    assert!(ledger.refused() > 0, "nobody noticed that the database was away");
    rekey.ready().await;
    ledger.settle(&rekey).await;
    // Not only tables: the log of all that was ever written to them.
    rekey.stop();
    let leaks = rekey.secrets().leaks(rekey.ground().expect("it runs in parts").postgres().folder());
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
