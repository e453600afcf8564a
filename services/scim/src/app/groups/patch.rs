//! PATCH: parts of a group.

use rekey_kernel::{Caller, Failure, GroupId, Scope};
use rekey_scim_protocol::{Object, Patch, ScimError, patch::MemberEdit, schema::GROUPS};
use serde_json::{Map, Value};
use std::collections::HashSet;

use super::{Groups, Resource, View, group_id};
use crate::{
    app::{ATTEMPTS, busy, pause, told},
    domain::{Conditions, Group, Member, MemberChange, etag, group::check_display_name, members, refused},
    ports::GroupWrite,
};

impl Groups {
    /// Changes parts of a group. The document of a large one is empty, unless the client says which attributes it wants.
    ///
    /// # Errors
    /// 400 for a bad body or a member that there is not, 403, 404, 412, 503.
    #[tracing::instrument(name = "scim.group.patch", skip_all, fields(tenant.id = %caller.tenant, group.id = told::<GroupId>(id)))]
    pub async fn patch(&self, caller: &Caller, id: &str, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::GroupUpdate)?;
        let (id, patch, conditions) = (group_id(id)?, Patch::parse(&GROUPS, body), conditions.into());
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            if let Some(group) = self.patch_once(caller, id, &patch, conditions).await? {
                return self.answer_to_patch(&group, view).await;
            }
        }
        Err(busy())
    }

    async fn patch_once(&self, caller: &Caller, id: GroupId, patch: &Result<Patch, ScimError>, conditions: Conditions<'_>) -> Result<Option<Group>, Failure> {
        let before = self.load(caller.tenant, id).await?;
        etag::check(conditions, before.version)?;
        let patch = patch.as_ref().map_err(|error| refused(error.clone()))?;
        match patch.member_edits().filter(|edits| each_is_of_another(edits)) {
            Some(edits) => self.edit(before, patch, &edits, conditions.name_a_version()).await,
            None => self.rewrite(before, patch).await,
        }
    }

    /// Puts some members in and takes some out without reading those that there are. Nothing else goes with it mostly; then it gets along
    /// with whatever others do to the group at the same time.
    async fn edit(&self, before: Group, patch: &Patch, edits: &[MemberEdit], conditional: bool) -> Result<Option<Group>, Failure> {
        let profile = patch.apply_without_members(&before.profile).map_err(refused)?;
        let change = self.change(&before, edits).await?;
        if profile != before.profile || conditional {
            return self.update(before, profile, change).await;
        }
        match change {
            None => Ok(Some(before)),
            members => self.commit(&GroupWrite::Update { group: Group { modified: self.clock.now(), ..before }, expected: None, members }).await,
        }
    }

    async fn change(&self, group: &Group, edits: &[MemberEdit]) -> Result<Option<MemberChange>, Failure> {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for edit in edits {
            match edit {
                MemberEdit::Add(member) => added.push(Value::Object(member.clone())),
                MemberEdit::Remove(value) => removed.extend(members::parse(value)),
            }
        }
        let add = self.resolved(group.tenant, &added, &[]).await?;
        let remove = if removed.is_empty() { Vec::new() } else { self.store.known(group.tenant, &removed).await? };
        Ok(Some(MemberChange::Some { add, remove }).filter(|change| !is_nothing(change)))
    }

    /// For a PATCH that depends on the members that there are.
    async fn rewrite(&self, before: Group, patch: &Patch) -> Result<Option<Group>, Failure> {
        let present = self.members(&before).await?;
        let mut whole = before.profile.clone();
        if !present.is_empty() {
            whole.insert("members".to_owned(), present.iter().map(written).collect());
        }
        let mut profile = patch.apply(&whole).map_err(refused)?;
        let named = profile.remove("members");
        let named = named.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let members = self.resolved(before.tenant, named, &present).await?;
        self.update(before, profile, Some(MemberChange::All(members))).await
    }

    async fn update(&self, before: Group, profile: Object, members: Option<MemberChange>) -> Result<Option<Group>, Failure> {
        check_display_name(&profile)?;
        let expected = Some(before.version);
        let group = Group { profile, modified: self.clock.now(), ..before };
        self.commit(&GroupWrite::Update { group, expected, members }).await
    }
}

/// Does no member stand there twice? Else the sequence of the edits counts.
fn each_is_of_another(edits: &[MemberEdit]) -> bool {
    let mut seen = HashSet::new();
    edits.iter().all(|edit| {
        seen.insert(match edit {
            MemberEdit::Add(member) => member.get("value").and_then(Value::as_str).unwrap_or_default(),
            MemberEdit::Remove(value) => value,
        })
    })
}

fn is_nothing(change: &MemberChange) -> bool {
    matches!(change, MemberChange::Some { add, remove } if add.is_empty() && remove.is_empty())
}

/// A member as a client would write it.
fn written(member: &Member) -> Value {
    let mut json = Map::new();
    json.insert("value".to_owned(), member.id.to_string().into());
    json.insert("type".to_owned(), member.id.kind().into());
    if let Some(display) = &member.display {
        json.insert("display".to_owned(), display.clone().into());
    }
    Value::Object(json)
}
