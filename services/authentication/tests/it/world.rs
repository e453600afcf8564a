//! One small world: a database of either kind, a clock that stands still, fakes for the neighbours.

use async_trait::async_trait;
use rekey_authentication::{
    Argon2Hasher, Hashing, Migrator, SeaStore,
    app::{Applied, Attempt, Core, Deps, Identity, LoggedIn, Proof},
    domain::{Change, KeyRing, PasswordHash, PasswordPolicy, ResetOrder, Roles},
    ports::{Hasher, Intents, Policies, Verdict},
};
use rekey_kernel::{Caller, Clock, Failure, IntentId, ManualClock, Method, Methods, Random, ResetId, Secret, TenantId, Timestamp, UserId};
use rekey_runtime::database::Database;
use rekey_testing::{Backend, TestDatabase};
use sea_orm::{ConnectionTrait, Statement};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

pub(crate) const OLD: &str = "the old pass phrase";
pub(crate) const NEW: &str = "a brand new phrase";
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Random numbers that are the same each time and never repeat.
#[derive(Default)]
pub(crate) struct Sequence(AtomicU64);

impl Random for Sequence {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            chunk.copy_from_slice(&n[..chunk.len()]);
        }
    }
}

pub(crate) struct FakePolicies {
    pub(crate) policy: Mutex<PasswordPolicy>,
    pub(crate) is_down: AtomicBool,
}

impl FakePolicies {
    fn answer<T>(&self, value: T) -> Result<T, Failure> {
        if self.is_down.load(Ordering::Relaxed) { Err(Failure::unavailable("tenant-config is down")) } else { Ok(value) }
    }
}

#[async_trait]
impl Policies for FakePolicies {
    async fn password_policy(&self, _tenant: TenantId) -> Result<PasswordPolicy, Failure> {
        self.answer(*self.policy.lock().unwrap())
    }

    async fn reset_validity(&self, _tenant: TenantId) -> Result<Duration, Failure> {
        self.answer(DAY)
    }
}

#[derive(Default)]
pub(crate) struct FakeIntents(pub(crate) Mutex<HashSet<IntentId>>);

#[async_trait]
impl Intents for FakeIntents {
    async fn is_committed(&self, _tenant: TenantId, intent: IntentId) -> Result<bool, Failure> {
        Ok(self.0.lock().unwrap().contains(&intent))
    }
}

/// Counts how often a password was hashed to compare it.
pub(crate) struct CountingHasher {
    inner: Argon2Hasher,
    pub(crate) verified: AtomicU64,
}

#[async_trait]
impl Hasher for CountingHasher {
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, Failure> {
        self.inner.hash(password).await
    }

    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verdict, Failure> {
        self.verified.fetch_add(1, Ordering::Relaxed);
        self.inner.verify(password, hash).await
    }

    fn trim(&self) {
        self.inner.trim();
    }
}

pub(crate) struct World {
    pub(crate) core: Arc<Core>,
    pub(crate) hasher: Arc<CountingHasher>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) policies: Arc<FakePolicies>,
    pub(crate) intents: Arc<FakeIntents>,
    random: Arc<Sequence>,
    pub(crate) database: Database,
    place: TestDatabase,
}

pub(crate) fn tenant() -> TenantId {
    TenantId::DEFAULT
}

pub(crate) fn nothing() -> Change<Secret> {
    Change { create: false, delete: false, login_name: None, password: None, active: None, locked: None, roles: None, reset: None, contact: false }
}

pub(crate) fn order(methods: &[Method]) -> ResetOrder {
    let methods: Methods = methods.iter().copied().collect();
    ResetOrder { methods, reason: "leaked".to_owned(), expires_at: None, validity: DAY, resend_of: None }
}

pub(crate) fn system() -> Caller {
    Caller::system(tenant(), "rekey")
}

pub(crate) fn caller(roles: &[&str]) -> Caller {
    let scopes = Roles::from_names(roles.iter().copied()).scopes(tenant());
    Caller { tenant: tenant(), user: Some(UserId::from_uuid(uuid::Uuid::from_u128(99))), name: "root".to_owned(), scopes, source: "192.0.2.1".to_owned() }
}

pub(crate) fn admin() -> Caller {
    caller(&["admin"])
}

pub(crate) fn attempt(name: &str, password: &str) -> Attempt {
    Attempt { tenant: tenant(), user_name: name.to_owned(), password: Secret::new(password), source: "198.51.100.7".to_owned() }
}

fn deps(
    database: &Database,
    hasher: &Arc<CountingHasher>,
    policies: &Arc<FakePolicies>,
    intents: &Arc<FakeIntents>,
    clock: &Arc<ManualClock>,
    random: &Arc<Sequence>,
) -> Deps {
    Deps {
        store: Arc::new(SeaStore::new(database.clone(), Arc::new(Notify::new()))),
        hasher: hasher.clone(),
        policies: policies.clone(),
        intents: intents.clone(),
        keys: KeyRing::new([("1".to_owned(), &[42; 32])]).unwrap(),
        clock: clock.clone(),
        random: random.clone(),
    }
}

impl World {
    pub(crate) async fn new(on: Backend) -> Self {
        Self::at(TestDatabase::new(on).await).await
    }

