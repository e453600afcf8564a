//! Databases as they really are: shared by several replicas, away for a while, full, locked.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use futures::future::join_all;
use rekey_kernel::{Failure, Kind};
use rekey_runtime::database::{Database, Transaction, failure, gave_way};
use rekey_testing::{Backend, PostgresServer, TestDatabase};
use sea_orm::{ConnectionTrait, Statement, sea_query::Table};
use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    prelude::{ColumnDef, DbErr, DeriveMigrationName},
};

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::time::timeout;

#[derive(DeriveMigrationName)]
struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["t", "u", "v"] {
            let mut table = Table::create();
            table.table(name).col(ColumnDef::new("id").big_integer().not_null().primary_key()).col(ColumnDef::new("n").big_integer().not_null());
            manager.create_table(table).await?;
        }
        manager.get_connection().execute_unprepared("INSERT INTO t VALUES (1, 0), (2, 0)").await.map(drop)
    }
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Migration)]
    }
}

async fn migrated(url: &str) -> Result<Database, Failure> {
    let database = Database::open(url).await?;
    database.migrate::<Migrator>().await?;
    Ok(database)
}

async fn number(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, Failure> {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await.map_err(failure)?;
    row.unwrap().try_get_by_index(0).map_err(failure)
}

async fn run(connection: &impl ConnectionTrait, sql: &str) -> Result<(), Failure> {
    connection.execute_unprepared(sql).await.map(drop).map_err(failure)
}

async fn commit(transaction: Transaction) -> Result<(), Failure> {
    transaction.commit().await.map_err(failure)
}

fn is_503<T>(result: &Result<T, Failure>) -> bool {
    result.as_ref().is_err_and(|failure| failure.is(Kind::Unavailable) && failure.retry_after.is_some())
}

async fn six_replicas_that_start_at_once_migrate_one_after_another(on: Backend) {
    let place = TestDatabase::new(on).await;
    let starts = (0..6).map(|_| {
        let url = place.url().to_owned();
        tokio::spawn(async move { migrated(&url).await })
    });
    for start in starts.collect::<Vec<_>>() {
        let database = start.await.unwrap().unwrap();
        assert_eq!(number(database.reader(), "SELECT count(*) FROM t").await.unwrap(), 2);
    }
}

async fn what_is_read_under_a_lock_is_the_newest(on: Backend) {
    let place = TestDatabase::new(on).await;
    let (one, two) = (migrated(place.url()).await.unwrap(), Database::open(place.url()).await.unwrap());
    let count_up = async |database: &Database| {
        for _ in 0..20 {
            let transaction = database.begin().await.unwrap();
            let lock = if on == Backend::Postgres { "SELECT n FROM t WHERE id = 1 FOR UPDATE" } else { "SELECT n FROM t WHERE id = 1" };
            let n = number(&transaction, lock).await.unwrap();
            run(&transaction, &format!("UPDATE t SET n = {} WHERE id = 1", n + 1)).await.unwrap();
            commit(transaction).await.unwrap();
        }
    };
    tokio::join!(count_up(&one), count_up(&two));
    assert_eq!(number(one.reader(), "SELECT n FROM t WHERE id = 1").await.unwrap(), 40);
}

/// Two rows in one transaction, then a single statement.
async fn write_pair(database: &Database, pair: i64) -> Result<(), Failure> {
    let transaction = database.begin().await?;
    run(&transaction, &format!("INSERT INTO u VALUES ({}, 0)", 2 * pair)).await?;
    run(&transaction, &format!("INSERT INTO u VALUES ({}, 0)", 2 * pair + 1)).await?;
    commit(transaction).await?;
    run(database.writer(), &format!("UPDATE u SET n = 1 WHERE id = {}", 2 * pair)).await
}

async fn a_caller_who_goes_away_in_the_middle_leaves_nothing_behind(on: Backend) {
    let place = TestDatabase::new(on).await;
    let database = migrated(place.url()).await.unwrap();
    let mut finished = 0;
    for pair in 0..400 {
        // From before the first statement to after the last.
        let patience = Duration::from_micros(u64::try_from(pair).unwrap() * 20);
        if let Ok(written) = timeout(patience, write_pair(&database, pair)).await {
            // Nobody meets what those before have left.
            written.unwrap();
            finished += 1;
        }
    }
    assert!(finished < 400, "nobody went away");
    // A transaction begins: none is open any more on a connection that somebody else gets.
    run(&database.begin().await.unwrap(), "DELETE FROM t").await.unwrap();
    assert_eq!(number(database.reader(), "SELECT count(*) FROM t").await.unwrap(), 2, "what was dropped does not count");
    assert_eq!(number(database.reader(), "SELECT count(*) % 2 FROM u").await.unwrap(), 0, "both rows or none");
    assert!(number(database.reader(), "SELECT count(*) / 2 FROM u").await.unwrap() >= finished, "what was answered counts");
    if on == Backend::Postgres {
        // All connections are there.
        let all = join_all((0..16).map(|_| database.begin())).await;
        for transaction in all {
            let transaction = transaction.unwrap();
            assert_eq!(
                number(&transaction, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE '%aborted%'").await.unwrap(),
                0
            );
            assert_eq!(number(&transaction, "SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'").await.unwrap(), 60_000);
        }
    }
}

rekey_testing::on_both_databases![
    six_replicas_that_start_at_once_migrate_one_after_another,
    what_is_read_under_a_lock_is_the_newest,
    a_caller_who_goes_away_in_the_middle_leaves_nothing_behind,
];

#[tokio::test]
async fn a_migration_that_takes_long_is_waited_for() {
    let Some(server) = PostgresServer::start() else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let first = Database::open(place.url()).await.unwrap();
    let long = first.begin().await.unwrap();
    run(&long, "SELECT pg_advisory_xact_lock(491294188921)").await.unwrap();
    let url = place.url().to_owned();
    let waiting = tokio::spawn(async move { migrated(&url).await });
    // Longer than any other lock is waited for.
    run(&long, "SELECT pg_sleep(6)").await.unwrap();
    assert!(!waiting.is_finished());
    commit(long).await.unwrap();
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn while_postgresql_is_away_everything_is_503_and_afterwards_all_is_well_by_itself() {
    let Some(server) = PostgresServer::start() else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let database = migrated(place.url()).await.unwrap();
    for crash in [true, false] {
        let cut_off = database.begin().await.unwrap();
        let about_to_commit = database.begin().await.unwrap();
        run(&about_to_commit, "UPDATE t SET n = 7 WHERE id = 1").await.unwrap();
        if crash {
            server.crash();
        } else {
            server.stop();
        }
        let began = Instant::now();
        assert!(is_503(&number(&cut_off, "SELECT 1").await));
        assert!(is_503(&commit(about_to_commit).await));
        let (read, write, transaction, ping, opened) = tokio::join!(
            number(database.reader(), "SELECT 1"),
            run(database.writer(), "UPDATE t SET n = 1"),
            database.begin(),
            database.ping(),
            Database::open(place.url())
        );
        assert!(is_503(&read) && is_503(&write) && is_503(&transaction) && is_503(&ping) && is_503(&opened));
        assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
        server.go_on();
        database.ping().await.unwrap();
        run(&database.begin().await.unwrap(), "UPDATE t SET n = 1").await.unwrap();
        assert_eq!(number(database.reader(), "SELECT n FROM t WHERE id = 1").await.unwrap(), 0, "what was not committed is not there");
    }
}

#[tokio::test]
async fn a_session_that_an_administrator_ends_is_503_and_the_next_one_works() {
    let Some(server) = PostgresServer::start() else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let database = migrated(place.url()).await.unwrap();
    let transaction = database.begin().await.unwrap();
    let process = number(&transaction, "SELECT pg_backend_pid()::bigint").await.unwrap();
    place.administer(&format!("SELECT pg_terminate_backend({process})")).await;
    assert!(is_503(&number(&transaction, "SELECT 1").await));
    drop(transaction);
    run(database.writer(), "UPDATE t SET n = 1").await.unwrap();
    // Told so by a statement outside of any transaction, nobody else meets the dead session either.
    assert!(is_503(&run(database.writer(), "SELECT pg_terminate_backend(pg_backend_pid())").await));
    for _ in 0..20 {
        run(database.writer(), "UPDATE t SET n = 1").await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_takes_no_more_connections_is_503() {
    let Some(server) = PostgresServer::start_with(&["max_connections=8", "superuser_reserved_connections=0", "max_wal_senders=0"]) else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let database = Database::open(place.url()).await.unwrap();
    let mut held = Vec::new();
    let refused = loop {
        match database.begin().await {
            Ok(transaction) => held.push(transaction),
            Err(failure) => break failure,
        }
    };
    assert!(refused.is(Kind::Unavailable) && held.len() >= 4, "{refused:?}, {}", held.len());
    held.clear();
    // Whoever asks before the connections are back waits in vain for another one; the next one does not.
    while let Err(failure) = database.ping().await {
        assert!(failure.is(Kind::Unavailable));
    }
}

#[tokio::test]
async fn replicas_that_get_in_each_others_way_are_503() {
    let Some(server) = PostgresServer::start() else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let database = migrated(place.url()).await.unwrap();
    let begin = async || database.begin().await.unwrap();

    let (one, two) = (begin().await, begin().await);
    run(&one, "UPDATE t SET n = 1 WHERE id = 1").await.unwrap();
    run(&two, "UPDATE t SET n = 1 WHERE id = 2").await.unwrap();
    let (first, second) = tokio::join!(run(&one, "UPDATE t SET n = 2 WHERE id = 2"), run(&two, "UPDATE t SET n = 2 WHERE id = 1"));
    assert!(first.is_ok() != second.is_ok(), "deadlock: {first:?}, {second:?}");
    let victim = first.and(second).unwrap_err();
    assert!(victim.is(Kind::Unavailable) && gave_way(&victim));
    drop((one, two));

    let (one, two) = (begin().await, begin().await);
    for transaction in [&one, &two] {
        run(transaction, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await.unwrap();
        number(transaction, "SELECT sum(n)::bigint FROM t").await.unwrap();
    }
    run(&one, "UPDATE t SET n = 3 WHERE id = 1").await.unwrap();
    commit(one).await.unwrap();
    let late = run(&two, "UPDATE t SET n = 4 WHERE id = 1").await.unwrap_err();
    assert!(late.is(Kind::Unavailable) && gave_way(&late), "serialization");
    drop(two);

    let (frozen, other) = (begin().await, begin().await);
    run(&frozen, "UPDATE t SET n = 5 WHERE id = 1").await.unwrap();
    let asked = Instant::now();
    let refused = run(&other, "UPDATE t SET n = 6 WHERE id = 1").await.unwrap_err();
    assert!(refused.is(Kind::Unavailable) && !gave_way(&refused), "a lock that is not given up");
    assert!(asked.elapsed() < Duration::from_secs(8));
    drop(frozen);
    let show = async |name: &str| number(database.reader(), &format!("SELECT setting::bigint FROM pg_settings WHERE name = '{name}'")).await.unwrap();
    assert_eq!((show("idle_in_transaction_session_timeout").await, show("statement_timeout").await), (15_000, 60_000));
}

#[tokio::test]
async fn errors_are_told_apart_by_their_codes() {
    let Some(server) = PostgresServer::start() else { return };
    let place = TestDatabase::on_server(&server.url()).await;
    let database = migrated(place.url()).await.unwrap();
    let raised = async |code: &str| {
        run(database.writer(), &format!("DO $$ BEGIN RAISE EXCEPTION 'connection disk is full' USING ERRCODE = '{code}'; END $$")).await.unwrap_err().kind
    };
    for passing in ["57P01", "53100", "53200", "53300", "40001", "40P01", "08006", "25006", "55P03", "57014", "58030"] {
        assert_eq!(raised(passing).await, Kind::Unavailable, "{passing}");
    }
    for defect in ["P0001", "42501", "23505", "22012"] {
        assert_eq!(raised(defect).await, Kind::Internal, "{defect}, whatever its text says");
    }
    let text = Statement::from_sql_and_values(database.reader().get_database_backend(), "SELECT $1::text", ["a\0b".into()]);
    let refused = database.reader().query_one_raw(text).await.map_err(failure).unwrap_err();
    assert_eq!(refused.kind, Kind::Invalid, "PostgreSQL stores no U+0000");
}

#[tokio::test]
async fn a_full_or_locked_file_is_503() {
    let place = TestDatabase::new(Backend::Sqlite).await;
    let (database, other) = (migrated(place.url()).await.unwrap(), Database::open(place.url()).await.unwrap());
    let held = other.begin().await.unwrap();
    assert!(is_503(&database.begin().await), "locked");
    drop(held);
    run(database.writer(), "PRAGMA max_page_count = 1").await.unwrap();
    let filled = async {
        for n in 10.. {
            run(database.writer(), &format!("INSERT INTO u VALUES ({n}, {n})")).await?;
            run(database.writer(), &format!("CREATE TABLE t{n} (x TEXT)")).await?;
        }
        Ok::<_, Failure>(())
    };
    assert!(is_503(&filled.await), "full");
    assert_eq!(run(database.writer(), "INSERT INTO t VALUES (1, 1)").await.unwrap_err().kind, Kind::Internal, "a violated key is no outage");
}

/// Everything that any library logs, at its most talkative.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn told(failure: &Failure) -> String {
    let mut words = vec![format!("{failure} {failure:?}")];
    let mut next = failure.source();
    while let Some(cause) = next {
        words.push(format!("{cause} {cause:?}"));
        next = cause.source();
    }
    words.join(" ")
}

#[tokio::test]
async fn no_failure_and_no_log_shows_the_password_of_the_database() {
    let Some(server) = PostgresServer::start() else { return };
    let log = Log::default();
    let writer = log.clone();
    let spans = tracing_subscriber::fmt::format::FmtSpan::FULL;
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_span_events(spans).with_writer(move || writer.clone()).finish();
    // While there is one subscriber alone, what another test's thread comes by first is taken for something that nobody wants to hear of.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let _everything_is_logged = tracing::subscriber::set_default(subscriber);

    let place = TestDatabase::on_server(&server.url()).await;
    let secret = server.password();
    log.0.lock().unwrap().clear();
    let database = migrated(place.url()).await.unwrap();
    assert!(is_503(&run(database.writer(), "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$").await));
    assert!(!format!("{database:?}").contains(secret));
    let right = place.url();
    let wrong = [
        right.replace(secret, &format!("{secret}-but-wrong")),
        format!("postgres://postgres:{secret}@127.0.0.1:1/postgres"),
        format!("{right}-which-is-not-there"),
        right.replace("127.0.0.1:", "127.0.0.1:9"),
        right.replace("postgres://", "postgre://"),
        right.replace("postgres://", "mysql://"),
        format!("{right}?sslmode=perhaps"),
        format!("{right}?sslmode=require"),
    ];
    for opened in join_all(wrong.iter().map(|url| Database::open(url))).await {
        let told = told(&opened.unwrap_err());
        assert!(!told.contains(secret), "{told}");
    }
    server.crash();
    assert!(!told(&database.ping().await.unwrap_err()).contains(secret));
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!logged.is_empty() && !logged.contains(secret), "{logged}");
    server.go_on();
}
