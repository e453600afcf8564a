//! PUT: a user as a whole.

use rekey_kernel::{Caller, Failure, Scope, UserId};
use rekey_scim_protocol::{Object, ScimError, UserBody};

use super::{
    ATTEMPTS, Resource, Users, View, busy,
    change::Done,
    edit::{Edit, Edited, Reach},
    pause, told, user_id,
};
use crate::domain::{Conditions, Manner, User, echo::without_echo, etag, profile, refused, self_service};

impl Users {
    /// Replaces a user's profile. `active` and `accountLocked` stay when the body does not name them: a client that knows
    /// nothing of them must not let somebody in.
    ///
    /// # Errors
    /// 400 for a bad body or a reset that cannot be carried out, 403, 404, 409 `uniqueness`, 412, 503.
    #[tracing::instrument(name = "scim.user.replace", skip_all, fields(tenant.id = %caller.tenant, user.id = told::<UserId>(id)))]
    pub async fn replace(&self, caller: &Caller, id: &str, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        let read = UserBody::parse(body);
        caller.require(Scope::UserUpdate)?;
        if read.as_ref().is_ok_and(|body| body.orders.force_named) {
            caller.require(Scope::ResetForce)?;
        }
        self.replace_within(Reach::All, caller, user_id(id)?, &read, conditions.into(), view).await
    }

    pub(super) async fn replace_within(
        &self,
        reach: Reach,
        caller: &Caller,
        id: UserId,
        body: &Result<UserBody, ScimError>,
        conditions: Conditions<'_>,
        view: &View,
    ) -> Result<Resource, Failure> {
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            match self.replace_once(reach, caller, id, body, conditions).await? {
                Edited::Profile(user) => return self.answer_with(reach, caller, *user, view).await,
                Edited::Account(Done::True(after)) => return self.answer(reach, caller, id, after, view).await,
                Edited::Account(Done::ResetEnded | Done::Overtaken) => {}
            }
        }
        Err(busy())
    }

    async fn replace_once(
        &self,
        reach: Reach,
        caller: &Caller,
        id: UserId,
        body: &Result<UserBody, ScimError>,
        conditions: Conditions<'_>,
    ) -> Result<Edited, Failure> {
        let before = self.load(caller.tenant, id).await?;
        etag::check(conditions, before.version)?;
        let body = body.as_ref().map_err(|error| refused(error.clone()))?;
        let (before, reset) = self.as_orders_need(before, &body.orders).await?;
        let profile = replacement(reach, &before, body)?;
        let orders = &without_echo(&body.orders, reset.as_ref());
        self.edit(caller, Edit { before, profile, orders, manner: Manner::Replace, alone: false }).await
    }
}

fn replacement(reach: Reach, before: &User, body: &UserBody) -> Result<Object, Failure> {
    if reach == Reach::Own {
        self_service::check_orders(&body.orders, &before.account, Manner::Replace)?;
        return self_service::replaced(&before.profile, &body.profile);
    }
    Ok(profile::keeping_active(&before.profile, body.profile.clone()))
}
