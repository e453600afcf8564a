//! The elements of users' multi-valued attributes, as rows of their own.

use rekey_scim_protocol::Object;
use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::columns::{Element, elements};

const COLUMNS: [&str; 8] = ["tenant_id", "user_id", "attribute", "position", "value", "kind", "display", "is_primary"];
/// Rows for one statement: `SQLite` binds 32,766 values at most.
const AT_ONCE: usize = 2_000;

/// The elements of a new user.
pub(super) async fn insert(connection: &impl ConnectionTrait, tenant: Uuid, user: Uuid, elements: &[Element]) -> Result<(), DbErr> {
    for some in elements.chunks(AT_ONCE) {
        let mut insert = Query::insert();
        insert.into_table("user_values").columns(COLUMNS);
        for element in some {
            insert.values_panic(row(tenant, user, element));
        }
        connection.execute(&insert).await?;
    }
    Ok(())
}

fn row(tenant: Uuid, user: Uuid, element: &Element) -> [Expr; 8] {
    let Element { attribute, position, value, kind, display, is_primary } = element.clone();
    [tenant.into(), user.into(), attribute.into(), position.into(), value.into(), kind.into(), display.into(), is_primary.into()]
}

/// The elements of a changed user, if they are other ones than before.
pub(super) async fn rewrite(connection: &impl ConnectionTrait, tenant: Uuid, user: Uuid, before: &Object, after: &Object) -> Result<(), DbErr> {
    let (before, after) = (elements(before), elements(after));
    if before == after {
        return Ok(());
    }
    if !before.is_empty() {
        delete(connection, user).await?;
    }
    insert(connection, tenant, user, &after).await
}

/// A user's elements go with it.
pub(super) async fn delete(connection: &impl ConnectionTrait, user: Uuid) -> Result<(), DbErr> {
    connection.execute(Query::delete().from_table("user_values").and_where(Expr::col("user_id").eq(user))).await.map(drop)
}

/// No user of the tenant has any.
pub(super) async fn purge(connection: &impl ConnectionTrait, tenant: Uuid) -> Result<(), DbErr> {
    connection.execute(Query::delete().from_table("user_values").and_where(Expr::col("tenant_id").eq(tenant))).await.map(drop)
}
