//! `/Me` (RFC 7644 §3.11): one's own user. It needs no scope, and is no way around those of others.

use rekey_kernel::{Caller, Failure, UserId};
use rekey_scim_protocol::{Patch, UserBody, schema::USERS};

use super::{Resource, Users, View, check_shown, edit::Reach, no_such_user, rendered};
use crate::domain::Conditions;

impl Users {
    /// The caller's own user. It never shows a code.
    ///
    /// # Errors
    /// 400 `tooMany` for more groups than an answer can hold, 404 when the caller is no user.
    #[tracing::instrument(name = "scim.user.me", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn me(&self, caller: &Caller, view: &View) -> Result<Resource, Failure> {
        let (user, reset) = self.refreshed(self.load(caller.tenant, oneself(caller)?).await?).await?;
        check_shown(&user, view)?;
        Ok(rendered(user, reset.as_ref(), None, view))
    }

    /// Replaces what people may write of themselves. All else may be left out, which takes nothing away, or stand there as it is.
    ///
    /// # Errors
    /// 400 for a bad body, 403 naming the attribute that is not one's own affair, 404, 412, 503.
    #[tracing::instrument(name = "scim.user.replace_me", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn replace_me(&self, caller: &Caller, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        self.replace_within(Reach::Own, caller, oneself(caller)?, &UserBody::parse(body), conditions.into(), view).await
    }

    /// Changes parts of what people may write of themselves.
    ///
    /// # Errors
    /// As [`replace_me`](Self::replace_me).
    #[tracing::instrument(name = "scim.user.patch_me", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn patch_me(&self, caller: &Caller, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        self.patch_within(Reach::Own, caller, oneself(caller)?, &Patch::parse(&USERS, body), conditions.into(), view).await
    }
}

fn oneself(caller: &Caller) -> Result<UserId, Failure> {
    caller.user.ok_or_else(no_such_user)
}
