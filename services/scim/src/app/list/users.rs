//! Lists of users.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, Scope, UserId};
use rekey_scim_protocol::{
    Projection, json,
    schema::{RESET, ResourceType, USERS, WSO2},
    urn,
};
use std::collections::HashMap;

use super::{Leaf, Listed, Listing, Shelf, View, list, page::Sheet, search::one_type};
use crate::{
    app::{Users, check_fits},
    domain::{
        Live, LiveReset, Query, User,
        account::UNLOCKED,
        render::{self, Shown},
    },
};

impl Users {
    /// A page of users. Each is shown as reading it alone would show it, without the offline code.
    ///
    /// # Errors
    /// 400 `invalidFilter`, `invalidValue`, `invalidCursor`, and `tooMany` for a user with more groups than an answer can hold; 403, 503.
    #[tracing::instrument(name = "scim.user.list", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn list(&self, caller: &Caller, listing: &Listing, view: &View) -> Result<Listed, Failure> {
        caller.require(Scope::UserView)?;
        list(caller, &[one_type(self, listing)?], listing, view).await
    }

    /// Each user with the reset in its way, by one question for the whole page; `None` stands for one that was deleted meanwhile. When
    /// authentication is away the projection has to do.
    async fn with_resets(&self, caller: &Caller, users: Vec<User>, projection: &Projection) -> Result<Vec<Option<(User, Option<LiveReset>)>>, Failure> {
        let asked: Vec<_> = users.iter().filter(|user| user.account.state != UNLOCKED).map(|user| user.id).collect();
        if asked.is_empty() || !shows_account(projection) {
            return Ok(users.into_iter().map(|user| Some((user, None))).collect());
        }
        let mut live = self.live(caller, &asked).await;
        let mut found = Vec::with_capacity(users.len());
        for user in users {
            found.push(match live.remove(&user.id) {
                Some(live) => self.with_live(user, live).await?,
                None => Some((user, None)),
            });
        }
        Ok(found)
    }

    /// Puts as many as fit; how many that were.
    async fn put_all(&self, caller: &Caller, users: Vec<User>, projection: &Projection, view: &View, sheet: &mut Sheet) -> Result<usize, Failure> {
        let groups = projection.shows(urn::USER, "groups");
        let mut taken = 0;
        for found in self.with_resets(caller, users, projection).await? {
            if let Some((user, reset)) = found {
                if let Err(too_many) = check_fits(&user, view) {
                    return if sheet.close() { Ok(taken) } else { Err(too_many) };
                }
                let shown = render::user(user, Shown { groups, reset: reset.as_ref(), code: None, base: &view.base });
                if !sheet.take(json::text(&projection.apply(shown.json))) {
                    return Ok(taken);
                }
            }
            taken += 1;
        }
        Ok(taken)
    }

    async fn live(&self, caller: &Caller, users: &[UserId]) -> HashMap<UserId, Live> {
        let states = self.accounts.states(caller.tenant, users).await.unwrap_or_else(|failure| {
            tracing::warn!(users = users.len(), %failure, "the accounts' states could not be read; the projections are shown");
            Vec::new()
        });
        states.into_iter().map(|live| (live.user, live)).collect()
    }
}

/// Is anything shown that authentication has a say in?
fn shows_account(projection: &Projection) -> bool {
    [&WSO2, &RESET].into_iter().any(|schema| schema.attributes.iter().any(|attribute| projection.shows(schema.id, attribute.name)))
}

#[async_trait]
impl Shelf for Users {
    fn kind(&self) -> &'static ResourceType {
        &USERS
    }

    async fn put(&self, caller: &Caller, query: Query, view: &View, sheet: &mut Sheet) -> Result<Leaf, Failure> {
        let projection = view.projection(&USERS);
        let groups = projection.shows(urn::USER, "groups");
        let mut page = self.store.page(caller.tenant, &Query { groups, ..query }).await?;
        let taken = self.put_all(caller, std::mem::take(&mut page.items), &projection, view, sheet).await?;
        Ok(Leaf::of(page, taken))
    }
}
