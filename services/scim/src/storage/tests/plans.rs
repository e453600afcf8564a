//! What is looked up is found by an index: a scan would still be right, only slow, so no other test would tell.

use rekey_kernel::Timestamp;
use rekey_scim_protocol::schema::USERS;
use rekey_testing::Backend;
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, JsonValue, Statement, Value};
use serde_json::json;

use super::{House, TENANT, now, query, user};
use crate::{
    domain::{Part, Place, Query, User},
    ports::Write,
    storage::page::statement,
};

/// So many that no planner would rather read them all.
const USERS_THERE: usize = 3_000;

async fn filled(on: Backend) -> House {
    let house = House::new(on).await;
    let transaction = house.database.begin().await.unwrap();
    for n in 0..USERS_THERE {
        let profile = json!({
            "userName": format!("user{n}"), "externalId": format!("E{n}"), "displayName": format!("User {n}"), "name": {"familyName": format!("Family {n}")},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": n.to_string()},
            "emails": [{"value": format!("user{n}@x.org"), "type": "work"}],
        });
        let modified = Timestamp::from_micros(now().as_micros() + i64::try_from(n).unwrap());
        crate::storage::commit::insert(&transaction, &User { modified, ..user(profile) }).await.unwrap();
    }
    transaction.commit().await.unwrap();
    // Nobody does that for a file: it has to find the index without.
    if on == Backend::Postgres {
        house.database.writer().execute_unprepared("ANALYZE").await.unwrap();
    }
    house
}

/// How the database would carry out the page of a query.
async fn plan(house: &House, filter: &str, sort: &str) -> String {
    plan_of(house, &query(&USERS, filter, sort, Part::Offset(0), 10)).await
}

async fn plan_of(house: &House, query: &Query) -> String {
    let connection = house.database.writer();
    let on = connection.get_database_backend();
    let Statement { sql, values, .. } = statement::<User>(TENANT, query, on).unwrap();
    let explain = if on == DatabaseBackend::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let values: Vec<Value> = values.map(|values| values.0).unwrap_or_default();
    let explained = Statement::from_sql_and_values(on, format!("{explain} {sql}"), values);
    let lines = JsonValue::find_by_statement(explained).all(connection).await.unwrap();
    lines.iter().map(|line| line.get("detail").or_else(|| line.get("QUERY PLAN")).unwrap().as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Does it read a whole table, or a whole tenant's part of it?
fn reads_all(plan: &str) -> bool {
    let alone = |line: &str| ["(tenant_id=?)", "(tenant_id=? AND id>?)", "(tenant_id=? AND id>? AND id<?)"].iter().any(|end| line.ends_with(end));
    let tenant_alone = |line: &str| line.contains("SEARCH") && alone(line) && !line.contains("users_not_unlocked");
    plan.lines().any(|line| line.contains("SCAN users") || line.contains("SCAN user_values") || line.contains("Seq Scan on user") || tenant_alone(line))
}

async fn lookups_use_an_index(on: Backend) {
    let house = filled(on).await;
    for filter in [
        r#"userName eq "user7""#,
        r#"userName sw "user77""#,
        r#"externalId eq "E7""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "7""#,
        r#"emails.value eq "user7@x.org""#,
        r#"emails sw "user77""#,
        r#"emails[type eq "work" and value eq "user7@x.org"]"#,
        r#"emails.value eq "user7@x.org" or userName eq "user9""#,
        r#"userName eq "a" or externalId eq "b" or (displayName eq "c" and title pr) or emails eq "d""#,
        r#"displayName eq "user 7" and active eq true"#,
        r#"name.familyName sw "family 77""#,
        r#"meta.lastModified gt "2027-03-01T00:00:00Z" and userName sw "user7""#,
        r#"urn:scim:wso2:schema:accountState eq "pending_fupr""#,
        r#"urn:scim:wso2:schema:accountState eq "LOCKED" or urn:scim:wso2:schema:accountState eq "DISABLED""#,
        r#"id eq "018bcfe5-6800-7000-8000-000000000000""#,
        r#"addresses.locality eq "x" and userName eq "user7""#,
        r#"displayName eq "user 7" and id gt "018bcfe5-6800-7000-8000-000000000000" and id lt "f18bcfe5-6800-7000-8000-000000000000""#,
    ] {
        for sort in ["", "displayName", "meta.lastModified desc"] {
            let plan = plan(&house, filter, sort).await;
            assert!(!reads_all(&plan), "{filter} by {sort}:\n{plan}");
        }
    }
    let scan = plan(&house, r#"userName co "7""#, "title").await;
    assert!(reads_all(&scan), "the test can tell: {scan}");
}

async fn sorted_pages_follow_an_index(on: Backend) {
    let house = filled(on).await;
    for sort in ["", "id desc", "userName", "displayName", "displayName desc", "name.familyName", "meta.lastModified desc"] {
        let plan = plan(&house, "", sort).await;
        // `PostgreSQL` sorts those that are alike by id within the order of the index.
        let sorts_all = plan.lines().any(|line| line.contains("TEMP B-TREE FOR ORDER BY") || line.trim_start_matches([' ', '-', '>']).starts_with("Sort  ("));
        assert!(!sorts_all, "{sort}:\n{plan}");
    }
}

async fn a_page_behind_a_place_is_a_range_of_the_index(on: Backend) {
    let house = filled(on).await;
    let first = house.found(&query(&USERS, "", "displayName", Part::Offset(1_500), 1)).await;
    let rest = house.found(&query(&USERS, "", "displayName", Part::After(first.places.last().cloned()), 2_000)).await;
    assert_eq!((rest.items.len(), rest.total, rest.more), (USERS_THERE - 1_501, u64::try_from(USERS_THERE).unwrap(), false));
    let user = user(json!({"userName": "last"}));
    house.write(&Write::Insert(user.clone())).await.unwrap();
    let absent = house.found(&query(&USERS, "", "displayName", Part::After(rest.places.last().cloned()), 10)).await;
    assert_eq!(absent.items.iter().map(|user| user.id).collect::<Vec<_>>(), [user.id]);
}

rekey_testing::on_both_databases![lookups_use_an_index, sorted_pages_follow_an_index, a_page_behind_a_place_is_a_range_of_the_index];

/// What `PostgreSQL` does with a few rows it decides by what it knows of them.
#[tokio::test]
async fn a_few_that_an_index_of_a_file_finds_are_not_sorted_by_id() {
    let house = filled(Backend::Sqlite).await;
    let place = Place { key: None, id: uuid::Uuid::from_u128(7) };
    for filter in [r#"userName eq "user7""#, r#"externalId eq "E7""#, r#"emails.value eq "user7@x.org""#, r#"displayName eq "user 7" and active eq true"#] {
        for part in [Part::Offset(0), Part::After(Some(place.clone()))] {
            let plan = plan_of(&house, &query(&USERS, filter, "", part, 10)).await;
            assert!(!plan.contains("TEMP B-TREE FOR ORDER BY") && !reads_all(&plan), "{filter}:\n{plan}");
        }
    }
}
