//! Fills what is new from the profiles that are there, some at a time.

use rekey_scim_protocol::Object;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm_migration::prelude::{Expr, ExprTrait, Query};
use uuid::Uuid;

use super::{
    super::{columns, row::user, values},
    ACTIVE, TEXTS,
};

/// How many profiles are held at a time.
const BATCH: u64 = 1_000;

pub(super) async fn all(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut after = None;
    loop {
        let users = batch(connection, after).await?;
        let Some((last, ..)) = users.last() else { return Ok(()) };
        after = Some(*last);
        for (id, tenant, profile) in users {
            fill(connection, id, tenant, &profile).await?;
        }
    }
}

async fn batch(connection: &impl ConnectionTrait, after: Option<Uuid>) -> Result<Vec<(Uuid, Uuid, String)>, DbErr> {
    use user::Column as C;
    let mut query = user::Entity::find().select_only().column(C::Id).column(C::TenantId).column(C::Profile).order_by_asc(C::Id).limit(BATCH);
    if let Some(after) = after {
        query = query.filter(C::Id.gt(after));
    }
    query.into_tuple().all(connection).await
}

async fn fill(connection: &impl ConnectionTrait, id: Uuid, tenant: Uuid, profile: &str) -> Result<(), DbErr> {
    let profile: Object = serde_json::from_str(profile).map_err(|error| DbErr::Custom(format!("the profile of user {id} cannot be read: {error}")))?;
    let mut update = Query::update();
    update.table("users").and_where(Expr::col("id").eq(id));
    for (column, value) in columns::of_user(&profile) {
        if column == ACTIVE || TEXTS.contains(&column) {
            update.value(column, value);
        }
    }
    connection.execute(&update).await?;
    values::insert(connection, tenant, id, &columns::elements(&profile)).await
}
