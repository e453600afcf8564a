//! The store over real databases of both kinds.

mod circles;
mod groups;
mod laws;
mod load;
mod members;
mod names;
mod pages;
mod plans;
mod random;
mod upgrade;
mod world;
mod writes;

use rekey_kernel::{GroupId, TenantId, Timestamp, UserId};
use rekey_runtime::{database::Database, system::SystemRandom};
use rekey_scim_protocol::{
    Filter, Object, Sort,
    schema::{GROUPS, ResourceType, USERS},
};
use rekey_testing::{Backend, TestDatabase};
use serde_json::{Value, json};

use super::{Migrator, SeaStore};
use crate::{
    domain::{Account, Group, Member, MemberId, Page, Part, Query, User},
    ports::{CommitError, GroupWrite, Groups, Store, Write},
};

const TENANT: TenantId = TenantId::DEFAULT;
const BASE: &str = "https://rekey.test/scim2";

struct House {
    store: SeaStore,
    database: Database,
    place: TestDatabase,
}

impl House {
    async fn new(on: Backend) -> Self {
        let place = TestDatabase::new(on).await;
        let database = Database::open(place.url()).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        Self { store: SeaStore::new(database.clone()), database, place }
    }

    /// A user with this profile.
    async fn add(&self, profile: Value) -> User {
        let user = user(profile);
        self.write(&Write::Insert(user.clone())).await.unwrap();
        user
    }

    async fn write(&self, write: &Write) -> Result<(), CommitError> {
        Store::commit(&self.store, write, None).await
    }

    async fn user(&self, user: &User) -> Option<User> {
        Store::find(&self.store, user.tenant, user.id).await.unwrap()
    }

    /// A group with this name and these members.
    async fn group(&self, name: &str, members: &[MemberId]) -> Group {
        let group = group(json!({ "displayName": name }));
        Groups::commit(&self.store, &GroupWrite::Insert(group.clone(), listed(members))).await.unwrap().unwrap()
    }

    async fn found(&self, query: &Query) -> Page<User> {
        Store::page(&self.store, TENANT, query).await.unwrap()
    }

    /// The `userName`s that a filter finds, in the order of their making.
    async fn names(&self, filter: &str) -> Vec<String> {
        self.found(&query(&USERS, filter, "", Part::Offset(0), 100)).await.items.iter().map(name).collect()
    }

    /// The names of the groups that a filter finds, in the order of their making.
    async fn group_names(&self, filter: &str) -> Vec<String> {
        let page = Groups::page(&self.store, TENANT, &query(&GROUPS, filter, "", Part::Offset(0), 100)).await.unwrap();
        page.items.iter().map(|group| group.profile["displayName"].as_str().unwrap().to_owned()).collect()
    }
}

fn name(user: &User) -> String {
    user.profile["userName"].as_str().unwrap().to_owned()
}

fn now() -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000)
}

fn object(value: Value) -> Object {
    if let Value::Object(members) = value { members } else { panic!("{value} is no object") }
}

fn user(profile: Value) -> User {
    User {
        // Ids grow with time: so they come in the order of their making.
        id: UserId::new(next_moment(), &SystemRandom),
        tenant: TENANT,
        profile: object(profile),
        version: 1,
        created: now(),
        modified: now(),
        account: Account::new(true),
        groups: Vec::new(),
    }
}

fn group(profile: Value) -> Group {
    Group { id: GroupId::new(next_moment(), &SystemRandom), tenant: TENANT, profile: object(profile), version: 1, created: now(), modified: now() }
}

/// Each later than the one before.
fn next_moment() -> Timestamp {
    use std::sync::atomic::{AtomicI64, Ordering};
    static MILLISECONDS: AtomicI64 = AtomicI64::new(0);
    Timestamp::from_micros(1_700_000_000_000_000 + 1_000 * MILLISECONDS.fetch_add(1, Ordering::SeqCst))
}

fn listed(members: &[MemberId]) -> Vec<Member> {
    members.iter().map(|id| Member { id: *id, display: None }).collect()
}

fn query(of: &'static ResourceType, filter: &str, sort: &str, part: Part, limit: u64) -> Query {
    let filter = if filter.is_empty() { None } else { Some(Filter::parse(of, filter).unwrap_or_else(|error| panic!("{filter}: {error}"))) };
    let (by, order) = sort.strip_suffix(" desc").map_or((sort, ""), |by| (by, "descending"));
    Query { filter, sort: Sort::parse(of, by, order).unwrap(), part, limit, groups: true, base: BASE.to_owned() }
}
