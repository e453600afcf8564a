//! Random users and groups, in the database and as clients read them.

use proptest::{collection::vec, prelude::Strategy, strategy::ValueTree, test_runner::TestRunner};
use rekey_kernel::Timestamp;
use rekey_scim_protocol::{
    Filter, Object, Sort,
    schema::{ResourceType, USERS},
};
use rekey_testing::Backend;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

use super::{BASE, House, group, random, user};
use crate::{
    domain::{Account, Group, Member, MemberChange, MemberId, Membership, User, render},
    ports::{GroupWrite, Groups, Write},
};

const USERS_THERE: usize = 20;
const GROUPS_THERE: usize = 8;

/// Users and groups that the database holds, as clients read them.
pub(super) struct World {
    pub(super) house: House,
    pub(super) users: Vec<Object>,
    groups: Vec<Object>,
}

impl World {
    pub(super) async fn new(on: Backend, runner: &mut TestRunner) -> Self {
        let house = House::new(on).await;
        let mut users = Vec::new();
        for (number, random) in drawn(&vec(random::user(), USERS_THERE), runner).into_iter().enumerate() {
            let user = made(number, random);
            house.write(&Write::Insert(user.clone())).await.unwrap();
            users.push(user);
        }
        let drafts = drawn(&vec(random::group(USERS_THERE + GROUPS_THERE), GROUPS_THERE), runner);
        let groups: Vec<_> = drafts.iter().map(|(name, external, _)| group(without_null(json!({"displayName": name, "externalId": external})))).collect();
        let ids: Vec<_> = users.iter().map(|user| MemberId::User(user.id)).chain(groups.iter().map(|group| MemberId::Group(group.id))).collect();
        let members: Vec<_> = drafts.iter().map(|(_, _, members)| members_of(members, &ids)).collect();
        // All groups first: they may contain each other.
        for group in &groups {
            Groups::commit(&house.store, &GroupWrite::Insert(group.clone(), Vec::new())).await.unwrap();
        }
        let mut stored = Vec::new();
        for (group, members) in groups.iter().zip(&members) {
            let write = GroupWrite::Update { group: group.clone(), expected: None, members: Some(MemberChange::All(members.clone())) };
            stored.push(Groups::commit(&house.store, &write).await.unwrap().unwrap());
        }
        let shown = |user: &User| render::user(with_groups(user, &stored, &members), render::Shown { groups: true, reset: None, code: None, base: BASE }).json;
        let groups = stored.iter().zip(&members).map(|(group, members)| render::group(group, Some(members), BASE).json).collect();
        Self { users: users.iter().map(shown).collect(), groups, house }
    }

    pub(super) fn resources(&self, of: &'static ResourceType) -> &[Object] {
        if std::ptr::eq(of, &raw const USERS) { &self.users } else { &self.groups }
    }

    /// The ids that a query must find, in its order.
    pub(super) fn expected(&self, of: &'static ResourceType, filter: Option<&Filter>, sort: Option<&Sort>) -> Vec<Uuid> {
        let mut found: Vec<_> = self.resources(of).iter().filter(|resource| filter.is_none_or(|filter| filter.fulfilled_by(of, resource))).collect();
        found.sort_by(|one, other| sort.map_or_else(|| id(one).cmp(&id(other)), |sort| sort.compare(one, other)));
        found.into_iter().map(id).collect()
    }

    /// Ids in place of their numbers.
    pub(super) fn with_ids(&self, filter: &str) -> String {
        let all: Vec<_> = self.users.iter().chain(&self.groups).map(|resource| resource["id"].as_str().unwrap()).collect();
        (0..30).rev().fold(filter.to_owned(), |text, number| text.replace(&format!("\"#{number}\""), &format!("\"{}\"", all[number % all.len()])))
    }
}

fn drawn<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

fn made(number: usize, random: random::RandomUser) -> User {
    let mut profile = random.profile;
    profile.insert("userName".to_owned(), format!("{}{number}", ["u", "U", "Ü"][number % 3]).into());
    let (state, reason) = random.account;
    let account = Account { locked: !reason.is_empty(), locked_reason: reason.into(), state: state.into(), revision: 1 };
    let noon = Timestamp::parse_rfc3339("2026-05-01T12:00:00Z").unwrap().as_micros();
    let at = |micros| Timestamp::from_micros(noon + micros);
    User { account, created: at(random.times.0), modified: at(random.times.1), ..user(Value::Object(profile)) }
}

fn without_null(value: Value) -> Value {
    let Value::Object(mut members) = value else { panic!("an object") };
    members.retain(|_, value| !value.is_null());
    Value::Object(members)
}

fn members_of(drafts: &[(usize, Option<&'static str>)], ids: &[MemberId]) -> Vec<Member> {
    let mut seen = BTreeSet::new();
    let fresh = drafts.iter().filter(|(number, _)| seen.insert(*number));
    fresh.map(|(number, display)| Member { id: ids[*number], display: display.map(str::to_owned) }).collect()
}

/// The user with its groups, found by going up from group to group.
fn with_groups(user: &User, groups: &[Group], members: &[Vec<Member>]) -> User {
    let listing = |id: MemberId| (0..groups.len()).filter(move |at| members[*at].iter().any(|member| member.id == id));
    let direct: BTreeSet<_> = listing(MemberId::User(user.id)).collect();
    let mut all = direct.clone();
    let mut todo: Vec<_> = direct.iter().copied().collect();
    while let Some(at) = todo.pop() {
        todo.extend(listing(MemberId::Group(groups[at].id)).filter(|above| all.insert(*above)).collect::<Vec<_>>());
    }
    let membership =
        |at: &usize, direct| Membership { group: groups[*at].id, display: groups[*at].profile["displayName"].as_str().unwrap().to_owned(), direct };
    let first = direct.iter().map(|at| membership(at, true));
    let groups = first.chain(all.difference(&direct).map(|at| membership(at, false))).collect();
    User { groups, ..user.clone() }
}

fn id(resource: &Object) -> Uuid {
    resource["id"].as_str().unwrap().parse().unwrap()
}
