//! The list of resets, for administrators.

use data_encoding::BASE64URL_NOPAD;
use rekey_kernel::{Caller, Failure, ResetId, Scope, TenantId, Timestamp, UserId};

use super::{Core, failures::no_such_reset};
use crate::{
    domain::{Reset, StateName},
    ports::{Cursor, ResetQuery},
};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// Which resets are wanted.
#[derive(Clone, Debug)]
pub struct List {
    /// The tenant.
    pub tenant: TenantId,
    /// Of this user only.
    pub user: Option<UserId>,
    /// In this state only.
    pub state: Option<StateName>,
    /// 0: 100; at most 1000.
    pub limit: u32,
    /// `next` of the page before; empty for the first page.
    pub cursor: String,
}

/// A page of resets, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// Each as it stands by the clock, with its user's login name.
    pub resets: Vec<(Reset, String)>,
    /// Empty on the last page.
    pub next: String,
}

impl Core {
    /// A page of resets.
    ///
    /// # Errors
    /// `Forbidden` without the scope, `NotFound` in another tenant, `Invalid` for a cursor that is not ours.
    #[tracing::instrument(name = "authentication.reset.list", skip_all, fields(tenant.id = %list.tenant))]
    pub async fn list(&self, caller: &Caller, list: &List) -> Result<Page, Failure> {
        caller.within(list.tenant)?;
        caller.require(Scope::ResetView)?;
        let limit = if list.limit == 0 { DEFAULT_LIMIT } else { list.limit.min(MAX_LIMIT) };
        let now = self.now();
        let query = ResetQuery { tenant: list.tenant, user: list.user, state: list.state, after: read_cursor(&list.cursor)?, limit: u64::from(limit) + 1, now };
        let rows = self.deps.store.list_resets(query).await?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        let resets: Vec<_> = rows.into_iter().take(size).map(|(reset, name)| (reset.at(now), name)).collect();
        let next = resets.last().filter(|_| has_more).map(|(reset, _)| write_cursor(reset)).unwrap_or_default();
        Ok(Page { resets, next })
    }

    /// One reset with its user's login name.
    ///
    /// # Errors
    /// `Forbidden` without the scope, `NotFound`.
    #[tracing::instrument(name = "authentication.reset.get", skip_all, fields(tenant.id = %tenant, reset.id = %id))]
    pub async fn get(&self, caller: &Caller, tenant: TenantId, id: ResetId) -> Result<(Reset, String), Failure> {
        caller.within(tenant)?;
        caller.require(Scope::ResetView)?;
        let reset = self.deps.store.reset(tenant, id).await?.ok_or_else(no_such_reset)?.at(self.now());
        let name = self.deps.store.account(tenant, reset.user).await?.map(|account| account.login_name).unwrap_or_default();
        Ok((reset, name))
    }
}

fn write_cursor(reset: &Reset) -> String {
    let mut bytes = reset.created_at.as_micros().to_be_bytes().to_vec();
    bytes.extend_from_slice(reset.id.as_uuid().as_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}

fn read_cursor(text: &str) -> Result<Option<Cursor>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (created_at, id) = bytes.split_first_chunk::<8>()?;
        let id = uuid::Uuid::from_slice(id).ok()?;
        Some(Cursor { created_at: Timestamp::from_micros(i64::from_be_bytes(*created_at)), id: ResetId::from_uuid(id) })
    };
    read().map(Some).ok_or_else(|| Failure::invalid("invalid_cursor", "this is not a cursor of this list: use `next` of the page before"))
}
