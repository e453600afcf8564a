//! GET: one user.

use rekey_kernel::{Caller, Failure, Scope, UserId};

use super::{Resource, Users, View, check_shown, rendered, told, user_id};

impl Users {
    /// One user, with the account as it is at this moment.
    ///
    /// # Errors
    /// 400 `tooMany` for more groups than an answer can hold, 403, 404.
    #[tracing::instrument(name = "scim.user.get", skip_all, fields(tenant.id = %caller.tenant, user.id = told::<UserId>(id)))]
    pub async fn get(&self, caller: &Caller, id: &str, view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::UserView)?;
        let (user, reset) = self.refreshed(self.load(caller.tenant, user_id(id)?).await?).await?;
        check_shown(&user, view)?;
        let code = self.offline_code(caller, &user, view).await?;
        Ok(rendered(user, reset.as_ref(), code.as_ref(), view))
    }
}
