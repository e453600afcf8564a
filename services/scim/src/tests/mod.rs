//! The use cases over real databases of both kinds, with authentication and tenant-config played by fakes.

mod announcing;
mod bulk;
mod cursors;
mod echoes;
mod face;
mod fakes;
mod faults;
mod groups;
mod large;
mod lists;
mod me;
mod members;
mod outage;
mod profiles;
mod races;
mod replicas;
mod search;
mod trigger;

use rekey_kernel::{Caller, Clock, Failure, ManualClock, Method, Methods, Scope, Scopes, TenantId, Timestamp, UserId};
use rekey_messaging::outbox::{Relay, SeaOutbox};
use rekey_runtime::{database::Database, system::SystemRandom};
use rekey_scim_protocol::urn;
use rekey_testing::{Backend, TestDatabase};
use sea_orm::{ConnectionTrait, sea_query::Query as SqlQuery};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    app::{Bulk, Groups, Listed, Listing, Reconciler, Resource, Search, Users, View},
    events::ResetGate,
    ports::Store,
    storage::{Migrator, SeaStore},
};
use fakes::{FakeAccounts, FakeSettings, Recorder};

struct House {
    users: Arc<Users>,
    groups: Arc<Groups>,
    store: Arc<SeaStore>,
    accounts: Arc<FakeAccounts>,
    settings: Arc<FakeSettings>,
    clock: Arc<ManualClock>,
    bus: Arc<Recorder>,
    relay: Relay,
    reconciler: Reconciler,
    place: TestDatabase,
}

impl House {
    async fn new(on: Backend) -> Self {
        Self::at(TestDatabase::new(on).await).await
    }

    async fn at(place: TestDatabase) -> Self {
        let database = Database::open(place.url()).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::parse_rfc3339("2026-11-24T06:00:00Z").unwrap()));
        let (accounts, settings) = (Arc::new(FakeAccounts::new(clock.clone())), Arc::new(FakeSettings::default()));
        let store = Arc::new(SeaStore::new(database.clone()));
        let users = Arc::new(Users {
            store: store.clone(),
            accounts: accounts.clone(),
            settings: settings.clone(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            wake_relay: Arc::new(Notify::new()),
        });
        let groups = Arc::new(Groups { store: store.clone(), clock: clock.clone(), random: Arc::new(SystemRandom) });
        let (bus, outbox) = (Arc::new(Recorder::default()), Arc::new(SeaOutbox::new(database.writer().clone())));
        let gate = Arc::new(ResetGate(users.clone()));
        let relay = Relay { service: "scim", outbox, bus: bus.clone(), gate, clock: clock.clone() };
        let reconciler = Reconciler::new(users.clone());
        Self { users, groups, store, accounts, settings, clock, bus, relay, reconciler, place }
    }

    /// Another scim on the same database, with connections of its own.
    async fn another_scim(&self) -> (Arc<Users>, Arc<SeaStore>) {
        let store = Arc::new(SeaStore::new(Database::open(self.place.url()).await.unwrap()));
        let users = Users {
            store: store.clone(),
            accounts: self.accounts.clone(),
            settings: self.settings.clone(),
            clock: self.clock.clone(),
            random: Arc::new(SystemRandom),
            wake_relay: Arc::new(Notify::new()),
        };
        (Arc::new(users), store)
    }

    /// A user with an address, made by an administrator.
    async fn alice(&self) -> UserId {
        self.create(&json!({"userName": "alice", "displayName": "Alice", "password": "correct horse battery", "emails": [{"value": "alice@example.com", "primary": true}]})).await
    }

    async fn create(&self, body: &Value) -> UserId {
        UserId::from_uuid(self.users.create(&admin(), body.to_string().as_bytes(), &View::default()).await.unwrap().id)
    }

    async fn create_group(&self, body: &Value) -> Resource {
        self.groups.create(&admin(), body.to_string().as_bytes(), &at("https://x/scim2")).await.unwrap()
    }

    async fn patch_group(&self, id: Uuid, operations: Value) -> Result<Resource, Failure> {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations}).to_string();
        self.groups.patch(&admin(), &id.to_string(), body.as_bytes(), "", &at("https://x/scim2")).await
    }

    async fn group(&self, id: Uuid) -> Resource {
        self.groups.get(&admin(), &id.to_string(), &at("https://x/scim2")).await.unwrap()
    }

    fn search(&self) -> Search {
        Search { users: self.users.clone(), groups: self.groups.clone() }
    }

    fn bulk(&self) -> Bulk {
        Bulk::new(self.users.clone(), self.groups.clone())
    }

    /// A list of users, as an administrator sees it.
    async fn list(&self, listing: &Listing) -> Value {
        document(&self.users.list(&admin(), listing, &View::default()).await.unwrap())
    }

    async fn patch_as(&self, caller: &Caller, id: UserId, operations: Value) -> Result<Resource, Failure> {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations}).to_string();
        self.users.patch(caller, &id.to_string(), body.as_bytes(), "", &View::default()).await
    }

    async fn patch(&self, id: UserId, operations: Value) -> Result<Resource, Failure> {
        self.patch_as(&admin(), id, operations).await
    }

    async fn trigger(&self, id: UserId) -> Result<Resource, Failure> {
        self.patch(id, trigger_operations()).await
    }

    async fn get(&self, id: UserId) -> Resource {
        self.users.get(&admin(), &id.to_string(), &View::default()).await.unwrap()
    }

    async fn version(&self, id: UserId) -> u64 {
        self.store.find(TenantId::DEFAULT, id).await.unwrap().unwrap().version
    }

    /// All rows of a table get this into a column, behind the back of all rules.
    async fn rewrite(&self, table: &'static str, column: &'static str, value: String) {
        let database = Database::open(self.place.url()).await.unwrap();
        database.writer().execute(SqlQuery::update().table(table).value(column, value)).await.unwrap();
    }

    /// Time passes, and the reconciler and the relay run as they do every second.
    async fn tick(&self) {
        self.clock.advance(Duration::from_secs(2));
        self.reconciler.pass().await;
        self.relay.pass().await;
    }
}

