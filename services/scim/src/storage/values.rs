//! The elements of users' multi-valued attributes, as rows of their own.

use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, InsertStatement, Query},
};
use uuid::Uuid;

use super::columns::{Element, NewElements};

const COLUMNS: [&str; 8] = ["tenant_id", "user_id", "attribute", "position", "value", "kind", "display", "is_primary"];
/// Rows for one statement: `SQLite` binds 32,766 values at most.
pub(super) const AT_ONCE: usize = 2_000;

/// The elements of a new user.
pub(super) async fn insert(connection: &impl ConnectionTrait, tenant: Uuid, user: Uuid, elements: &[Element]) -> Result<(), DbErr> {
    for some in elements.chunks(AT_ONCE) {
        connection.execute(&insertion(tenant, user, some)).await?;
    }
    Ok(())
}

/// One statement for some elements.
pub(super) fn insertion(tenant: Uuid, user: Uuid, elements: &[Element]) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table("user_values").columns(COLUMNS);
    for element in elements {
        insert.values_panic(row(tenant, user, element));
    }
    insert
}

fn row(tenant: Uuid, user: Uuid, element: &Element) -> [Expr; 8] {
    let Element { attribute, position, value, kind, display, is_primary } = element.clone();
    [tenant.into(), user.into(), attribute.into(), position.into(), value.into(), kind.into(), display.into(), is_primary.into()]
}

/// The elements of a changed user.
pub(super) async fn rewrite(connection: &impl ConnectionTrait, tenant: Uuid, user: Uuid, new: &NewElements) -> Result<(), DbErr> {
    if new.replace {
        delete(connection, user).await?;
    }
    insert(connection, tenant, user, &new.elements).await
}

/// A user's elements go with it.
pub(super) async fn delete(connection: &impl ConnectionTrait, user: Uuid) -> Result<(), DbErr> {
    connection.execute(Query::delete().from_table("user_values").and_where(Expr::col("user_id").eq(user))).await.map(drop)
}

/// No user of the tenant has any.
pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: Uuid) -> Result<(), DbErr> {
    connection.execute(Query::delete().from_table("user_values").and_where(Expr::col("tenant_id").eq(tenant))).await.map(drop)
}
