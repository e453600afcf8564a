//! POST: a new user.

use rekey_kernel::{Caller, Failure, Scope, UserId};
use rekey_scim_protocol::{Object, UserBody};

use super::{
    Resource, Users, View, busy,
    change::{Done, Plan},
    edit::Reach,
    order::check_roles,
};
use crate::{
    domain::{Account, AccountChange, IntentKind, User, profile, refused},
    ports::Write,
};

impl Users {
    /// Creates a user with its account; with the trigger in the body, the reset begins at once.
    ///
    /// # Errors
    /// 400 for a bad body or a reset that cannot be carried out, 403, 409 `uniqueness`, 503.
    #[tracing::instrument(name = "scim.user.create", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn create(&self, caller: &Caller, body: &[u8], view: &View) -> Result<Resource, Failure> {
        let read = UserBody::parse(body);
        caller.require(Scope::UserCreate)?;
        if read.as_ref().is_ok_and(|body| body.orders.force_named) {
            caller.require(Scope::ResetForce)?;
        }
        let body = read.map_err(refused)?;
        check_roles(caller, &Object::new(), &body.profile)?;
        let plan = self.creation(caller, body).await?;
        let id = plan.write.user();
        match self.carry_out(caller, plan).await? {
            Done::True(after) => self.answer(Reach::All, caller, id, after, view).await,
            Done::ResetEnded | Done::Overtaken => Err(busy()),
        }
    }

    async fn creation(&self, caller: &Caller, body: UserBody) -> Result<Plan, Failure> {
        let UserBody { mut profile, orders } = body;
        profile.entry("active").or_insert(true.into());
        let mut change = self.with_orders(caller, AccountChange::creation(&profile), &orders, &profile).await?;
        change.locked = orders.account_locked.filter(|locked| *locked && !orders.force);
        let recipient = profile::address(&profile);
        let user = self.new_user(caller, profile, &change);
        Ok(Plan { id: self.new_intent(), kind: IntentKind::Create, tenant: caller.tenant, write: Write::Insert(user), change, recipient, previous: None })
    }

    fn new_user(&self, caller: &Caller, profile: Object, change: &AccountChange) -> User {
        let now = self.clock.now();
        let account = Account::new(profile::is_active(&profile)).after(change);
        User {
            id: UserId::new(now, self.random.as_ref()),
            tenant: caller.tenant,
            profile,
            version: 1,
            created: now,
            modified: now,
            account,
            groups: Vec::new(),
        }
    }
}