fn trigger_operations() -> Value {
    json!([{"op": "add", "value": {urn::ENTERPRISE_USER: {"forcePasswordReset": true}}}])
}

fn caller(scopes: &[Scope]) -> Caller {
    let user = Some(UserId::new(Timestamp::from_micros(1), &SystemRandom));
    Caller { tenant: TenantId::DEFAULT, user, name: "admin".into(), scopes: scopes.iter().copied().collect(), source: String::new() }
}

fn admin() -> Caller {
    Caller { scopes: Scopes::all(), ..caller(&[]) }
}

fn helpdesk() -> Caller {
    caller(&[Scope::UserView, Scope::ResetView, Scope::ResetForce, Scope::ResetResend, Scope::ResetCancel, Scope::OfflineCodeView])
}

fn methods(list: &[Method]) -> Methods {
    list.iter().copied().collect()
}

fn account(resource: &Resource, name: &str) -> Value {
    resource.json.get(urn::WSO2).and_then(|account| account.get(name)).cloned().unwrap_or_default()
}

fn asking_for_the_code() -> View {
    View { attributes: vec!["urn:scim:wso2:SCHEMA:onetimepassword".to_owned()], ..View::default() }
}

/// With everything, under this URL.
fn at(base: &str) -> View {
    View { base: base.to_owned(), ..View::default() }
}

fn filtered(filter: &str) -> Listing {
    Listing { filter: filter.to_owned(), ..Listing::default() }
}

/// The `ListResponse`.
fn document(listed: &Listed) -> Value {
    serde_json::from_slice(&listed.to_json()).unwrap()
}

/// What each resource of a list has under this name.
fn each(list: &Value, name: &str) -> Vec<Value> {
    list["Resources"].as_array().unwrap().iter().map(|resource| resource[name].clone()).collect()
}

fn now(house: &House) -> Timestamp {
    house.clock.now()
}
