//! Pages of resources, filtered and sorted.

mod listed;
mod order;
mod scan;
mod sql;

pub(super) use listed::Listed;

use rekey_kernel::{Failure, TenantId};
use rekey_runtime::database::{self, Database};
use sea_orm::{ConnectionTrait, sea_query::Expr};

use super::filter::{Narrowed, Reach, narrowed};
use crate::domain::{Page, Query};
use order::Order;
use sql::{Rows, Select};

/// A page. Whoever wants many rows looked at waits for his turn: those who look something up must find a connection.
pub(super) async fn page<T: Listed>(database: &Database, tenant: TenantId, query: &Query) -> Result<Page<T>, Failure> {
    let of = T::resource_type();
    let Narrowed { condition, exact, reach } = narrowed(query.filter.as_ref(), of, T::TABLE, tenant.as_uuid(), database.reader().get_database_backend());
    let Some(condition) = condition else { return Ok(Page { items: Vec::new(), total: 0, places: Vec::new(), end: None, more: false }) };
    let plan = Plan { condition, order: Order::of(of, query.sort.as_ref()).filter(|_| exact), reach };
    if plan.is_shortest(query) {
        return plan.carry_out(database.quick(), tenant, query).await;
    }
    if plan.is_short(query) {
        return plan.carry_out(database.reader(), tenant, query).await;
    }
    let scan = database.scan().await?;
    plan.carry_out(scan.connection(), tenant, query).await
}

/// How to get a page.
struct Plan {
    /// What all resources fulfil that may belong to it.
    condition: Expr,
    /// `None`: SQL alone cannot decide which resources belong to it, or not in which order. Each that may has to be looked at.
    order: Option<Order>,
    reach: Reach,
}

impl Plan {
    /// Does an index make short work of it?
    fn is_short(&self, query: &Query) -> bool {
        match (self.reach, &self.order) {
            (Reach::Few, _) | (Reach::Found, Some(_)) => true,
            (Reach::All, Some(order)) => query.filter.is_none() && order.indexed,
            (Reach::Found | Reach::LeftOfFound | Reach::All, _) => false,
        }
    }

    /// Does an index find so few rows that looking at them is nothing?
    fn is_shortest(&self, query: &Query) -> bool {
        self.reach == Reach::Few && self.order.is_some() && query.limit <= sql::CHUNK
    }

    async fn carry_out<T: Listed>(self, connection: &impl database::Rows, tenant: TenantId, query: &Query) -> Result<Page<T>, Failure> {
        let (condition, reach) = (&self.condition, self.reach);
        let rows = match self.order {
            Some(order) => sql::page::<T>(connection, &Select { condition, reach, order, complete: query.groups }, query).await?,
            None => scan::page::<T>(connection, tenant, condition, reach, query).await?,
        };
        whole(connection, tenant, rows).await
    }
}

async fn whole<T: Listed>(connection: &impl ConnectionTrait, tenant: TenantId, rows: Rows<T>) -> Result<Page<T>, Failure> {
    let Rows { found, total, end, more } = rows;
    let incomplete = found.iter().any(|row| row.incomplete);
    let (mut items, places): (Vec<_>, Vec<_>) = found.into_iter().map(|row| (row.item, row.place)).unzip();
    if incomplete {
        T::complete(connection, tenant, &mut items).await?;
    }
    Ok(Page { items, total, places, end, more })
}

/// A page for which each resource is looked at, and something that happens before those on it are fetched.
#[cfg(test)]
pub(super) async fn disturbed<T: Listed>(
    database: &Database,
    tenant: TenantId,
    query: &Query,
    meanwhile: impl Future<Output = ()>,
) -> Result<Page<T>, Failure> {
    let connection = database.reader();
    let Narrowed { condition, reach, .. } = narrowed(query.filter.as_ref(), T::resource_type(), T::TABLE, tenant.as_uuid(), connection.get_database_backend());
    let condition = condition.unwrap_or_else(|| Expr::value(true));
    let kept = scan::look_at_all::<T>(connection, tenant, &condition, reach, query).await?;
    meanwhile.await;
    whole(connection, tenant, kept.page(connection, &condition).await?).await
}

/// The statement of the first page, for those who want to see its plan.
#[cfg(test)]
pub(super) fn statement<T: Listed>(tenant: TenantId, query: &Query, on: sea_orm::DbBackend) -> Option<sea_orm::Statement> {
    let narrowed = narrowed(query.filter.as_ref(), T::resource_type(), T::TABLE, tenant.as_uuid(), on);
    let order = Order::of(T::resource_type(), query.sort.as_ref()).unwrap_or(Order::by_id());
    let select = Select { condition: &narrowed.condition?, reach: narrowed.reach, order, complete: query.groups };
    Some(select.statement::<T>(on, None, query.limit + 1, 0))
}
