//! What is found at once is what the database says, on databases of both kinds.

use rekey_testing::{Backend, TestDatabase};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Schema, Select, prelude::Uuid, sea_query::Expr};

use super::{super::Database, *};

#[expect(unreachable_pub, reason = "sea-orm's derives want public items")]
mod thing {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "things")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub small: i32,
        pub large: i64,
        pub flag: bool,
        pub bytes: Vec<u8>,
        pub other: Option<Uuid>,
        pub text: Option<String>,
        pub number: Option<i64>,
        pub count: Option<i32>,
        pub maybe: Option<bool>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn full() -> thing::Model {
    thing::Model {
        id: Uuid::from_u128(1),
        name: "ein Ding".into(),
        small: -7,
        large: i64::MAX,
        flag: true,
        bytes: vec![0, 255],
        other: Some(Uuid::from_u128(2)),
        text: Some(String::new()),
        number: Some(i64::MIN),
        count: Some(0),
        maybe: Some(false),
    }
}

fn empty() -> thing::Model {
    thing::Model { id: Uuid::from_u128(3), flag: false, other: None, text: None, number: None, count: None, maybe: None, ..full() }
}

async fn with_things(on: Backend) -> (Database, TestDatabase) {
    let place = TestDatabase::new(on).await;
    let database = Database::open(place.url()).await.unwrap();
    let table = Schema::new(database.writer().get_database_backend()).create_table_from_entity(thing::Entity);
    database.writer().execute(&table).await.unwrap();
    for row in [full(), empty()] {
        thing::Entity::insert(thing::ActiveModel::from(row)).exec_without_returning(database.writer()).await.unwrap();
    }
    (database, place)
}

async fn only(database: &Database, id: u128) -> Option<thing::Model> {
    let statement = by_id(id).build(database.quick().get_database_backend());
    database.quick().rows::<thing::Entity>(statement, &[]).await.unwrap().into_iter().next().map(|found| found.model)
}

fn by_id(id: u128) -> Select<thing::Entity> {
    thing::Entity::find_by_id(Uuid::from_u128(id))
}

async fn every_value_comes_back_as_it_was_written(on: Backend) {
    let (database, _place) = with_things(on).await;
    for row in [full(), empty()] {
        assert_eq!(only(&database, row.id.as_u128()).await, Some(row));
    }
    assert_eq!(only(&database, 4).await, None);
}

async fn what_is_selected_with_rows_comes_back_too(on: Backend) {
    let (database, _place) = with_things(on).await;
    let mut select = thing::Entity::find().into_query();
    select.expr_as(Expr::col("large"), "key").expr_as(Expr::col("text"), "word").expr_as(Expr::exists(by_id(1).into_query()), "is_there");
    select.order_by("id", sea_orm::Order::Asc);
    let also = [("key", ColumnType::BigInteger), ("word", ColumnType::Text), ("is_there", ColumnType::Boolean)];
    let statement = database.quick().get_database_backend().build(&select);
    let quick = database.quick().rows::<thing::Entity>(statement.clone(), &also).await.unwrap();
    assert_eq!(quick, database.reader().rows::<thing::Entity>(statement, &also).await.unwrap());
    assert_eq!(quick[0].also, [i64::MAX.into(), "".into(), true.into()]);
    assert_eq!(quick[1].also, [i64::MAX.into(), Value::String(None), true.into()]);
}

async fn a_commit_is_seen_at_once(on: Backend) {
    let (database, _place) = with_things(on).await;
    for small in 0..100 {
        let update = thing::Entity::update_many().set(thing::ActiveModel { small: Set(small), ..Default::default() });
        update.filter(thing::Column::Id.eq(Uuid::from_u128(1))).exec(database.writer()).await.unwrap();
        assert_eq!(only(&database, 1).await.unwrap().small, small);
    }
}

async fn an_error_is_told_as_the_pool_tells_it(on: Backend) {
    let (database, _place) = with_things(on).await;
    let statement = Statement::from_string(database.quick().get_database_backend(), "SELECT nothing FROM nowhere");
    let quick = database.quick().rows::<thing::Entity>(statement.clone(), &[]).await.unwrap_err();
    assert_eq!(quick.to_string(), database.reader().rows::<thing::Entity>(statement, &[]).await.unwrap_err().to_string());
}

rekey_testing::on_both_databases![
    every_value_comes_back_as_it_was_written,
    what_is_selected_with_rows_comes_back_too,
    a_commit_is_seen_at_once,
    an_error_is_told_as_the_pool_tells_it,
];

/// `.cargo/config.toml` says so; a `LIBSQLITE3_FLAGS` of the environment would say otherwise.
#[tokio::test]
async fn connections_share_no_locks() {
    let place = TestDatabase::new(Backend::Sqlite).await;
    let database = Database::open(place.url()).await.unwrap();
    let rows = database.reader().query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA compile_options")).await.unwrap();
    let options: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert!(options.contains(&"DEFAULT_MEMSTATUS=0".to_owned()) && !options.contains(&"ENABLE_MEMORY_MANAGEMENT".to_owned()), "{options:?}");
}

#[tokio::test]
async fn a_file_is_read_in_the_thread_that_asks_unless_it_would_be_held_up() {
    let (database, _place) = with_things(Backend::Sqlite).await;
    let file = database.quick().file.clone().unwrap();
    let on = DatabaseBackend::Sqlite;
    assert_eq!(file.rows::<thing::Entity>(&by_id(1).build(on), &[]).unwrap()[0].model, full());
    let long = "SELECT things.* FROM things, (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000) SELECT max(x) FROM n)";
    let long = Statement::from_string(on, long);
    file.rows::<thing::Entity>(&long, &[]).unwrap_err();
    assert_eq!(database.quick().rows::<thing::Entity>(long, &[]).await.unwrap().len(), 2);
    let writes = Statement::from_string(on, "DELETE FROM things RETURNING *");
    file.rows::<thing::Entity>(&writes, &[]).unwrap_err();
    assert_eq!(only(&database, 1).await, Some(full()));
}
