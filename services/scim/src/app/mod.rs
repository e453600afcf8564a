//! The use cases, one file per verb family. Each checks the caller's scopes first.

mod attempts;
mod bulk;
mod change;
mod create;
mod delete;
mod detached;
mod edit;
mod fits;
mod groups;
mod intents;
mod list;
mod me;
mod order;
mod patch;
mod read;
mod reconcile;
mod replace;
mod resend;

pub use bulk::Bulk;
pub use detached::to_the_end;
pub use groups::Groups;
pub use intents::Recipient;
pub use list::{Listed, Listing, Search};
pub use reconcile::Reconciler;

use rekey_kernel::{Caller, Clock, Failure, Random, Secret, TenantId, UserId};
use rekey_scim_protocol::{
    Object, Orders, Projection,
    schema::{ResourceType, USERS},
    urn,
};
use std::{fmt, str::FromStr, sync::Arc};
use tokio::sync::Notify;
use tracing::field::DisplayValue;
use uuid::Uuid;

use crate::{
    domain::{
        Live, LiveReset, User,
        account::UNLOCKED,
        members,
        render::{self, Rendered, Shown},
    },
    ports::{Accounts, Settings, Store},
};
use attempts::{ATTEMPTS, busy, pause};
use change::After;
use edit::Reach;
use fits::{LISTED_BYTES, check_fits, check_shown};

/// Everything that is done with users.
pub struct Users {
    /// Users and intents.
    pub store: Arc<dyn Store>,
    /// Their accounts.
    pub accounts: Arc<dyn Accounts>,
    /// The tenants' options.
    pub settings: Arc<dyn Settings>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub random: Arc<dyn Random>,
    /// Wakes the relay when there is something to announce.
    pub wake_relay: Arc<Notify>,
}

/// How an answer is to be written.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The absolute URL of `/scim2` as the client sees it.
    pub base: String,
    /// `attributes`: these alone; empty: all.
    pub attributes: Vec<String>,
    /// `excludedAttributes`: all but these.
    pub excluded: Vec<String>,
}

impl View {
    /// What of resources of this type is shown.
    fn projection(&self, of: &'static ResourceType) -> Projection {
        Projection::new(of, &self.attributes, &self.excluded)
    }
}

/// A user or group as it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its id.
    pub id: Uuid,
    /// Its entity tag.
    pub version: String,
    /// Its URL.
    pub location: String,
    /// The document; empty where nothing is to be shown.
    pub json: Object,
}

impl Users {
    async fn load(&self, tenant: TenantId, user: UserId) -> Result<User, Failure> {
        self.store.find(tenant, user).await?.ok_or_else(no_such_user)
    }

    /// The user with the account as it is at this moment, and the reset in its way. When authentication cannot be asked, the
    /// projection has to do.
    async fn refreshed(&self, user: User) -> Result<(User, Option<LiveReset>), Failure> {
        match self.states(&user).await {
            Ok(states) => self.with_states(user, states).await,
            Err(failure) => {
                tracing::warn!(user.id = %user.id, %failure, "the account's state could not be read; the projection is shown");
                Ok((user, None))
            }
        }
    }

    /// The user as far as the orders look at its account. What a GET has shown is told from what is meant by the reset that it has shown:
    /// there the projection does not do.
    async fn as_orders_need(&self, user: User, orders: &Orders) -> Result<(User, Option<LiveReset>), Failure> {
        if orders.may_echo() {
            let states = self.states(&user).await?;
            return self.with_states(user, states).await;
        }
        if orders.account_locked.is_some() { self.refreshed(user).await } else { Ok((user, None)) }
    }

    /// What authentication says of the account; nothing of one that has nothing to be told.
    async fn states(&self, user: &User) -> Result<Vec<Live>, Failure> {
        if user.account.state == UNLOCKED { Ok(Vec::new()) } else { self.accounts.states(user.tenant, &[user.id]).await }
    }

    async fn with_states(&self, user: User, states: Vec<Live>) -> Result<(User, Option<LiveReset>), Failure> {
        match states.into_iter().next() {
            Some(live) => self.with_live(user, live).await?.ok_or_else(no_such_user),
            None => Ok((user, None)),
        }
    }

    /// The projection follows a newer state; `None` when the user was deleted meanwhile. An equal revision tells of no more than we know: a
    /// committed change is on its way.
    async fn with_live(&self, user: User, live: Live) -> Result<Option<(User, Option<LiveReset>)>, Failure> {
        if live.account.revision <= user.account.revision {
            return Ok(Some((user, live.reset)));
        }
        let projected = self.store.project(user.tenant, user.id, &live.account, self.clock.now()).await?;
        Ok(projected.map(|projected| (User { groups: user.groups, ..projected }, live.reset)))
    }

    /// The offline code, when it is asked for and the caller may read it.
    async fn offline_code(&self, caller: &Caller, user: &User, view: &View) -> Result<Option<Secret>, Failure> {
        let asked = view.projection(&USERS).requests(urn::WSO2, "oneTimePassword");
        if !asked || !user.account.is_pending_reset() || caller.require(rekey_kernel::Scope::OfflineCodeView).is_err() {
            return Ok(None);
        }
        self.accounts.offline_code(caller, user.id).await
    }

    /// The answer to a change of the account that is done.
    async fn answer(&self, reach: Reach, caller: &Caller, id: UserId, after: After, view: &View) -> Result<Resource, Failure> {
        let user = match after.user {
            Some(user) => *user,
            None => self.load(caller.tenant, id).await?,
        };
        let (user, reset) = match after.live {
            Some(live) => (user, live.reset),
            None => self.refreshed(user).await?,
        };
        Ok(self.with_code(reach, caller, user, reset.as_ref(), view).await)
    }

    /// The answer to a change of the profile that is done.
    async fn answer_with(&self, reach: Reach, caller: &Caller, user: User, view: &View) -> Result<Resource, Failure> {
        let (user, reset) = self.refreshed(user).await?;
        Ok(self.with_code(reach, caller, user, reset.as_ref(), view).await)
    }

    /// Failing to read the code must not hide that the change is done.
    async fn with_code(&self, reach: Reach, caller: &Caller, user: User, reset: Option<&LiveReset>, view: &View) -> Resource {
        let code = if reach == Reach::All { self.offline_code(caller, &user, view).await.unwrap_or_default() } else { None };
        rendered(user, reset, code.as_ref(), view)
    }
}

/// The user as it is answered. To a change, which is done, groups that are too many to be shown are left out.
fn rendered(user: User, reset: Option<&LiveReset>, code: Option<&Secret>, view: &View) -> Resource {
    let projection = view.projection(&USERS);
    let groups = projection.shows(urn::USER, "groups") && check_fits(&user, view).is_ok();
    let shown = Shown { groups, reset, code, base: &view.base };
    resource(user.id.as_uuid(), render::user(user, shown), &projection)
}

fn resource(id: Uuid, rendered: Rendered, projection: &Projection) -> Resource {
    let Rendered { json, version, location } = rendered;
    Resource { id, version, location, json: projection.apply(json) }
}

/// An id that a client sent, for traces. What is none is not repeated.
fn told<I: FromStr + fmt::Display>(text: &str) -> Option<DisplayValue<I>> {
    text.parse().ok().map(tracing::field::display)
}

/// An id that is no id, or is written otherwise than we write it, names nothing: `id` is caseExact (RFC 7643 §3.1).
fn user_id(text: &str) -> Result<UserId, Failure> {
    members::parse(text).map(UserId::from_uuid).ok_or_else(no_such_user)
}

fn no_such_user() -> Failure {
    Failure::not_found("there is no user with this id")
}
