//! SCIM over HTTP (RFC 7644 §3.1, §3.8, §3.12): media types, methods, statuses, and what a deleted user leaves.

use rekey_tests::{
    Answer, CORE, NewUser, Options,
    scim::{GROUP, SEARCH, names},
    start,
};
use reqwest::Method;
use serde_json::{Value, json};

const SCIM: &str = "application/scim+json";

#[tokio::test]
async fn every_answer_is_scim_json_errors_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[&user.id]).await;
    let search = json!({ "schemas": [SEARCH] });
    let no_filter = "/scim2/Users?filter=nonsense";
    for answer in [
        admin.get(&user.path()).await.expect(200),
        admin.get("/scim2/Groups").await.expect(200),
        admin.get("/scim2/Me").await.expect(200),
        admin.get("/scim2/ResourceTypes/Group").await.expect(200),
        admin.get(&format!("/scim2/Schemas/{GROUP}")).await.expect(200),
        admin.post("/scim2/.search", &search).await.expect(200),
        admin.put(&group.path(), &json!({ "schemas": [GROUP], "displayName": "Crew" })).await.expect(200),
        admin.get(no_filter).await.expect_error(400, "invalidFilter"),
        admin.get("/scim2/Groups/nothing").await.expect_error(404, ""),
        admin.get("/scim2/Nothing").await.expect_error(404, ""),
        admin.bulk(&[]).await.expect_error(400, "invalidSyntax"),
    ] {
        assert_eq!(answer.header("content-type"), SCIM, "{}", answer.request);
    }
}

#[tokio::test]
async fn json_by_any_of_its_names_is_taken_and_nothing_else() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let send = async |path: &str, kind: &str, body: &Value| {
        let request = admin.request(Method::POST, path).header("content-type", kind).body(body.to_string());
        Answer::of(request).await.expect("an answer")
    };
    for (number, kind) in
        [SCIM, "application/json", "application/scim+json; charset=utf-8", "application/json;charset=UTF-8", "Application/SCIM+JSON"].iter().enumerate()
    {
        send("/scim2/Users", kind, &json!({ "schemas": [CORE], "userName": format!("user-{number}") })).await.expect(201);
        send("/scim2/Groups", kind, &json!({ "schemas": [GROUP], "displayName": "Crew" })).await.expect(201);
        send("/scim2/.search", kind, &json!({ "schemas": [SEARCH] })).await.expect(200);
    }
    for kind in ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"] {
        for path in ["/scim2/Users", "/scim2/Groups", "/scim2/.search", "/scim2/Bulk", "/scim2/Users/.search"] {
            send(path, kind, &json!({ "schemas": [CORE], "userName": "dave", "displayName": "x" })).await.expect_error(415, "");
        }
    }
    assert!(admin.found("userName eq \"dave\"").await.is_empty());
}

