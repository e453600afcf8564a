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
#[cfg(test)]
use crate::domain::Part;
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

    /// Have rows that an index finds to be sorted? A few have not, by id: the index that finds them has them in that order too, and `SQLite`
    /// sees that unless the filter looks at ids itself.
    fn sorts<T: Listed>(&self, query: &Query) -> bool {
        let comes_in_order = self.reach == Reach::Few && self.order.as_ref().is_some_and(Order::is_by_id) && !listed::looks_at(query, T::resource_type(), "id");
        self.reach.is_indexed() && !comes_in_order
    }

    async fn carry_out<T: Listed>(self, connection: &impl database::Rows, tenant: TenantId, query: &Query) -> Result<Page<T>, Failure> {
        let (condition, indexed, sorts) = (&self.condition, self.reach.is_indexed(), self.sorts::<T>(query));
        let rows = match self.order {
            Some(order) => sql::page::<T>(connection, &Select { condition, sorts, order, complete: query.groups }, query).await?,
            None => scan::page::<T>(connection, tenant, condition, indexed, query).await?,
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
    let kept = scan::look_at_all::<T>(connection, tenant, &condition, reach.is_indexed(), query).await?;
    meanwhile.await;
    whole(connection, tenant, kept.page(connection, &condition).await?).await
}

/// The statement of a page's first rows, for those who want to see its plan.
#[cfg(test)]
pub(super) fn statement<T: Listed>(tenant: TenantId, query: &Query, on: sea_orm::DbBackend) -> Option<sea_orm::Statement> {
    let Narrowed { condition, reach, .. } = narrowed(query.filter.as_ref(), T::resource_type(), T::TABLE, tenant.as_uuid(), on);
    let order = Order::of(T::resource_type(), query.sort.as_ref()).unwrap_or(Order::by_id());
    let plan = Plan { condition: condition?, order: Some(order), reach };
    let sorts = plan.sorts::<T>(query);
    let select = Select { condition: &plan.condition, sorts, order: plan.order?, complete: query.groups };
    let behind = if let Part::After(place) = &query.part { select.order.behind(place.as_ref()).into_iter().next()? } else { None };
    Some(select.statement::<T>(on, behind, query.limit + 1, 0))
}
