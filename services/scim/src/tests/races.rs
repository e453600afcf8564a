//! Many that change the same at the same moment.

use async_trait::async_trait;
use futures::future::join_all;
use rekey_kernel::{Failure, GroupId, TenantId, UserId};
use rekey_testing::Backend;
use serde_json::json;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

use super::{House, admin, at, groups::members};
use crate::{
    app::{Groups, Users},
    domain::{Group, Member, MemberId, Page, Query},
    ports::{self, CommitError, GroupWrite},
    storage::SeaStore,
};

/// Groups whose members somebody deletes right after they were read.
struct Disturbed {
    store: Arc<SeaStore>,
    users: Arc<Users>,
    next: Mutex<Vec<UserId>>,
}

#[async_trait]
impl ports::Groups for Disturbed {
    async fn find(&self, tenant: TenantId, group: GroupId) -> Result<Option<Group>, Failure> {
        ports::Groups::find(self.store.as_ref(), tenant, group).await
    }

    async fn members(&self, tenant: TenantId, groups: &[GroupId]) -> Result<Vec<(GroupId, Member)>, Failure> {
        let found = self.store.members(tenant, groups).await?;
        let next = self.next.lock().unwrap().pop();
        if let Some(user) = next {
            self.users.delete(&admin(), &user.to_string(), "").await?;
        }
        Ok(found)
    }

    async fn has_more_members(&self, tenant: TenantId, group: GroupId, than: u64) -> Result<bool, Failure> {
        self.store.has_more_members(tenant, group, than).await
    }

    async fn page(&self, tenant: TenantId, query: &Query) -> Result<Page<Group>, Failure> {
        ports::Groups::page(self.store.as_ref(), tenant, query).await
    }

    async fn commit(&self, write: &GroupWrite) -> Result<Option<Group>, CommitError> {
        ports::Groups::commit(self.store.as_ref(), write).await
    }

    async fn known(&self, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<MemberId>, Failure> {
        self.store.known(tenant, ids).await
    }
}

async fn a_member_that_vanishes_meanwhile_is_not_the_clients_fault(on: Backend) {
    let house = House::new(on).await;
    let mut people = Vec::new();
    for name in ["a", "b", "c", "d"] {
        people.push(house.create(&json!({ "userName": name })).await);
    }
    let named: Vec<_> = people.iter().map(|person| json!({ "value": person.to_string() })).collect();
    let group = house.create_group(&json!({"displayName": "G", "members": named})).await.id.to_string();
    let disturbed = |next: Vec<UserId>| Groups {
        store: Arc::new(Disturbed { store: house.store.clone(), users: house.users.clone(), next: Mutex::new(next) }),
        clock: house.clock.clone(),
        random: house.groups.random.clone(),
    };
    let rename = async |groups: Groups, id: UserId| {
        let path = format!("members[value eq \"{id}\"].display");
        let body = json!({"Operations": [{"op": "replace", "path": path, "value": "A"}]}).to_string();
        groups.patch(&admin(), &group, body.as_bytes(), "", &at("https://x/scim2")).await
    };
    let renamed = rename(disturbed(vec![people[1], people[2]]), people[0]).await.unwrap();
    assert_eq!(members(&renamed), [people[0].to_string(), people[3].to_string()]);
    assert_eq!(renamed.json["members"][0]["display"], json!("A"));
    let gone = rename(disturbed(vec![people[0]]), people[0]).await.unwrap_err();
    assert_eq!(gone.reason, "noTarget", "that one was named: {gone}");
}

async fn everybody_who_changes_one_user_at_the_same_time_is_heard(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let add = |n| house.patch(id, json!([{"op": "add", "path": "phoneNumbers", "value": [{"value": format!("+49 30 {n}")}]}]));
    let done = join_all((0..40).map(add)).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert_eq!((house.get(id).await.json["phoneNumbers"].as_array().unwrap().len(), house.version(id).await), (40, 41));
}

async fn groups_in_each_other_are_deleted_at_the_same_time(on: Backend) {
    let house = House::new(on).await;
    let mut groups = Vec::new();
    for n in 0..10 {
        groups.push(house.create_group(&json!({ "displayName": format!("G{n}") })).await.id);
    }
    let all: Vec<_> = groups.iter().map(|group| json!({ "value": group.to_string() })).collect();
    for group in &groups {
        house.patch_group(*group, json!([{"op": "add", "path": "members", "value": all}])).await.unwrap();
    }
    let ids: Vec<_> = groups.iter().map(Uuid::to_string).collect();
    let caller = admin();
    let done = join_all(ids.iter().map(|id| house.groups.delete(&caller, id, ""))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
}

rekey_testing::on_both_databases![
    a_member_that_vanishes_meanwhile_is_not_the_clients_fault,
    everybody_who_changes_one_user_at_the_same_time_is_heard,
    groups_in_each_other_are_deleted_at_the_same_time,
];
