//! Connections that are lent and come back.
//!
//! sqlx's own pool tries a connection out whenever it comes back, in a task of its own: one more way to the server, or to the thread of
//! a connection to a file, for each statement. Here a connection comes back at once, unless it is unsure what became of its last work.

use async_trait::async_trait;
use deadpool::managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use rekey_kernel::Failure;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{
        self,
        postgres::{PgDatabaseError, PgSeverity},
    },
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    time::{interval, timeout},
};

use super::connection::{Address, Connection};

/// A connection to a server that was lent so lately is taken to be alive. One that broke is thrown away, and another is opened.
const FRESH: Duration = Duration::from_secs(1);
/// No connection to a server is used longer: what its session holds in memory there only grows.
const OLDEST: Duration = Duration::from_mins(30);
/// How long the end of a statement is waited for whose caller is gone; the server ends it before.
const LONGEST_MENDING: Duration = Duration::from_secs(65);

/// How a pool lends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The most connections.
    pub(super) most: usize,
    /// How long one who finds none waits.
    pub(super) patience: Duration,
    /// How long one that nobody needs stays open; for ever without.
    pub(super) idle: Option<Duration>,
}

/// Connections to one database. A statement on the pool takes any of them, and is a transaction of its own.
#[derive(Clone)]
pub struct Pool {
    connections: managed::Pool<Opener>,
    patience: Duration,
}

struct Opener(Address);

impl managed::Manager for Opener {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        self.0.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        // Nobody can hang up on a connection to a file.
        if self.0.backend() == DatabaseBackend::Sqlite {
            return Ok(());
        }
        if metrics.age() > OLDEST {
            return Err(RecycleError::message("it is old"));
        }
        if metrics.last_used() > FRESH { connection.ping().await.map_err(RecycleError::Backend) } else { Ok(()) }
    }
}

impl Pool {
    /// A pool that opens connections when they are needed.
    pub(super) fn new(address: Address, terms: Terms) -> Result<Self, Failure> {
        let builder = managed::Pool::builder(Opener(address)).max_size(terms.most).queue_mode(QueueMode::Lifo);
        let connections = builder.build().map_err(|error| Failure::internal("a pool of connections cannot be made").because(error))?;
        if let Some(idle) = terms.idle {
            close_idle(&connections, idle);
        }
        Ok(Self { connections, patience: terms.patience })
    }

    /// A connection for some work.
    pub(super) async fn lease(&self) -> Result<Lease, DbErr> {
        let lent = timeout(self.patience, self.connections.get()).await.map_err(|_elapsed| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let object = lent.map_err(|error| match error {
            PoolError::Backend(error) => DbErr::Conn(sqlx_error(error)),
            _ => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        })?;
        Ok(Lease { object: Some(object), is_settled: true, in_transaction: false, lane: None })
    }

    /// Is the database there?
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        let mut lease = self.lease().await?;
        let answer = lease.connection()?.ping().await;
        lease.settled(answer).map_err(DbErr::Conn)
    }
}

/// Closes the connections that nobody needs, for as long as there is a pool.
fn close_idle(connections: &managed::Pool<Opener>, idle: Duration) {
    let pool = connections.weak();
    tokio::spawn(async move {
        let mut ticks = interval(idle / 2);
        while let Some(pool) = pool.upgrade() {
            pool.retain(|_, metrics| metrics.last_used() < idle);
            drop(pool);
            ticks.tick().await;
        }
    });
}

pub(super) fn sqlx_error(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(Arc::new(error))
}

/// A connection that is lent. When it comes back in the middle of something, that is ended before anybody else gets it.
pub(super) struct Lease {
    /// Absent only while it is dropped.
    object: Option<Object<Opener>>,
    /// Was the last statement answered, so that the next one finds the connection as it expects it?
    is_settled: bool,
    in_transaction: bool,
    /// What comes back together with the connection.
    lane: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// The connection, for a statement whose outcome [`Self::settled`] is told. Whoever goes away in between leaves it unsettled.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, DbErr> {
        self.is_settled = false;
        self.object.as_deref_mut().ok_or(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))
    }

    pub(super) fn settled<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, RuntimeErr> {
        self.is_settled = outcome.as_ref().err().is_none_or(is_refusal);
        outcome.map_err(sqlx_error)
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let done = self.connection()?.execute(statement).await;
        self.settled(done).map_err(DbErr::Exec)
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.connection()?.execute_unprepared(sql).await;
        self.settled(done).map_err(DbErr::Exec)
    }

    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let found = self.connection()?.query_one(statement).await;
        self.settled(found).map_err(DbErr::Query)
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let found = self.connection()?.query_all(statement).await;
        self.settled(found).map_err(DbErr::Query)
    }

    /// Begins a transaction. Until [`Self::end`] has answered, it is taken back when this is dropped.
    pub(super) async fn begin(&mut self, sql: &str) -> Result<(), DbErr> {
        self.in_transaction = true;
        self.execute_unprepared(sql).await.map(drop)
    }

    pub(super) async fn end(&mut self, sql: &str) -> Result<(), DbErr> {
        self.execute_unprepared(sql).await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(super) fn end_at(&self, end: Instant) {
        if let Some(until) = self.object.as_deref().and_then(Connection::until) {
            until.set(Some(end));
        }
    }

    /// Has a lane come back together with the connection.
    pub(super) fn hold(&mut self, lane: OwnedSemaphorePermit) {
        self.lane = Some(lane);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        if let Some(until) = object.until() {
            until.set(None);
        }
        if self.is_settled && !self.in_transaction {
            return;
        }
        let (lane, in_transaction) = (self.lane.take(), self.in_transaction);
        let doubtful = Doubtful(Some(object));
        // Without a runtime the process ends: whoever hangs up has nothing committed.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                doubtful.mend(in_transaction).await;
                drop(lane);
            });
        }
    }
}

/// A connection that is closed, unless it turns out to be well.
struct Doubtful(Option<Object<Opener>>);

impl Doubtful {
    /// Waits for the end of what its caller has left, takes a transaction back, and gives the connection back.
    async fn mend(mut self, in_transaction: bool) {
        let Some(connection) = self.0.as_deref_mut() else { return };
        let ended = timeout(LONGEST_MENDING, connection.end(in_transaction)).await;
        if matches!(ended, Ok(Ok(()))) {
            drop(self.0.take());
        }
    }
}

impl Drop for Doubtful {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// A refusal is an answer as well, after which the connection serves on. Anything else may be its end, and what `PostgreSQL` calls fatal
/// is.
fn is_refusal(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(refusal) = error else { return false };
    let severity = refusal.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
    !matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.connections.manager().0.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.lease().await?.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.lease().await?.query_all(statement).await
    }
}

impl fmt::Debug for Pool {
    /// Not where it leads: the address may hold a password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool").field("backend", &self.get_database_backend()).finish_non_exhaustive()
    }
}
