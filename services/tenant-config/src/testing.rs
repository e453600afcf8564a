//! What the tests of the use cases share: a store in a real database of either kind, a clock that is moved by hand, and users that can be made to fail.

use async_trait::async_trait;
use rekey_kernel::{Caller, Clock, Failure, ManualClock, Random, Scope, TenantId, Timestamp, UserId};
use rekey_messaging::outbox::{OutboxStore, SeaOutbox};
use rekey_runtime::{
    database::{Database, Pool},
    system::SystemRandom,
};
use rekey_testing::{Backend, TestDatabase};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, Ordering},
};
use tokio::sync::Notify;

use crate::{
    app::{claims::ClaimDialects, governance::Governance, templates::MailTemplates, tenants::TenantDirectory},
    domain::governance::Defaults,
    ports::{Administrator, Users},
    storage::{Migrator, SeaStore},
};

/// Bytes that count up.
#[derive(Default)]
pub(crate) struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Users that note what is asked of them, and fail when told to.
#[derive(Default)]
pub(crate) struct FakeUsers {
    pub(crate) failure: Mutex<Option<Failure>>,
    pub(crate) calls: Mutex<Vec<String>>,
    pub(crate) living: Mutex<Vec<(TenantId, String)>>,
}

impl FakeUsers {
    fn note(&self, call: String) -> Result<(), Failure> {
        self.calls.lock().unwrap().push(call);
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Users for FakeUsers {
    async fn create_administrator(&self, tenant: TenantId, administrator: &Administrator) -> Result<(), Failure> {
        self.note(format!("create {}", administrator.user_name))?;
        // On the way others get their turn.
        tokio::task::yield_now().await;
        let mut living = self.living.lock().unwrap();
        let taken = living.iter().any(|(other, name)| *other == tenant && *name == administrator.user_name);
        if taken {
            return Err(Failure::conflict("uniqueness", "the user name is taken"));
        }
        living.push((tenant, administrator.user_name.clone()));
        Ok(())
    }

    async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        self.note("purge".to_owned())?;
        self.living.lock().unwrap().retain(|(other, _)| *other != tenant);
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) place: TestDatabase,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) users: Arc<FakeUsers>,
    pub(crate) tenants: TenantDirectory,
    pub(crate) governance: Arc<Governance>,
    pub(crate) claims: ClaimDialects,
    pub(crate) templates: MailTemplates,
    outbox: SeaOutbox<Pool>,
}

impl World {
    pub(crate) async fn new(on: Backend) -> Self {
        Self::with(on, Defaults::default()).await
    }

    pub(crate) async fn with(on: Backend, defaults: Defaults) -> Self {
        Self::at(TestDatabase::new(on).await, defaults).await
    }

    pub(crate) async fn at(place: TestDatabase, defaults: Defaults) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_795_000_000_000_000)));
        let users = Arc::new(FakeUsers::default());
        let Replica { tenants, governance, claims, templates, outbox } = Replica::start(place.url(), &clock, &users, defaults).await;
        Self { place, clock, users, tenants, governance, claims, templates, outbox }
    }

    /// Another replica on the same database, with connections of its own.
    pub(crate) async fn another(&self) -> Replica {
        Replica::start(self.place.url(), &self.clock, &self.users, Defaults::default()).await
    }

    /// The payloads of the events that wait for the relay, claimed.
    pub(crate) async fn events(&self) -> Vec<rekey_messaging::Event> {
        let now = self.clock.now();
        self.outbox.claim(now, now, 100).await.unwrap().into_iter().map(|claim| claim.event).collect()
    }
}

/// The use cases of one process.
pub(crate) struct Replica {
    pub(crate) tenants: TenantDirectory,
    pub(crate) governance: Arc<Governance>,
    pub(crate) claims: ClaimDialects,
    pub(crate) templates: MailTemplates,
    outbox: SeaOutbox<Pool>,
}

impl Replica {
    async fn start(url: &str, clock: &Arc<ManualClock>, users: &Arc<FakeUsers>, defaults: Defaults) -> Self {
        let database = Database::open(url).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        let store = Arc::new(SeaStore::new(database.clone(), Arc::new(Notify::new())));
        store.ensure_default(clock.now()).await.unwrap();
        let governance = Arc::new(Governance { defaults: Arc::new(defaults), settings: Arc::clone(&store) as _, clock: Arc::clone(clock) as _ });
        let tenants = TenantDirectory {
            tenants: Arc::clone(&store) as _,
            users: Arc::clone(users) as _,
            governance: Arc::clone(&governance),
            clock: Arc::clone(clock) as _,
            random: Arc::new(SystemRandom),
        };
        let claims = ClaimDialects { claims: Arc::clone(&store) as _, clock: Arc::clone(clock) as _ };
        let templates = MailTemplates { templates: store, clock: Arc::clone(clock) as _ };
        let outbox = SeaOutbox::new(database.writer().clone());
        Self { tenants, governance, claims, templates, outbox }
    }
}

/// An administrator of a tenant; only those of `default` manage tenants.
pub(crate) fn admin(tenant: TenantId) -> Caller {
    let own = |scope: &Scope| *scope != Scope::TenantManage || tenant == TenantId::DEFAULT;
    let scopes = Scope::ALL.iter().copied().filter(own).collect();
    let user = UserId::new(Timestamp::from_micros(0), &Counting::default());
    Caller { tenant, user: Some(user), name: "admin".to_owned(), scopes, source: String::new() }
}

/// Somebody without any scope.
pub(crate) fn nobody(tenant: TenantId) -> Caller {
    Caller { scopes: [].into_iter().collect(), ..admin(tenant) }
}
