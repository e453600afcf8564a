//! POST: a new group.

use rekey_kernel::{Caller, Failure, GroupId, Scope};
use rekey_scim_protocol::{GroupBody, Object};

use super::{Groups, Resource, View};
use crate::{
    app::busy,
    domain::{Group, group::check_display_name, refused},
    ports::GroupWrite,
};

impl Groups {
    /// Creates a group with its members.
    ///
    /// # Errors
    /// 400 for a bad body or a member that there is not, 403, 503.
    #[tracing::instrument(name = "scim.group.create", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn create(&self, caller: &Caller, body: &[u8], view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::GroupCreate)?;
        let body = GroupBody::parse(body).map_err(refused)?;
        check_display_name(&body.profile)?;
        let members = self.resolved(caller.tenant, &body.members, &[]).await?;
        let write = GroupWrite::Insert(self.new_group(caller, body.profile), members);
        let group = self.commit(&write).await?.ok_or_else(busy)?;
        self.answer(&group, view).await
    }

    fn new_group(&self, caller: &Caller, profile: Object) -> Group {
        let now = self.clock.now();
        Group { id: GroupId::new(now, self.random.as_ref()), tenant: caller.tenant, profile, version: 1, created: now, modified: now }
    }
}
