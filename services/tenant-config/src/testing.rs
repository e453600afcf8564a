//! What the tests of the use cases share: a store in a real file, a clock that is moved by hand, and users that can be made to fail.

use async_trait::async_trait;
use rekey_kernel::{Caller, Clock, Failure, ManualClock, Random, Scope, TenantId, Timestamp, UserId};
use rekey_messaging::outbox::{OutboxStore, SeaOutbox};
use rekey_runtime::database::Database;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, Ordering},
};
use tempfile::TempDir;
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
}

impl FakeUsers {
    fn note(&self, call: String) -> Result<(), Failure> {
        self.calls.lock().unwrap().push(call);
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Users for FakeUsers {
    async fn create_administrator(&self, _tenant: TenantId, administrator: &Administrator) -> Result<(), Failure> {
        self.note(format!("create {}", administrator.user_name))
    }

    async fn purge(&self, _tenant: TenantId) -> Result<(), Failure> {
        self.note("purge".to_owned())
    }
}

pub(crate) struct World {
    _folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) users: Arc<FakeUsers>,
    pub(crate) tenants: TenantDirectory,
    pub(crate) governance: Arc<Governance>,
    pub(crate) claims: ClaimDialects,
    pub(crate) templates: MailTemplates,
    outbox: SeaOutbox,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Defaults::default()).await
    }

    pub(crate) async fn with(defaults: Defaults) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&format!("sqlite://{}/tenant-config.db", folder.path().display())).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1_795_000_000_000_000)));
        let store = Arc::new(SeaStore::new(database.clone(), Arc::new(Notify::new())));
        store.ensure_default(clock.now()).await.unwrap();
        let users = Arc::new(FakeUsers::default());
        let governance = Arc::new(Governance { defaults: Arc::new(defaults), settings: Arc::clone(&store) as _, clock: Arc::clone(&clock) as _ });
        let tenants = TenantDirectory {
            tenants: Arc::clone(&store) as _,
            users: Arc::clone(&users) as _,
            governance: Arc::clone(&governance),
            clock: Arc::clone(&clock) as _,
            random: Arc::new(Counting::default()),
        };
        let claims = ClaimDialects { claims: Arc::clone(&store) as _, clock: Arc::clone(&clock) as _ };
        let templates = MailTemplates { templates: store, clock: Arc::clone(&clock) as _ };
        let outbox = SeaOutbox::new(database.writer().clone());
        Self { _folder: folder, clock, users, tenants, governance, claims, templates, outbox }
    }

    /// The payloads of the events that wait for the relay, claimed.
    pub(crate) async fn events(&self) -> Vec<rekey_messaging::Event> {
        let now = self.clock.now();
        self.outbox.claim(now, now, 100).await.unwrap().into_iter().map(|claim| claim.event).collect()
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
