//! The use cases, one file per verb family. Each checks the caller's scopes first.

mod change;
mod create;
mod delete;
mod edit;
mod intents;
mod order;
mod patch;
mod read;
mod reconcile;
mod replace;
mod resend;

pub use intents::Recipient;
pub use read::Window;
pub use reconcile::Reconciler;

use rekey_kernel::{Caller, Clock, Failure, Random, Secret, TenantId, UserId};
use rekey_scim_protocol::{Object, Projection};
use std::{fmt, str::FromStr, sync::Arc};
use tokio::sync::Notify;
use tracing::field::DisplayValue;

use crate::{
    domain::{Live, LiveReset, User, etag, render},
    ports::{Accounts, Settings, Store},
};

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
    /// Which attributes.
    pub projection: Projection,
}

/// A user as it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its id.
    pub id: UserId,
    /// Its entity tag.
    pub version: String,
    /// Its URL.
    pub location: String,
    /// The document.
    pub json: Object,
}

/// How often a change is tried anew when another one was quicker.
const ATTEMPTS: usize = 16;

impl Users {
    async fn load(&self, tenant: TenantId, user: UserId) -> Result<User, Failure> {
        self.store.find(tenant, user).await?.ok_or_else(no_such_user)
    }

    /// The user with the account as it is at this moment, and the reset in its way. When authentication cannot be asked, the
    /// projection has to do.
    async fn refreshed(&self, user: User) -> Result<(User, Option<LiveReset>), Failure> {
        if user.account.state == crate::domain::account::UNLOCKED {
            return Ok((user, None));
        }
        match self.accounts.states(user.tenant, &[user.id]).await {
            Ok(states) => match states.into_iter().next() {
                Some(live) => self.with_live(user, live).await,
                None => Ok((user, None)),
            },
            Err(failure) => {
                tracing::warn!(user.id = %user.id, %failure, "the account's state could not be read; the projection is shown");
                Ok((user, None))
            }
        }
    }

    /// The projection follows a newer state. An equal revision tells of no more than we know: a committed change is on its way.
    async fn with_live(&self, user: User, live: Live) -> Result<(User, Option<LiveReset>), Failure> {
        let newer = live.account.revision > user.account.revision;
        let user = if newer { self.store.project(user.tenant, user.id, &live.account, self.clock.now()).await?.ok_or_else(no_such_user)? } else { user };
        Ok((user, live.reset))
    }

    /// The offline code, when it is asked for and the caller may read it.
    async fn offline_code(&self, caller: &Caller, user: &User, view: &View) -> Result<Option<Secret>, Failure> {
        let asked = view.projection.requests(rekey_scim_protocol::urn::WSO2, "oneTimePassword");
        if !asked || !user.account.is_pending_reset() || caller.require(rekey_kernel::Scope::OfflineCodeView).is_err() {
            return Ok(None);
        }
        self.accounts.offline_code(caller, user.id).await
    }

    /// The answer to a change that is done: failing to read more than the user itself must not hide that.
    async fn answer(&self, caller: &Caller, id: UserId, live: Option<Live>, view: &View) -> Result<Resource, Failure> {
        let user = self.load(caller.tenant, id).await?;
        let (user, reset) = match live {
            Some(live) => (user, live.reset),
            None => self.refreshed(user).await?,
        };
        let code = self.offline_code(caller, &user, view).await.unwrap_or_default();
        Ok(rendered(&user, reset.as_ref(), code.as_ref(), view))
    }
}

fn rendered(user: &User, reset: Option<&LiveReset>, code: Option<&Secret>, view: &View) -> Resource {
    Resource {
        id: user.id,
        version: etag::tag(user.version),
        location: render::location(&view.base, user),
        json: view.projection.apply(render::resource(user, reset, code, &view.base)),
    }
}

/// An id that a client sent, for traces. What is none is not repeated.
fn told<I: FromStr + fmt::Display>(text: &str) -> Option<DisplayValue<I>> {
    text.parse().ok().map(tracing::field::display)
}

/// An id that is no id names nothing.
fn user_id(text: &str) -> Result<UserId, Failure> {
    text.parse().map_err(|_| no_such_user())
}

fn no_such_user() -> Failure {
    Failure::not_found("there is no user with this id")
}

/// Others were quicker each time.
fn busy() -> Failure {
    Failure::unavailable("the user is being changed by others at the same time; ask again")
}