    pub(crate) async fn at(place: TestDatabase) -> Self {
        let database = Database::open(place.url()).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_795_000_000_000_000)));
        let random = Arc::new(Sequence::default());
        let policies = Arc::new(FakePolicies { policy: Mutex::default(), is_down: AtomicBool::new(false) });
        let intents = Arc::new(FakeIntents::default());
        let hashing = Hashing { memory_kib: 64, iterations: 1, parallelism: 1, workers: 2, queue: 256 };
        let hasher = Arc::new(CountingHasher { inner: Argon2Hasher::new(&hashing, random.clone()).unwrap(), verified: AtomicU64::new(0) });
        let deps = deps(&database, &hasher, &policies, &intents, &clock, &random);
        Self { core: Arc::new(Core::new(deps).unwrap()), hasher, clock, policies, intents, random, database, place }
    }

    pub(crate) async fn with_alice(on: Backend) -> (Self, UserId) {
        let world = Self::new(on).await;
        let alice = world.user("alice", &[]).await;
        (world, alice)
    }

    /// Another authentication on the same database, with connections of its own.
    pub(crate) async fn another(&self) -> Arc<Core> {
        let database = Database::open(self.place.url()).await.unwrap();
        Arc::new(Core::new(deps(&database, &self.hasher, &self.policies, &self.intents, &self.clock, &self.random)).unwrap())
    }

    pub(crate) fn intent(&self) -> IntentId {
        self.clock.advance(Duration::from_micros(1));
        IntentId::new(self.clock.now(), self.random.as_ref())
    }

    pub(crate) async fn user(&self, name: &str, roles: &[&str]) -> UserId {
        let user = UserId::new(self.clock.now(), self.random.as_ref());
        let roles = Some(Roles::from_names(roles.iter().copied()));
        let change = Change { create: true, login_name: Some(name.to_owned()), password: Some(Secret::new(OLD)), roles, ..nothing() };
        self.change(&system(), user, change).await.unwrap();
        user
    }

    pub(crate) async fn change(&self, caller: &Caller, user: UserId, change: Change<Secret>) -> Result<Applied, Failure> {
        let intent = self.intent();
        self.core.prepare(caller, intent, tenant(), user, change).await?;
        self.core.apply(tenant(), intent).await
    }

    pub(crate) async fn reset(&self, user: UserId, methods: &[Method]) -> ResetId {
        let applied = self.change(&admin(), user, Change { reset: Some(order(methods)), ..nothing() }).await.unwrap();
        applied.reset.unwrap().id
    }

    pub(crate) async fn login(&self, name: &str, password: &str) -> Result<LoggedIn, Failure> {
        self.core.login(&attempt(name, password)).await
    }

    pub(crate) async fn basic(&self, name: &str, password: &str) -> Result<Identity, Failure> {
        self.core.verify_password(&attempt(name, password)).await
    }

    pub(crate) async fn session(&self, name: &str, password: &str) -> Secret {
        let Ok(LoggedIn::Authenticated(_, opened)) = self.login(name, password).await else { panic!("{name} does not get in") };
        opened.token
    }

    pub(crate) async fn reset_session(&self, name: &str, code: &str) -> Proof {
        let Ok(LoggedIn::ResetRequired(_, opened)) = self.login(name, code).await else { panic!("the code of {name} is not taken") };
        Proof::Session(opened.token)
    }

    pub(crate) async fn code(&self, reset: ResetId) -> String {
        self.core.reveal(tenant(), reset).await.unwrap().code.unwrap().expose().to_owned()
    }

    pub(crate) async fn link(&self, reset: ResetId) -> Proof {
        Proof::Link(self.core.reveal(tenant(), reset).await.unwrap().token.unwrap())
    }

    pub(crate) async fn complete(&self, proof: &Proof, password: &str) -> Result<UserId, Failure> {
        self.core.complete(tenant(), proof, &Secret::new(password), "198.51.100.7").await
    }

    pub(crate) async fn state(&self, user: UserId) -> &'static str {
        let states = self.core.states(tenant(), &[user]).await.unwrap();
        states[0].account.status().account_state
    }

    pub(crate) async fn reset_state(&self, reset: ResetId) -> &'static str {
        self.core.get(&admin(), tenant(), reset).await.unwrap().0.state.name().as_str()
    }

    pub(crate) async fn guesses_left(&self, reset: ResetId) -> u32 {
        self.core.get(&admin(), tenant(), reset).await.unwrap().0.guesses_left()
    }

    pub(crate) async fn count(&self, from_where: &str) -> i64 {
        let backend = self.database.reader().get_database_backend();
        let sql = Statement::from_string(backend, format!("SELECT count(*) AS n FROM {from_where}"));
        let row = self.database.reader().query_one_raw(sql).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }

    pub(crate) async fn events(&self, kind: &str) -> i64 {
        self.count(&format!("outbox WHERE kind = '{kind}'")).await
    }

    pub(crate) async fn audits(&self, action: &str) -> i64 {
        self.count(&format!("audit WHERE action = '{action}'")).await
    }
}

/// A code of the same shape that is another one.
pub(crate) fn wrong(code: &str) -> String {
    let last = if code.ends_with('A') { 'B' } else { 'A' };
    let mut letters: Vec<char> = code.chars().collect();
    *letters.last_mut().unwrap() = last;
    letters.into_iter().collect()
}

pub(crate) fn is_login_failure<T>(result: &Result<T, Failure>) -> bool {
    let message = "Login failed! Please recheck the username and password and try again";
    result.as_ref().is_err_and(|failure| failure.kind == rekey_kernel::Kind::Unauthenticated && failure.reason == "login_failed" && failure.detail == message)
}
