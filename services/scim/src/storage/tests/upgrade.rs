//! A database of the service as it was before groups is brought up to date.

use rekey_kernel::UserId;
use rekey_runtime::{database::Database, system::SystemRandom};
use rekey_testing::{Backend, TestDatabase};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query},
};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use serde_json::{Value, json};

use super::{House, TENANT, next_moment};
use crate::storage::{Migrator, SeaStore};

/// The steps that there were.
struct Old;

impl MigratorTrait for Old {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations().into_iter().take(2).collect()
    }
}

/// A row as the service wrote it then.
async fn write(database: &Database, profile: &Value) {
    let id = UserId::new(next_moment(), &SystemRandom).as_uuid();
    let name = profile["userName"].as_str().unwrap().to_lowercase();
    let columns = [
        "id",
        "tenant_id",
        "user_name_folded",
        "external_id",
        "profile",
        "version",
        "created_at",
        "modified_at",
        "locked",
        "locked_reason",
        "account_state",
        "revision",
    ];
    let values: [Expr; 12] = [
        id.into(),
        TENANT.as_uuid().into(),
        name.into(),
        profile["externalId"].as_str().map(str::to_owned).into(),
        profile.to_string().into(),
        3i64.into(),
        5i64.into(),
        6i64.into(),
        false.into(),
        "".into(),
        "UNLOCKED".into(),
        0i64.into(),
    ];
    database.writer().execute(Query::insert().into_table("users").columns(columns).values_panic(values)).await.unwrap();
}

async fn users_of_an_older_rekey_are_found_by_everything(on: Backend) {
    let place = TestDatabase::new(on).await;
    let database = Database::open(place.url()).await.unwrap();
    database.migrate::<Old>().await.unwrap();
    // More than are read at a time.
    for n in 0..1_100 {
        write(&database, &json!({ "userName": format!("u{n:04}"), "displayName": format!("U {n}"), "active": true })).await;
    }
    let long = "x".repeat(5_000);
    write(&database, &json!({"userName": "Ann", "externalId": "E", "active": false, "name": {"familyName": "Ö\0", "givenName": long}, "displayName": long, "emails": [{"value": "Ann@x.org", "type": "work"}, {"value": "b@x.org", "primary": true}], "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "M"}}})).await;
    database.migrate::<Migrator>().await.unwrap();
    let house = House { store: SeaStore::new(database.clone()), database, place };
    for filter in [
        r#"userName eq "ANN""#,
        r#"externalId eq "E" and active eq false"#,
        r#"name.familyName sw "ö" and displayName sw "XX""#,
        &format!(r#"name.givenName ew "{}""#, "x".repeat(1_000)),
        r#"emails[type eq "WORK" and value eq "ann@x.org"]"#,
        "emails.primary eq true",
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "M""#,
    ] {
        assert_eq!(house.names(filter).await, ["Ann"], "{filter}");
    }
    assert_eq!(house.names(r#"displayName eq "u 1099" or displayName eq "U 0""#).await, ["u0000", "u1099"]);
    house.group("g", &[]).await;
}

rekey_testing::on_both_databases![users_of_an_older_rekey_are_found_by_everything];
