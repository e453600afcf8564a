//! Lists over users and groups together.

use rekey_kernel::{Kind, Scope};
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, admin, caller, document, each, filtered, lists::people};
use crate::app::{Listing, View};

async fn mixed(house: &House) {
    house.create_group(&json!({"displayName": "Zoo"})).await;
    people(house, &["b", "a"]).await;
    house.create_group(&json!({"displayName": "Ant"})).await;
}

async fn run(house: &House, listing: &Listing) -> Value {
    document(&house.search().run(&admin(), listing, &View::default()).await.unwrap())
}

/// The names of what was found: of users and of groups.
fn names(list: &Value) -> Vec<String> {
    let name = |found: &Value| found.get("userName").or_else(|| found.get("displayName")).and_then(Value::as_str).unwrap().to_owned();
    list["Resources"].as_array().unwrap().iter().map(name).collect()
}

async fn users_come_first_and_groups_after_them(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    let all = run(&house, &Listing::default()).await;
    assert_eq!((names(&all), &all["totalResults"], &all["startIndex"]), (["b", "a", "Zoo", "Ant"].map(str::to_owned).to_vec(), &json!(4), &json!(1)));
    let kinds: Vec<_> = each(&all, "meta").iter().map(|meta| meta["resourceType"].clone()).collect();
    assert_eq!(kinds, ["User", "User", "Group", "Group"]);
}

async fn the_pages_are_one_sequence(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    for count in 1..6 {
        let (mut by_index, mut by_cursor) = (Vec::new(), Vec::new());
        while by_index.len() < 4 {
            let start = i64::try_from(by_index.len()).unwrap() + 1;
            let page = run(&house, &Listing { start_index: Some(start), count: Some(count), ..Listing::default() }).await;
            assert_eq!(page["totalResults"], json!(4));
            by_index.extend(names(&page));
        }
        let mut cursor = Some(String::new());
        while let Some(at) = cursor {
            let page = run(&house, &Listing { cursor: Some(at), count: Some(count), ..Listing::default() }).await;
            assert!(page["totalResults"] == json!(4) && !names(&page).is_empty());
            by_cursor.extend(names(&page));
            cursor = page.get("nextCursor").map(|next| next.as_str().unwrap().to_owned());
        }
        assert_eq!(
            (by_index, by_cursor),
            (["b", "a", "Zoo", "Ant"].map(str::to_owned).to_vec(), ["b", "a", "Zoo", "Ant"].map(str::to_owned).to_vec()),
            "{count}"
        );
    }
    for beyond in [Listing { start_index: Some(9), ..Listing::default() }, Listing { count: Some(0), ..Listing::default() }] {
        let page = run(&house, &beyond).await;
        assert_eq!((names(&page).len(), &page["totalResults"]), (0, &json!(4)));
    }
}

async fn an_attribute_that_a_type_does_not_have_is_absent_there(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    for (filter, found) in [
        ("userName eq \"A\"", vec!["a"]),
        ("displayName sw \"z\"", vec!["Zoo"]),
        ("userName eq \"a\" or displayName eq \"ant\"", vec!["a", "Ant"]),
        ("userName pr and members pr", vec![]),
        ("not (userName pr)", vec!["Zoo", "Ant"]),
        ("meta.resourceType eq \"Group\"", vec!["Zoo", "Ant"]),
    ] {
        let list = run(&house, &filtered(filter)).await;
        assert_eq!((names(&list), &list["totalResults"]), (found.iter().map(|name| (*name).to_owned()).collect(), &json!(found.len())), "{filter}");
    }
    for (listing, kind) in [
        (filtered("nothing pr"), "invalidFilter"),
        (filtered("userName pr and nothing pr"), "invalidFilter"),
        (Listing { sort_by: "nothing".into(), ..Listing::default() }, "invalidValue"),
    ] {
        assert_eq!(house.search().run(&admin(), &listing, &View::default()).await.unwrap_err().reason, kind, "{listing:?}");
    }
}

async fn each_type_is_sorted_for_itself(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    let by = |sort_by: &str| Listing { sort_by: sort_by.into(), ..Listing::default() };
    assert_eq!(names(&run(&house, &by("userName")).await), ["a", "b", "Zoo", "Ant"]);
    assert_eq!(names(&run(&house, &by("displayName")).await), ["b", "a", "Ant", "Zoo"]);
}

async fn one_finds_what_one_may_see(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    let seen = async |scopes: &[Scope]| house.search().run(&caller(scopes), &Listing::default(), &View::default()).await;
    assert_eq!(names(&document(&seen(&[Scope::UserView]).await.unwrap())), ["b", "a"]);
    assert_eq!(names(&document(&seen(&[Scope::GroupView]).await.unwrap())), ["Zoo", "Ant"]);
    assert!(seen(&[]).await.unwrap_err().is(Kind::Forbidden));
}

async fn each_is_shown_by_the_schemas_of_its_type(on: Backend) {
    let house = House::new(on).await;
    mixed(&house).await;
    let view = View { attributes: vec!["userName".into(), "displayName".into()], ..View::default() };
    let list = document(&house.search().run(&admin(), &Listing::default(), &view).await.unwrap());
    assert_eq!((&list["Resources"][0]["userName"], &list["Resources"][2]["displayName"]), (&json!("b"), &json!("Zoo")));
    assert!(list["Resources"].as_array().unwrap().iter().all(|found| found.get("meta").is_none() && found.get("id").is_some()));
}

rekey_testing::on_both_databases![
    users_come_first_and_groups_after_them,
    the_pages_are_one_sequence,
    an_attribute_that_a_type_does_not_have_is_absent_there,
    each_type_is_sorted_for_itself,
    one_finds_what_one_may_see,
    each_is_shown_by_the_schemas_of_its_type,
];
