//! What a change of members comes to, given those that are there.

use rekey_kernel::{Failure, GroupId, UserId};
use rekey_runtime::database::Transaction;
use sea_orm::sea_query::LockType;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

use super::{members, present};
use crate::domain::{Group, Member, MemberChange, MemberId};

/// What really changes.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// New members.
    pub(super) come: Vec<Member>,
    /// Members with another display.
    pub(super) renamed: Vec<Member>,
    /// Members no longer.
    pub(super) go: Vec<Uuid>,
}

impl Planned {
    pub(super) const fn is_nothing(&self) -> bool {
        self.come.is_empty() && self.renamed.is_empty() && self.go.is_empty()
    }

    /// Does anybody come in who is not one of these?
    pub(super) fn has_others_than(&self, newcomers: &[Member]) -> bool {
        let newcomers: HashSet<_> = newcomers.iter().map(|member| member.id).collect();
        self.come.iter().any(|member| !newcomers.contains(&member.id))
    }
}

/// Each member once, where it stands first, as it is written last.
pub(super) fn distinct(members: &[Member]) -> Vec<Member> {
    let mut at: HashMap<MemberId, usize> = HashMap::new();
    let mut distinct: Vec<Member> = Vec::with_capacity(members.len());
    for member in members {
        let at = *at.entry(member.id).or_insert(distinct.len());
        if at == distinct.len() {
            distinct.push(member.clone());
        } else {
            distinct[at] = member.clone();
        }
    }
    distinct
}

/// Those whom a change may make members and who have to be there then. Members that stay are not asked after: there may be very many.
pub(super) async fn newcomers(transaction: &Transaction, group: &Group, change: Option<&MemberChange>) -> Result<Vec<Member>, Failure> {
    match change {
        None => Ok(Vec::new()),
        Some(MemberChange::Some { add, .. }) => Ok(add.clone()),
        Some(MemberChange::All(wanted)) => {
            let present = members::of(transaction, group.tenant, &[group.id]).await?;
            let present: HashSet<_> = present.into_iter().map(|(_, member)| member.id).collect();
            Ok(wanted.iter().filter(|member| !present.contains(&member.id)).cloned().collect())
        }
    }
}

/// Locks these as they are, so that whoever wants to delete them waits, and with them the group that they come into: those who change
/// groups lock all users that they need, then all groups, each in id order. The first that the tenant does not have.
pub(super) async fn missing(transaction: &Transaction, group: &Group, newcomers: &[Member]) -> Result<Option<MemberId>, Failure> {
    if newcomers.is_empty() {
        return Ok(None);
    }
    let mut ids: Vec<_> = newcomers.iter().map(|member| member.id.as_uuid()).collect();
    let users = present(transaction, "users", group.tenant, &ids, Some(LockType::KeyShare)).await?;
    ids.push(group.id.as_uuid());
    let groups = present(transaction, "groups", group.tenant, &ids, Some(LockType::NoKeyUpdate)).await?;
    let known: HashSet<_> =
        users.into_iter().map(|id| MemberId::User(UserId::from_uuid(id))).chain(groups.into_iter().map(|id| MemberId::Group(GroupId::from_uuid(id)))).collect();
    Ok(newcomers.iter().map(|member| member.id).find(|id| !known.contains(id)))
}

/// What a change comes to for a locked group.
pub(super) async fn plan(transaction: &Transaction, group: &Group, change: Option<&MemberChange>) -> Result<Planned, Failure> {
    match change {
        None => Ok(Planned::default()),
        Some(MemberChange::All(wanted)) => {
            let present = members::of(transaction, group.tenant, &[group.id]).await?.into_iter().map(|(_, member)| member).collect();
            Ok(replaced(present, &distinct(wanted)))
        }
        Some(MemberChange::Some { add, remove }) => {
            let remove: HashSet<_> = remove.iter().copied().collect();
            let add: Vec<_> = distinct(add).into_iter().filter(|member| !remove.contains(&member.id)).collect();
            let ids: Vec<_> = add.iter().map(|member| member.id.as_uuid()).chain(remove.iter().map(|id| id.as_uuid())).collect();
            let present = members::among(transaction, group.tenant, group.id, &ids).await?;
            Ok(edited(present, add, &remove))
        }
    }
}

fn replaced(present: Vec<Member>, wanted: &[Member]) -> Planned {
    let mut present: HashMap<_, _> = present.into_iter().map(|member| (member.id, member.display)).collect();
    let mut planned = Planned::default();
    for member in wanted {
        match present.remove(&member.id) {
            None => planned.come.push(member.clone()),
            Some(display) if display != member.display => planned.renamed.push(member.clone()),
            Some(_) => {}
        }
    }
    planned.go = present.into_keys().map(MemberId::as_uuid).collect();
    planned
}

fn edited(present: Vec<Member>, add: Vec<Member>, remove: &HashSet<MemberId>) -> Planned {
    let present: HashMap<_, _> = present.into_iter().map(|member| (member.id, member.display)).collect();
    let mut planned = Planned { go: present.keys().filter(|id| remove.contains(id)).map(|id| id.as_uuid()).collect(), ..Planned::default() };
    for member in add {
        match present.get(&member.id) {
            None => planned.come.push(member),
            // Who adds a member without a display does not take the display away.
            Some(display) if member.display.is_some() && *display != member.display => planned.renamed.push(member),
            Some(_) => {}
        }
    }
    planned
}
