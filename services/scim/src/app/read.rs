//! GET: one user, oneself, and lists.

use rekey_kernel::{Caller, Failure, Scope, UserId};
use rekey_scim_protocol::{Object, discovery::MAX_RESULTS, urn};
use serde_json::{Value, json};

use super::{Resource, Users, View, no_such_user, rendered, told, user_id};
use crate::domain::Lookup;

/// How many users stand on a page when the client does not say.
const PAGE: u64 = 100;
/// At most about so many bytes on a page: a message between services has at most four million.
const PAGE_BYTES: usize = 3_000_000;

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    /// 1-based; below 1 means 1.
    pub start_index: Option<i64>,
    /// Below 0 means 0.
    pub count: Option<i64>,
}

impl Window {
    fn start(self) -> u64 {
        self.start_index.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1)
    }

    fn limit(self) -> u64 {
        self.count.map_or(PAGE, |count| u64::try_from(count).unwrap_or(0)).min(MAX_RESULTS)
    }
}

impl Users {
    /// One user, with the account as it is at this moment.
    ///
    /// # Errors
    /// 403, 404.
    #[tracing::instrument(name = "scim.user.get", skip_all, fields(tenant.id = %caller.tenant, user.id = told::<UserId>(id)))]
    pub async fn get(&self, caller: &Caller, id: &str, view: &View) -> Result<Resource, Failure> {
        caller.require(Scope::UserView)?;
        let (user, reset) = self.refreshed(self.load(caller.tenant, user_id(id)?).await?).await?;
        let code = self.offline_code(caller, &user, view).await?;
        Ok(rendered(&user, reset.as_ref(), code.as_ref(), view))
    }

    /// The caller's own user. It needs no scope, and never shows a code.
    ///
    /// # Errors
    /// 404 when the caller is no user.
    #[tracing::instrument(name = "scim.user.me", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn me(&self, caller: &Caller, view: &View) -> Result<Resource, Failure> {
        let id = caller.user.ok_or_else(no_such_user)?;
        let (user, reset) = self.refreshed(self.load(caller.tenant, id).await?).await?;
        Ok(rendered(&user, reset.as_ref(), None, view))
    }

    /// A page of users, as a whole `ListResponse`.
    ///
    /// # Errors
    /// 400 `invalidFilter`, 403.
    #[tracing::instrument(name = "scim.user.list", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn list(&self, caller: &Caller, filter: &str, window: Window, view: &View) -> Result<Object, Failure> {
        caller.require(Scope::UserView)?;
        let lookup = Lookup::parse(filter)?;
        let page = self.store.page(caller.tenant, &lookup, window.start() - 1, window.limit()).await?;
        let shown = fitting(page.users.iter().map(|user| Value::Object(rendered(user, None, None, view).json)));
        let list = json!({
            "schemas": [urn::LIST_RESPONSE],
            "totalResults": page.total,
            "startIndex": window.start(),
            "itemsPerPage": shown.len(),
            "Resources": shown,
        });
        Ok(list.as_object().cloned().unwrap_or_default())
    }
}

/// As many as fit on a page (RFC 7644 §3.4.2.4 lets a page be shorter than asked for), but at least one.
fn fitting(users: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut bytes = 0;
    let fits = |user: &Value| {
        let first = bytes == 0;
        bytes += user.to_string().len();
        first || bytes <= PAGE_BYTES
    };
    users.take_while(fits).collect()
}
