//! Pages of resources, filtered and sorted.

mod listed;
mod order;
mod scan;
mod sql;

pub(super) use listed::Listed;

use rekey_kernel::{Failure, TenantId};
use sea_orm::ConnectionTrait;

use super::filter::narrowed;
use crate::domain::{Page, Query};
use order::Order;
use sql::{Rows, Select};

/// A page: by SQL alone where it can decide which resources belong to it and in which order, else by looking at each that may.
pub(super) async fn page<T: Listed>(connection: &impl ConnectionTrait, tenant: TenantId, query: &Query) -> Result<Page<T>, Failure> {
    let of = T::resource_type();
    let narrowed = narrowed(query.filter.as_ref(), of, T::TABLE, tenant.as_uuid(), connection.get_database_backend());
    let Some(condition) = narrowed.condition else { return Ok(Page { items: Vec::new(), total: 0, places: Vec::new(), more: false }) };
    let rows = match Order::of(of, query.sort.as_ref()) {
        Some(order) if narrowed.exact => {
            sql::page::<T>(connection, &Select { condition: &condition, indexed: narrowed.indexed, order, complete: query.groups }, query).await?
        }
        _ => scan::page::<T>(connection, tenant, &condition, narrowed.indexed, query).await?,
    };
    whole(connection, tenant, rows).await
}

async fn whole<T: Listed>(connection: &impl ConnectionTrait, tenant: TenantId, rows: Rows<T>) -> Result<Page<T>, Failure> {
    let Rows { found, total, more } = rows;
    let incomplete = found.iter().any(|row| row.incomplete);
    let (mut items, places): (Vec<_>, Vec<_>) = found.into_iter().map(|row| (row.item, row.place)).unzip();
    if incomplete {
        T::complete(connection, tenant, &mut items).await?;
    }
    Ok(Page { items, total, places, more })
}

/// The statement of the first page, for those who want to see its plan.
#[cfg(test)]
pub(super) fn statement<T: Listed>(tenant: TenantId, query: &Query, on: sea_orm::DbBackend) -> Option<sea_orm::Statement> {
    let narrowed = narrowed(query.filter.as_ref(), T::resource_type(), T::TABLE, tenant.as_uuid(), on);
    let order = Order::of(T::resource_type(), query.sort.as_ref()).unwrap_or(Order::by_id());
    let select = Select { condition: &narrowed.condition?, indexed: narrowed.indexed, order, complete: query.groups };
    Some(select.statement::<T>(on, None, query.limit + 1, 0))
}
