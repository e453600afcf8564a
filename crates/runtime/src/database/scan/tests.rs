//! Scans begin, end and make room, on databases of both kinds.

use rekey_kernel::Kind;
use rekey_testing::{Backend, TestDatabase};
use sea_orm::Statement;
use std::time::Duration;

use super::{
    super::{CONNECTIONS, Database, READERS},
    *,
};
use crate::grpc::within;

/// It ends when it is ended.
const ENDLESS: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n";

async fn open(on: Backend) -> (Database, TestDatabase, usize) {
    let place = TestDatabase::new(on).await;
    let lanes = if on == Backend::Sqlite { READERS / 2 } else { CONNECTIONS / 2 };
    (Database::open(place.url()).await.unwrap(), place, lanes)
}

async fn run(database: &Database, sql: &str) -> Result<(), Failure> {
    let scan = database.scan().await?;
    let connection = scan.connection();
    connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await.map_err(failure)?;
    Ok(())
}

async fn a_scan_ends_at_the_deadline_of_its_call(on: Backend) {
    let (database, _place, lanes) = open(on).await;
    for _ in 0..=lanes {
        let refused = within(Duration::from_millis(100), timeout(Duration::from_secs(5), run(&database, ENDLESS))).await.unwrap();
        assert_eq!(refused.unwrap_err().kind, Kind::Unavailable);
    }
    run(&database, "SELECT 1").await.unwrap();
}

async fn a_scan_of_one_who_is_gone_ends_and_its_lane_is_free_again(on: Backend) {
    let (database, _place, lanes) = open(on).await;
    // A server hears of no caller that goes: its statements end at the deadline.
    let deadline = if on == Backend::Sqlite { Duration::from_mins(1) } else { Duration::from_secs(1) };
    for _ in 0..=lanes {
        timeout(Duration::from_millis(50), within(deadline, run(&database, ENDLESS))).await.unwrap_err();
    }
    let all = (0..lanes).map(|_| run(&database, "SELECT 1"));
    timeout(Duration::from_secs(5), futures::future::try_join_all(all)).await.unwrap().unwrap();
}

async fn others_are_served_while_all_lanes_are_taken(on: Backend) {
    let (database, _place, lanes) = open(on).await;
    let held = futures::future::try_join_all((0..lanes).map(|_| database.scan())).await.unwrap();
    timeout(Duration::from_secs(1), database.ping()).await.unwrap().unwrap();
    let refused = run(&database, "SELECT 1").await.unwrap_err();
    assert_eq!((refused.kind, refused.retry_after.is_some()), (Kind::Unavailable, true));
    drop(held);
    run(&database, "SELECT 1").await.unwrap();
}

rekey_testing::on_both_databases![
    a_scan_ends_at_the_deadline_of_its_call,
    a_scan_of_one_who_is_gone_ends_and_its_lane_is_free_again,
    others_are_served_while_all_lanes_are_taken,
];
