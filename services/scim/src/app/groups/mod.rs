//! Groups: what is done with them, one file per verb.

mod create;
mod delete;
mod patch;
mod read;
mod replace;

use rekey_kernel::{Clock, Failure, GroupId, Random, TenantId};
use rekey_scim_protocol::{Object, schema::GROUPS, urn};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

use super::{LISTED_BYTES, Resource, View, resource};
use crate::{
    domain::{Group, Member, members, render},
    ports::{self, CommitError, GroupWrite},
};

/// The members of a group with more are not sent in the answer to a PATCH unless they are asked for.
const MEMBERS_AFTER_PATCH: u64 = 1_000;

/// Everything that is done with groups.
pub struct Groups {
    /// Where they are kept.
    pub store: Arc<dyn ports::Groups>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Arc<dyn Random>,
}

impl Groups {
    async fn load(&self, tenant: TenantId, id: GroupId) -> Result<Group, Failure> {
        self.store.find(tenant, id).await?.ok_or_else(no_such_group)
    }

    /// The members of the tenant that a client names. Those that are in the group already are not asked after: who is deleted meanwhile
    /// takes the group to another version, which the commit sees.
    async fn resolved(&self, tenant: TenantId, named: &[Value], present: &[Member]) -> Result<Vec<Member>, Failure> {
        let mut known: Vec<_> = present.iter().map(|member| member.id).collect();
        let there: HashSet<_> = known.iter().map(|id| id.as_uuid()).collect();
        let others: Vec<_> = members::ids(named)?.into_iter().filter(|id| !there.contains(id)).collect();
        if !others.is_empty() {
            known.extend(self.store.known(tenant, &others).await?);
        }
        members::resolve(named, &known)
    }

    async fn members(&self, group: &Group) -> Result<Vec<Member>, Failure> {
        Ok(self.store.members(group.tenant, &[group.id]).await?.into_iter().map(|(_, member)| member).collect())
    }

    /// The stored group; `Ok(None)` when another change was quicker.
    async fn commit(&self, write: &GroupWrite) -> Result<Option<Group>, Failure> {
        match self.store.commit(write).await {
            Ok(Some(group)) => Ok(Some(group)),
            Err(error) => refused(error).map(|()| None),
            Ok(None) => Err(Failure::internal("the store lost a group on the way")),
        }
    }

    /// The group as it is answered to a change. The change is done: members that are too many to be shown are left out.
    async fn answer(&self, group: &Group, view: &View) -> Result<Resource, Failure> {
        let members = self.shown_members(group, view).await?.filter(|members| fits(members, view));
        Ok(shown(group, members.as_deref(), view))
    }

    /// The answer to a PATCH. A client that says nothing of what it wants to see is not sent thousands of members for each that it adds:
    /// nothing is shown then, which is 204 (RFC 7644 §3.5.2).
    async fn answer_to_patch(&self, group: &Group, view: &View) -> Result<Resource, Failure> {
        let shows_all = view.attributes.is_empty() && view.projection(&GROUPS).shows(urn::GROUP, "members");
        if !shows_all || !self.store.has_more_members(group.tenant, group.id, MEMBERS_AFTER_PATCH).await? {
            return self.answer(group, view).await;
        }
        Ok(Resource { json: Object::new(), ..shown(group, None, view) })
    }

    /// Members are looked up only when they are shown: there may be very many.
    async fn shown_members(&self, group: &Group, view: &View) -> Result<Option<Vec<Member>>, Failure> {
        if view.projection(&GROUPS).shows(urn::GROUP, "members") { self.members(group).await.map(Some) } else { Ok(None) }
    }
}

fn shown(group: &Group, members: Option<&[Member]>, view: &View) -> Resource {
    resource(group.id.as_uuid(), render::group(group, members, &view.base), &view.projection(&GROUPS))
}

fn fits(members: &[Member], view: &View) -> bool {
    render::members_size(members, &view.base) <= LISTED_BYTES
}

/// # Errors
/// 400 `tooMany` when the members are more than an answer can hold (RFC 7644 table 9).
pub(super) fn check_fits(group: &Group, members: &[Member], view: &View) -> Result<(), Failure> {
    if fits(members, view) {
        return Ok(());
    }
    let (id, number) = (group.id, members.len());
    let detail = format!(
        "the group {id} has {number} members, too many for one answer: read it with `excludedAttributes=members`, and list them in pages with the filter `groups.value eq \"{id}\"`"
    );
    Err(Failure::invalid("tooMany", detail))
}

/// Why a commit did not happen; `Ok` when another change was quicker.
fn refused(error: CommitError) -> Result<(), Failure> {
    match error {
        CommitError::Overtaken => Ok(()),
        CommitError::NoSuchMember(id) => Err(members::no_such_member(&id)),
        CommitError::Refused(failure) | CommitError::Unknown(failure) => Err(failure),
        CommitError::UserNameTaken | CommitError::Abandoned => Err(Failure::internal("a group was refused as if it were a user")),
    }
}

/// An id that is no id, or is written otherwise than we write it, names nothing: `id` is caseExact (RFC 7643 §3.1).
fn group_id(text: &str) -> Result<GroupId, Failure> {
    members::parse(text).map(GroupId::from_uuid).ok_or_else(no_such_group)
}

fn no_such_group() -> Failure {
    Failure::not_found("there is no group with this id")
}
