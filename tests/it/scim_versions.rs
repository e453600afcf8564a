//! Versions (RFC 7644 §3.14): `ETag`, If-Match, If-None-Match, for users and groups.

use rekey_tests::{
    Answer, Api, Options,
    scim::{GROUP, add_members, group_document},
    start,
    users::patch_of,
};
use reqwest::Method;
use serde_json::{Value, json};

const STALE: &str = "W/\"999999\"";

async fn status(admin: &Api, method: Method, path: &str, tag: &str, body: &Value) -> u16 {
    admin.with_header(method, path, ("if-match", tag), body).await.status
}

#[tokio::test]
async fn the_etag_is_weak_and_the_version_in_the_document() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let made = admin.post("/scim2/Groups", &group_document("Crew", &[&user.id])).await.expect(201);
    let path = format!("/scim2/Groups/{}", made.json()["id"].as_str().expect("an id"));
    let mut tags = Vec::new();
    for answer in [
        made,
        admin.get(&path).await.expect(200),
        admin.put(&path, &group_document("Other", &[&user.id])).await.expect(200),
        admin.patch_at(&path, json!([{ "op": "replace", "path": "displayName", "value": "Third" }])).await.expect(200),
        admin.get(&user.path()).await.expect(200),
        admin.patch_user(&user, json!([{ "op": "replace", "path": "title", "value": "Dr" }])).await.expect(200),
    ] {
        let tag = answer.header("etag");
        assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
        assert_eq!(answer.json()["meta"]["version"], json!(tag), "{}", answer.request);
        tags.push(tag);
    }
    assert_eq!(tags[0], tags[1]);
    tags.dedup();
    assert_eq!(tags.len(), 5, "every change makes another version: {tags:?}");
    let list = admin.list("/scim2/Groups", &[]).await;
    assert_eq!(list["Resources"][0]["meta"]["version"], admin.document(&path).await["meta"]["version"]);
}

#[tokio::test]
async fn a_stale_if_match_changes_no_group() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    let before = admin.get(&group.path()).await.expect(200);
    let (tag, path) = (before.header("etag"), group.path());
    let (put, adding) = (group_document("Other", &[]), patch_of(add_members(&[&user.id])));
    for (method, body) in [(Method::PUT, &put), (Method::PATCH, &adding), (Method::DELETE, &Value::Null)] {
        let answer = admin.with_header(method.clone(), &path, ("if-match", STALE), body).await;
        answer.expect_error(412, "");
    }
    assert_eq!(admin.document(&path).await, before.json());
    assert_eq!(status(&admin, Method::PATCH, &path, &tag, &adding).await, 200);
    assert_eq!(status(&admin, Method::PUT, &path, &tag, &put).await, 412, "a change of members is a change");
    assert_eq!(status(&admin, Method::PUT, &path, "*", &put).await, 200);
    let now = admin.get(&path).await.header("etag");
    assert_eq!(status(&admin, Method::DELETE, &path, &format!("{STALE}, {now}"), &Value::Null).await, 204, "one of several is enough");
    assert_eq!(status(&admin, Method::PUT, &path, "*", &json!({ "schemas": [GROUP], "displayName": "x" })).await, 404);
}

#[tokio::test]
async fn if_none_match_spares_a_body() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    for path in [user.path(), group.path()] {
        let tag = admin.get(&path).await.expect(200).header("etag");
        for known in [tag.clone(), format!("{STALE}, {tag}"), "*".to_owned(), tag.trim_start_matches("W/").to_owned()] {
            let answer = admin.with_header(Method::GET, &path, ("if-none-match", &known), &Value::Null).await.expect(304);
            assert_eq!((answer.body.len(), answer.header("etag")), (0, tag.clone()), "{known}");
        }
        admin.with_header(Method::GET, &path, ("if-none-match", STALE), &Value::Null).await.expect(200);
    }
}

#[tokio::test]
async fn if_none_match_keeps_a_change_from_overwriting() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    let title = patch_of(json!([{ "op": "add", "path": "externalId", "value": "x" }]));
    let documents = [(user.path(), json!({ "schemas": [rekey_tests::CORE], "userName": "dave" })), (group.path(), group_document("Other", &[]))];
    for (path, document) in documents {
        let before = admin.get(&path).await.expect(200);
        for (method, body) in [(Method::PUT, &document), (Method::PATCH, &title), (Method::DELETE, &Value::Null)] {
            for tag in ["*".to_owned(), before.header("etag"), format!("{STALE}, {}", before.header("etag"))] {
                admin.with_header(method.clone(), &path, ("if-none-match", &tag), body).await.expect_error(412, "");
            }
        }
        assert_eq!(admin.document(&path).await, before.json());
        admin.with_header(Method::PATCH, &path, ("if-none-match", STALE), &title).await.expect(200);
    }
    let own = json!({ "schemas": [rekey_tests::CORE], "userName": "admin" });
    admin.with_header(Method::PUT, "/scim2/Me", ("if-none-match", "*"), &own).await.expect_error(412, "");
    let new = json!({ "schemas": [rekey_tests::CORE], "userName": "erin" });
    admin.with_header(Method::POST, "/scim2/Users", ("if-none-match", "*"), &new).await.expect(201);
}

