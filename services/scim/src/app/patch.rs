//! PATCH: parts of a user, and the trigger in its usual form.

use rekey_kernel::{Caller, Failure, Scope, UserId};
use rekey_scim_protocol::{Patch, ScimError, schema::USERS};

use super::{
    ATTEMPTS, Resource, Users, View, busy,
    change::Done,
    edit::{Edit, Edited, Reach},
    pause, told, user_id,
};
use crate::domain::{Conditions, Manner, echo::without_echo, etag, refused, self_service};

impl Users {
    /// Changes parts of a user.
    ///
    /// # Errors
    /// 400 for a bad body or a reset that cannot be carried out, 403, 404, 409 `uniqueness`, 412, 503.
    #[tracing::instrument(name = "scim.user.patch", skip_all, fields(tenant.id = %caller.tenant, user.id = told::<UserId>(id)))]
    pub async fn patch(&self, caller: &Caller, id: &str, body: &[u8], conditions: impl Into<Conditions<'_>>, view: &View) -> Result<Resource, Failure> {
        let patch = Patch::parse(&USERS, body);
        authorize(caller, patch.as_ref().ok())?;
        self.patch_within(Reach::All, caller, user_id(id)?, &patch, conditions.into(), view).await
    }

    pub(super) async fn patch_within(
        &self,
        reach: Reach,
        caller: &Caller,
        id: UserId,
        patch: &Result<Patch, ScimError>,
        conditions: Conditions<'_>,
        view: &View,
    ) -> Result<Resource, Failure> {
        for attempt in 0..ATTEMPTS {
            pause(self.random.as_ref(), attempt).await;
            match self.patch_once(reach, caller, id, patch, conditions).await? {
                Edited::Profile(user) => return self.answer_with(reach, caller, *user, view).await,
                Edited::Account(Done::True(after)) => return self.answer(reach, caller, id, after, view).await,
                Edited::Account(Done::ResetEnded | Done::Overtaken) => {}
            }
        }
        Err(busy())
    }

    async fn patch_once(
        &self,
        reach: Reach,
        caller: &Caller,
        id: UserId,
        patch: &Result<Patch, ScimError>,
        conditions: Conditions<'_>,
    ) -> Result<Edited, Failure> {
        let before = self.load(caller.tenant, id).await?;
        etag::check(conditions, before.version)?;
        let patch = patch.as_ref().map_err(|error| refused(error.clone()))?;
        let orders = patch.orders();
        if patch.has_stray_options() {
            return Err(Failure::invalid("invalidValue", "`methods`, `reason` and `expiresAt` are taken together with `forcePasswordReset` only"));
        }
        let (before, reset) = self.as_orders_need(before, orders).await?;
        let profile = patch.apply(&before.profile).map_err(refused)?;
        if reach == Reach::Own {
            self_service::check_orders(orders, &before.account, Manner::Patch)?;
            self_service::check_patched(&before.profile, &profile)?;
        }
        let orders = &without_echo(orders, reset.as_ref());
        self.edit(caller, Edit { before, profile, orders, manner: Manner::Patch, alone: patch.is_trigger_only() }).await
    }
}

/// The trigger alone needs no right to change users; with anything else in the body it needs both.
fn authorize(caller: &Caller, patch: Option<&Patch>) -> Result<(), Failure> {
    match patch {
        Some(patch) if patch.is_trigger_only() => caller.require(Scope::ResetForce),
        Some(patch) if patch.orders().force_named => caller.require(Scope::UserUpdate).and_then(|()| caller.require(Scope::ResetForce)),
        Some(_) => caller.require(Scope::UserUpdate),
        None => caller.require(Scope::UserUpdate).or_else(|_| caller.require(Scope::ResetForce)),
    }
}
