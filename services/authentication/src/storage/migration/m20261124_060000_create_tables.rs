//! The first tables.

use sea_orm::{ConditionalStatement, DbErr, ExprTrait, sea_query::Expr};
use sea_orm_migration::{
    MigrationTrait, SchemaManager, async_trait,
    prelude::{ColumnDef, DeriveMigrationName, Index, Table},
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        resets(manager).await?;
        sessions(manager).await?;
        preparations(manager).await?;
        audit(manager).await
    }
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn small(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().to_owned()
}

fn maybe(mut column: ColumnDef) -> ColumnDef {
    column.null().to_owned()
}

fn key(mut column: ColumnDef) -> ColumnDef {
    column.primary_key().to_owned()
}

async fn table(manager: &SchemaManager<'_>, name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    manager.create_table(table).await
}

async fn index(manager: &SchemaManager<'_>, name: &'static str, on: &'static str, columns: &[&'static str], unique: bool) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(on);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    manager.create_index(index).await
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        key(uuid("id")),
        uuid("tenant"),
        text("login_name"),
        text("folded"),
        maybe(ColumnDef::new("password").text().to_owned()),
        flag("active"),
        flag("admin_locked"),
        maybe(ColumnDef::new("blocking").uuid().to_owned()),
        number("credential_version"),
        number("revision"),
        number("epoch"),
        text("roles"),
        number("created_at"),
    ];
    table(manager, "accounts", columns).await?;
    index(manager, "accounts_name", "accounts", &["tenant", "folded"], true).await?;
    let mut history = Table::create();
    history.table("password_history").col(uuid("user")).col(number("credential_version")).col(uuid("tenant"));
    history.col(text("password")).col(number("replaced_at"));
    history.primary_key(Index::create().col("user").col("credential_version"));
    manager.create_table(history).await
}

async fn resets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        key(uuid("id")),
        uuid("tenant"),
        uuid("user"),
        flag("link"),
        flag("otp"),
        flag("offline"),
        text("reason"),
        text("initiator"),
        number("epoch"),
        bytes("salt"),
        text("kid"),
        number("created_at"),
        maybe(ColumnDef::new("sent_at").big_integer().to_owned()),
        number("expires_at"),
        small("guesses_used"),
        text("state"),
        maybe(ColumnDef::new("ended_at").big_integer().to_owned()),
        maybe(ColumnDef::new("completed_by").text().to_owned()),
    ];
    table(manager, "resets", columns).await?;
    index(manager, "resets_epoch", "resets", &["user", "epoch"], true).await?;
    index(manager, "resets_newest", "resets", &["tenant", "created_at", "id"], false).await?;
    index(manager, "resets_due", "resets", &["state", "expires_at"], false).await?;
    // At most one live reset a user, whatever goes wrong elsewhere.
    let mut live = Index::create();
    live.name("resets_live").table("resets").col("user").unique().and_where(Expr::col("state").eq("pending"));
    manager.create_index(live).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let session = [key(bytes("hash")), uuid("tenant"), uuid("user"), number("credential_version"), number("created_at"), number("expires_at")];
    table(manager, "sessions", session).await?;
    index(manager, "sessions_user", "sessions", &["user"], false).await?;
    index(manager, "sessions_end", "sessions", &["expires_at"], false).await?;
    let reset_session = [key(bytes("hash")), uuid("tenant"), uuid("user"), uuid("reset"), number("expires_at")];
    table(manager, "reset_sessions", reset_session).await?;
    index(manager, "reset_sessions_user", "reset_sessions", &["user"], false).await?;
    index(manager, "reset_sessions_reset", "reset_sessions", &["reset"], false).await?;
    let attempts = [key(bytes("key")), uuid("tenant"), small("failures"), number("since"), small("strikes"), number("paused_until"), number("last_at")];
    table(manager, "login_attempts", attempts).await?;
    index(manager, "login_attempts_last", "login_attempts", &["last_at"], false).await
}

async fn preparations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        key(uuid("intent")),
        uuid("tenant"),
        uuid("user"),
        text("actor"),
        maybe(ColumnDef::new("change").text().to_owned()),
        flag("creates"),
        maybe(ColumnDef::new("held_name").text().to_owned()),
        number("prepared_at"),
        flag("committed"),
        maybe(ColumnDef::new("outcome").text().to_owned()),
        maybe(ColumnDef::new("settled_at").big_integer().to_owned()),
    ];
    table(manager, "preparations", columns).await?;
    index(manager, "preparations_name", "preparations", &["tenant", "held_name"], true).await?;
    index(manager, "preparations_user", "preparations", &["user"], false).await?;
    index(manager, "preparations_settled", "preparations", &["settled_at"], false).await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        key(ColumnDef::new("id").big_integer().not_null().auto_increment().to_owned()),
        uuid("tenant"),
        maybe(ColumnDef::new("actor").uuid().to_owned()),
        text("actor_name"),
        text("source"),
        text("action"),
        uuid("subject"),
        maybe(ColumnDef::new("reset").uuid().to_owned()),
        number("at"),
        text("result"),
    ];
    table(manager, "audit", columns).await?;
    index(manager, "audit_time", "audit", &["tenant", "at"], false).await
}
