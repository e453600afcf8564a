//! What a change of members comes to, given those that are there.

use rekey_kernel::{Failure, TenantId};
use sea_orm::DatabaseTransaction;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

use super::{Hold, known, members};
use crate::{
    domain::{Group, Member, MemberChange, MemberId},
    ports::CommitError,
};

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

/// # Errors
/// `NoSuchMember` for the first that the tenant does not have.
pub(super) async fn require_known(transaction: &DatabaseTransaction, tenant: TenantId, members: &[Member]) -> Result<(), CommitError> {
    if members.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = members.iter().map(|member| member.id.as_uuid()).collect();
    let known: HashSet<_> = known(transaction, tenant, &ids, Hold::Found).await.map_err(CommitError::Unknown)?.into_iter().collect();
    match members.iter().find(|member| !known.contains(&member.id)) {
        Some(missing) => Err(CommitError::NoSuchMember(missing.id.to_string())),
        None => Ok(()),
    }
}

/// What a change comes to for a locked group.
pub(super) async fn plan(transaction: &DatabaseTransaction, group: &Group, change: Option<&MemberChange>) -> Result<Planned, Failure> {
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
