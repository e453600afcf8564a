//! The new tables, and the indexes that pay: each costs every write something.

use sea_orm::DatabaseBackend;
use sea_orm_migration::prelude::{
    ColumnDef, ConditionalStatement, Expr, ExprTrait, Index, IndexCreateStatement, IndexDropStatement, Table, TableCreateStatement,
};

use super::text;

pub(super) fn all(on: DatabaseBackend) -> [TableCreateStatement; 3] {
    [user_values(on), groups(on), group_members(on)]
}

fn user_values(on: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table("user_values");
    for id in ["tenant_id", "user_id"] {
        table.col(uuid(id));
    }
    table.col(text("attribute", on).not_null());
    table.col(ColumnDef::new("position").integer().not_null());
    for name in ["value", "kind", "display"] {
        table.col(text(name, on));
    }
    table.col(ColumnDef::new("is_primary").boolean());
    table.primary_key(Index::create().col("user_id").col("attribute").col("position"));
    table
}

fn groups(on: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table("groups");
    table.col(uuid("id").primary_key());
    table.col(uuid("tenant_id"));
    table.col(text("display_name_folded", on));
    table.col(text("external_id", on));
    for name in ["display_name", "profile"] {
        table.col(ColumnDef::new(name).text().not_null());
    }
    for number in ["version", "created_at", "modified_at", "next_position"] {
        table.col(ColumnDef::new(number).big_integer().not_null());
    }
    table
}

fn group_members(on: DatabaseBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table("group_members");
    for id in ["tenant_id", "group_id", "member_id"] {
        table.col(uuid(id));
    }
    table.col(ColumnDef::new("position").big_integer().not_null());
    table.col(text("kind", on).not_null());
    table.col(ColumnDef::new("display").text());
    table.col(text("display_folded", on));
    table.primary_key(Index::create().col("group_id").col("member_id"));
    table
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// The index that [`indexes`] makes anew.
pub(super) fn outgrown() -> IndexDropStatement {
    Index::drop().name(BY_EXTERNAL_ID).table("users").to_owned()
}

const BY_EXTERNAL_ID: &str = "users_by_external_id";

/// Each ends in the id: `SQLite` prefers an index in whose order the rows are wanted, even if it has to read a whole tenant.
pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    let mut all: Vec<_> = [
        ("users_by_display_name", "users", ["tenant_id", "display_name", "id"].as_slice()),
        ("users_by_family_name", "users", &["tenant_id", "family_name", "id"]),
        (BY_EXTERNAL_ID, "users", &["tenant_id", "external_id", "id"]),
        ("users_by_modified", "users", &["tenant_id", "modified_at", "id"]),
        ("user_values_by_value", "user_values", &["tenant_id", "attribute", "value", "user_id"]),
        ("groups_by_tenant", "groups", &["tenant_id", "id"]),
        ("groups_by_display_name", "groups", &["tenant_id", "display_name_folded", "id"]),
        ("groups_by_external_id", "groups", &["tenant_id", "external_id", "id"]),
        ("group_members_in_order", "group_members", &["group_id", "position"]),
        ("group_members_by_member", "group_members", &["member_id", "group_id"]),
    ]
    .into_iter()
    .map(|(name, table, columns)| index(name, table, columns))
    .collect();
    // Most users have none.
    let mut numbered = index("users_by_employee_number", "users", &["tenant_id", "employee_number", "id"]);
    all.push(numbered.and_where(Expr::col("employee_number").is_not_null()).to_owned());
    // Most accounts are unlocked.
    let mut locked = index("users_not_unlocked", "users", &["tenant_id", "id"]);
    all.push(locked.and_where(Expr::cust("account_state <> 'UNLOCKED'")).to_owned());
    // Most members are users: the way from group to group is short.
    for (name, columns) in [("group_members_up", ["member_id", "group_id"]), ("group_members_down", ["group_id", "member_id"])] {
        all.push(index(name, "group_members", &columns).and_where(Expr::cust("kind = 'Group'")).to_owned());
    }
    all
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
