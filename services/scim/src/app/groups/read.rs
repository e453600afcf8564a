//! GET: one group.

use rekey_kernel::{Caller, Failure, GroupId, Scope};

use super::{Groups, Resource, View, check_fits, group_id, shown};
use crate::app::told;

impl Groups {
    /// One group with its members.
    ///
    /// # Errors
    /// 400 `tooMany` for more members than an answer can hold, 403, 404.
    #[tracing::instrument(name = "scim.group.get", skip_all, fields(tenant.id = %caller.tenant, group.id = told::<GroupId>(id)))]
    pub async fn get(&self, caller: &Caller, id: &str, view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::GroupView)?;
        let group = self.load(caller.tenant, group_id(id)?).await?;
        let members = self.shown_members(&group, view).await?;
        check_fits(&group, members.as_deref().unwrap_or_default(), view)?;
        Ok(shown(&group, members.as_deref(), view))
    }
}