#[tokio::test]
async fn a_read_insists_on_a_version_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[&user.id]).await;
    for path in [user.path(), group.path(), "/scim2/Me".to_owned()] {
        let tag = admin.get(&path).await.expect(200).header("etag");
        for (asked, status) in [(STALE, 412), ("nonsense", 412), (&*tag, 200), ("*", 200)] {
            assert_eq!(admin.with_header(Method::GET, &path, ("if-match", asked), &Value::Null).await.status, status, "{path} {asked}");
            assert_eq!(admin.with_header(Method::HEAD, &path, ("if-match", asked), &Value::Null).await.status, status, "HEAD {path} {asked}");
        }
    }
}

#[tokio::test]
async fn a_tag_that_is_no_text_is_one_that_nothing_has() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let group = admin.create_group("Crew", &[]).await;
    let before = admin.document(&group.path()).await;
    for tag in [&b"\"\xe4\""[..], "\"ä\"".as_bytes()] {
        let put = admin.request(Method::PUT, &group.path()).header("if-match", tag).header("content-type", "application/scim+json");
        let answer = Answer::of(put.body(group_document("Other", &[]).to_string())).await.expect("an answer");
        answer.expect_error(412, "");
        let get = admin.request(Method::GET, &group.path()).header("if-none-match", tag);
        Answer::of(get).await.expect("an answer").expect(200);
    }
    assert_eq!(admin.document(&group.path()).await, before);
}

#[tokio::test]
async fn what_others_do_to_a_users_groups_is_news_but_stands_in_nobodys_way() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    let tag = admin.get(&user.path()).await.expect(200).header("etag");
    admin.patch_at(&group.path(), add_members(&[&user.id])).await.expect(200);
    let now = admin.with_header(Method::GET, &user.path(), ("if-none-match", &tag), &Value::Null).await.expect(200);
    assert_eq!(now.json()["meta"]["version"], json!(now.header("etag")));
    assert_ne!(now.header("etag"), tag);
    let patch = patch_of(json!([{ "op": "replace", "path": "title", "value": "Dr" }]));
    assert_eq!(status(&admin, Method::PATCH, &user.path(), &tag, &patch).await, 200, "the user itself did not change");
    assert_eq!(status(&admin, Method::PATCH, &user.path(), &tag, &patch).await, 412);
    admin.with_header(Method::GET, &user.path(), ("if-none-match", &now.header("etag")), &Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_a_groups_version() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = admin.people(&["carol", "dave"]).await;
    let group = admin.create_group("Crew", &[&users[0].id]).await;
    let before = admin.document(&group.path()).await;
    for operations in [
        add_members(&[&users[0].id]),
        json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", users[1].id) }]),
        json!([{ "op": "replace", "path": "displayName", "value": "Crew" }]),
        json!([{ "op": "replace", "value": { "displayName": "Crew" } }]),
    ] {
        let after = admin.patch_at(&group.path(), operations.clone()).await;
        if after.status == 400 {
            assert_eq!(after.json()["scimType"], "noTarget", "{operations}");
            continue;
        }
        assert_eq!(after.expect(200).json(), before, "{operations}");
    }
    assert_eq!(admin.put(&group.path(), &before).await.expect(200).json(), before);
}

#[tokio::test]
async fn of_many_who_replace_the_same_version_one_wins() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    let title = |number: usize| json!({ "schemas": [rekey_tests::CORE], "userName": "carol", "title": number.to_string() });
    let name = |number: usize| group_document(&number.to_string(), &[]);
    for (path, documents) in [(user.path(), [0, 1, 2, 3, 4, 5].map(title)), (group.path(), [0, 1, 2, 3, 4, 5].map(name))] {
        let tag = admin.get(&path).await.expect(200).header("etag");
        let mut callers = tokio::task::JoinSet::new();
        for document in documents {
            let (admin, path, tag) = (admin.clone(), path.clone(), tag.clone());
            callers.spawn(async move { (status(&admin, Method::PUT, &path, &tag, &document).await, document) });
        }
        let outcomes = callers.join_all().await;
        let winners: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 200).map(|(_, document)| document).collect();
        assert!(winners.len() == 1 && outcomes.iter().all(|(status, _)| [200, 412].contains(status)), "{path}: {outcomes:?}");
        let now = admin.document(&path).await;
        assert_eq!((&now["title"], &now["displayName"]), (&winners[0]["title"], &winners[0]["displayName"]));
    }
}