#[tokio::test]
async fn a_created_resource_says_where_it_is() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = json!({ "schemas": [CORE], "userName": "carol" });
    for (path, kind, body) in [("/scim2/Users", "User", user), ("/scim2/Groups", "Group", json!({ "schemas": [GROUP], "displayName": "Crew" }))] {
        let made = admin.post(path, &body).await.expect(201);
        let document = made.json();
        let place = format!("{}{path}/{}", rekey.base(), document["id"].as_str().expect("an id"));
        assert_eq!((made.header("location"), &document["meta"]["location"]), (place.clone(), &json!(place)));
        assert_eq!(document["meta"]["resourceType"], kind);
        let read = admin.get(&format!("{path}/{}", document["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!(read.json(), document);
        assert_eq!(read.header("etag"), made.header("etag"));
    }
}

#[tokio::test]
async fn who_does_not_sign_in_is_asked_to() {
    let rekey = start(Options::default()).await;
    let anyone = rekey.anyone();
    let nothing = json!({});
    for answer in [
        anyone.get("/scim2/Users").await,
        anyone.get("/scim2/Groups").await,
        anyone.get("/scim2/Me").await,
        anyone.post("/scim2/Groups", &nothing).await,
        anyone.post("/scim2/Bulk", &nothing).await,
        anyone.post("/scim2/.search", &nothing).await,
        anyone.with_basic("admin", "wrong").get("/scim2/Groups").await,
    ] {
        let answer = answer.expect_error(401, "");
        assert!(answer.header("www-authenticate").to_lowercase().contains("basic"), "{}", answer.request);
    }
}

#[tokio::test]
async fn methods_that_an_endpoint_does_not_have_are_405() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let group = admin.create_group("Crew", &[]).await;
    let nothing = json!({});
    for (method, path) in [
        (Method::PUT, "/scim2/Groups"),
        (Method::PATCH, "/scim2/Groups"),
        (Method::DELETE, "/scim2/Groups"),
        (Method::POST, &group.path()),
        (Method::GET, "/scim2/Bulk"),
        (Method::PUT, "/scim2/Bulk"),
        (Method::PUT, "/scim2/.search"),
        (Method::POST, "/scim2/Me"),
        (Method::DELETE, "/scim2/Me"),
        (Method::POST, "/scim2/Schemas"),
        (Method::DELETE, "/scim2/ResourceTypes"),
        (Method::PATCH, "/scim2/ServiceProviderConfig"),
    ] {
        let answer = admin.try_json(method.clone(), path, &nothing).await.expect("an answer");
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
        assert!(!answer.header("allow").is_empty(), "{method} {path} does not say what is allowed");
    }
}

#[tokio::test]
async fn a_deleted_user_is_gone_everywhere_and_put_makes_nobody() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let group = admin.create_group("Crew", &[&users[0].id, &users[1].id]).await;
    let before = admin.document(&group.path()).await;
    let gone = admin.delete(&users[0].path()).await.expect(204);
    assert!(gone.body.is_empty() && gone.header("content-type").is_empty());
    let document = json!({ "schemas": [CORE], "userName": "carol" });
    admin.get(&users[0].path()).await.expect_error(404, "");
    admin.put(&users[0].path(), &document).await.expect_error(404, "");
    admin.patch_user(&users[0], json!([{ "op": "replace", "path": "title", "value": "x" }])).await.expect_error(404, "");
    admin.delete(&users[0].path()).await.expect_error(404, "");
    assert!(!names(&admin.list("/scim2/Users", &[]).await).contains(&"carol".to_owned()));
    assert_eq!(admin.members(&group).await, [users[1].id.clone()]);
    assert_ne!(admin.document(&group.path()).await["meta"]["version"], before["meta"]["version"]);
    admin.people(&["carol"]).await;
}

#[tokio::test]
async fn names_are_unique_in_any_case_on_post_put_and_patch() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let taken = json!({ "schemas": [CORE], "userName": "CAROL" });
    admin.post("/scim2/Users", &taken).await.expect_error(409, "uniqueness");
    admin.put(&users[1].path(), &taken).await.expect_error(409, "uniqueness");
    admin.patch_user(&users[1], json!([{ "op": "replace", "path": "userName", "value": "Carol" }])).await.expect_error(409, "uniqueness");
    admin.put(&users[0].path(), &taken).await.expect(200);
    assert_eq!(admin.user(&users[1]).await["userName"], "dave");
    admin.create_group("Crew", &[]).await;
    admin.create_group("Crew", &[]).await;
}

#[tokio::test]
async fn of_many_who_take_a_name_at_once_one_gets_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let mut callers = tokio::task::JoinSet::new();
    for name in ["carol", "CAROL", "Carol", "carol", "cArol", "caRol"] {
        let admin = admin.clone();
        callers.spawn(async move { admin.post("/scim2/Users", &json!({ "schemas": [CORE], "userName": name })).await });
    }
    let answers = callers.join_all().await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    // While the winner's name is only being prepared, nobody can say yet that it is taken: 503, ask again.
    assert_eq!((with(201), with(409) + with(503)), (1, 5), "{answers:?}");
    assert_eq!(admin.found("userName eq \"carol\"").await.len(), 1);
}

#[tokio::test]
async fn an_external_id_selects_nobody_to_log_in() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let carol = admin.create(NewUser::named("carol").with("externalId", json!("dave"))).await;
    let dave = admin.create(NewUser::named("dave").with("externalId", json!("carol-of-hr"))).await;
    rekey.anyone().refused("carol-of-hr", &dave.password).await;
    rekey.anyone().refused("dave", &carol.password).await;
    rekey.anyone().with_basic("carol-of-hr", &dave.password).get("/scim2/Me").await.expect(401);
    rekey.anyone().open_session(&dave, &dave.password).await;
}
