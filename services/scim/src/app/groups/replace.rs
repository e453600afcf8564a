//! PUT: a group as a whole.

use rekey_kernel::{Caller, Failure, GroupId, Scope};
use rekey_scim_protocol::{GroupBody, ScimError};

use super::{Groups, Resource, View, group_id};
use crate::{
    app::{ATTEMPTS, busy, pause, told},
    domain::{Conditions, Group, MemberChange, etag, group::check_display_name, refused},
    ports::GroupWrite,
};

impl Groups {
    /// Replaces a group and its members. A body without `members` leaves none.
    ///
    /// # Errors
    /// 400 for a bad body or a member that there is not, 403, 404, 412, 503.
    #[tracing::instrument(name = "scim.group.replace", skip_all, fields(tenant.id = %caller.tenant, group.id = told::<GroupId>(id)))]
    pub async fn replace(&self, caller: &Caller, id: &str, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::GroupUpdate)?;
        let (id, body, conditions) = (group_id(id)?, GroupBody::parse(body), conditions.into());
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            if let Some(group) = self.replace_once(caller, id, &body, conditions).await? {
                return self.answer(&group, view).await;
            }
        }
        Err(busy())
    }

    async fn replace_once(
        &self,
        caller: &Caller,
        id: GroupId,
        body: &Result<GroupBody, ScimError>,
        conditions: Conditions<'_>,
    ) -> Result<Option<Group>, Failure> {
        let before = self.load(caller.tenant, id).await?;
        etag::check(conditions, before.version)?;
        let body = body.as_ref().map_err(|error| refused(error.clone()))?;
        check_display_name(&body.profile)?;
        let members = self.resolved(caller.tenant, &body.members, &[]).await?;
        let expected = Some(before.version);
        let group = Group { profile: body.profile.clone(), modified: self.clock.now(), ..before };
        self.commit(&GroupWrite::Update { group, expected, members: Some(MemberChange::All(members)) }).await
    }
}
