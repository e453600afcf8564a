//! `/Me` (RFC 7644 §3.11): what people may see and write of themselves.

use rekey_tests::{Api, ENTERPRISE, NewUser, Options, RESET, Rekey, User, WSO2, fresh_password, start, users::patch_of};
use reqwest::Method;
use serde_json::{Value, json};

async fn carol() -> (Rekey, User, Api) {
    let rekey = start(Options::default()).await;
    let new = NewUser::named("carol").with("title", json!("Dr")).with("externalId", json!("hr-7")).with(ENTERPRISE, json!({ "department": "Harbour" }));
    let user = rekey.admin().create(new).await;
    let own = rekey.anyone().with_basic("carol", &user.password);
    (rekey, user, own)
}

#[tokio::test]
async fn me_is_the_caller_and_says_where_it_is() {
    let (rekey, user, own) = carol().await;
    let answer = own.get("/scim2/Me").await.expect(200);
    let document = answer.json();
    let place = format!("{}{}", rekey.base(), user.path());
    assert_eq!((answer.header("location"), &document["meta"]["location"], &document["id"]), (place.clone(), &json!(place), &json!(user.id)));
    assert_eq!(answer.header("content-type"), "application/scim+json");
    assert_eq!(document["meta"]["version"], json!(answer.header("etag")));
    assert_eq!(rekey.admin().get("/scim2/Me").await.expect(200).json()["userName"], "admin");
    let narrow = own.get("/scim2/Me?attributes=userName").await.expect(200).json();
    assert_eq!((&narrow["userName"], &narrow["title"]), (&json!("carol"), &Value::Null));
    own.with_header(Method::GET, "/scim2/Me", ("if-none-match", &answer.header("etag")), &Value::Null).await.expect(304);
    rekey.anyone().get("/scim2/Me").await.expect_error(401, "");
    own.get(&user.path()).await.expect(403);
}

#[tokio::test]
async fn people_may_change_what_is_their_own() {
    let (rekey, user, own) = carol().await;
    let operations = json!([
        { "op": "replace", "path": "displayName", "value": "Carol of the harbour" },
        { "op": "add", "value": { "nickName": "Caz", "name": { "middleName": "M" }, "locale": "nb-NO" } },
        { "op": "add", "path": "phoneNumbers", "value": [{ "type": "mobile", "value": "+47 1" }] }
    ]);
    let patched = own.patch("/scim2/Me", &patch_of(operations)).await.expect(200);
    assert_eq!(patched.header("location"), format!("{}{}", rekey.base(), user.path()));
    let document = patched.json();
    assert_eq!((&document["displayName"], &document["nickName"]), (&json!("Carol of the harbour"), &json!("Caz")));
    let stored = rekey.admin().user(&user).await;
    assert_eq!((&stored["displayName"], &stored["title"], &stored["name"]["middleName"]), (&json!("Carol of the harbour"), &json!("Dr"), &json!("M")));

    let mut whole = own.get("/scim2/Me").await.expect(200).json();
    whole["nickName"] = json!("C");
    whole.as_object_mut().expect("an object").remove("phoneNumbers");
    let put = own.put("/scim2/Me", &whole).await.expect(200).json();
    assert_eq!((&put["nickName"], &put["phoneNumbers"], &put["title"], &put["externalId"]), (&json!("C"), &Value::Null, &json!("Dr"), &json!("hr-7")));
    rekey.anyone().open_session(&user, &user.password).await;
}

#[tokio::test]
async fn people_may_not_change_what_others_rely_on() {
    let (rekey, user, own) = carol().await;
    let admin = rekey.admin();
    let before = admin.snapshot(&user).await;
    for (path, value) in [
        ("userName".to_owned(), json!("mallory")),
        ("emails".to_owned(), json!([{ "value": "mallory@example.com", "primary": true }])),
        ("emails[primary eq true].value".to_owned(), json!("mallory@example.com")),
        ("active".to_owned(), json!(false)),
        ("roles".to_owned(), json!([{ "value": "admin" }])),
        ("entitlements".to_owned(), json!([{ "value": "all" }])),
        ("externalId".to_owned(), json!("ceo")),
        ("password".to_owned(), json!(fresh_password())),
        (format!("{ENTERPRISE}:department"), json!("Board")),
        (ENTERPRISE.to_owned(), json!({ "department": "Board" })),
        (format!("{ENTERPRISE}:forcePasswordReset"), json!(true)),
        (format!("{WSO2}:forcePasswordReset"), json!(true)),
        (format!("{WSO2}:accountLocked"), json!(true)),
    ] {
        for operation in [json!({ "op": "replace", "path": path, "value": value }), json!({ "op": "add", "path": path, "value": value })] {
            let nickname = json!({ "op": "replace", "path": "nickName", "value": "M" });
            own.patch("/scim2/Me", &patch_of(json!([nickname, operation]))).await.expect_error(403, "");
        }
    }
    let trigger = json!({ ENTERPRISE: { "forcePasswordReset": true } });
    own.patch("/scim2/Me", &patch_of(json!([{ "op": "add", "value": trigger }]))).await.expect_error(403, "");
    own.patch("/scim2/Me", &patch_of(json!([{ "op": "replace", "path": "groups", "value": [{ "value": user.id }] }]))).await.expect_any(&[400, 403]);
    own.patch("/scim2/Me", &patch_of(json!([{ "op": "add", "path": format!("{RESET}:methods"), "value": ["link"] }]))).await.expect_any(&[400, 403]);
    own.patch("/scim2/Me", &patch_of(json!([{ "op": "remove", "path": "title" }]))).await.expect_error(403, "");
    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
}

#[tokio::test]
async fn a_put_that_would_change_more_changes_nothing() {
    let (rekey, user, own) = carol().await;
    let admin = rekey.admin();
    let before = admin.snapshot(&user).await;
    let whole = own.get("/scim2/Me").await.expect(200).json();
    for (attribute, value) in [
        ("userName", json!("mallory")),
        ("emails", json!([{ "value": "mallory@example.com", "primary": true }])),
        ("active", json!(false)),
        ("roles", json!([{ "value": "admin" }])),
        ("externalId", json!("ceo")),
        ("title", json!("Professor")),
        ("password", json!(fresh_password())),
        (ENTERPRISE, json!({ "department": "Board" })),
        (ENTERPRISE, json!({ "department": "Harbour", "forcePasswordReset": true })),
        (WSO2, json!({ "accountLocked": true })),
    ] {
        let mut changed = whole.clone();
        changed["nickName"] = json!("M");
        changed[attribute] = value;
        own.put("/scim2/Me", &changed).await.expect_error(403, "");
    }
    assert_eq!(admin.snapshot(&user).await, before);
}

#[tokio::test]
async fn versions_count_at_me_too() {
    let (_rekey, _user, own) = carol().await;
    let tag = own.get("/scim2/Me").await.expect(200).header("etag");
    let patch = patch_of(json!([{ "op": "replace", "path": "nickName", "value": "Caz" }]));
    own.with_header(Method::PATCH, "/scim2/Me", ("if-match", "W/\"999999\""), &patch).await.expect_error(412, "");
    own.with_header(Method::PATCH, "/scim2/Me", ("if-match", &tag), &patch).await.expect(200);
    let whole = own.get("/scim2/Me").await.expect(200).json();
    own.with_header(Method::PUT, "/scim2/Me", ("if-match", &tag), &whole).await.expect_error(412, "");
}

#[tokio::test]
async fn a_user_cannot_grow_until_no_list_can_hold_it() {
    let (rekey, user, own) = carol().await;
    let grow = || json!([{ "op": "add", "path": "addresses", "value": [{ "streetAddress": fresh_password().repeat(10_000) }] }]);
    let mut answers = Vec::new();
    while answers.len() < 8 && answers.iter().all(|status| *status == 200) {
        let answer = own.patch("/scim2/Me", &patch_of(grow())).await;
        answers.push(answer.status);
        if answer.status != 200 {
            let text = answer.expect_error(400, "invalidValue").text();
            assert!(text.contains("1048576"), "it says how much there may be: {text}");
        }
    }
    assert_eq!(answers.last(), Some(&400), "{answers:?}");
    let list = rekey.admin().get("/scim2/Users?filter=userName%20eq%20%22carol%22").await.expect(200);
    assert_eq!(list.json()["Resources"][0]["id"], json!(user.id));
    own.patch("/scim2/Me", &patch_of(json!([{ "op": "remove", "path": "addresses" }]))).await.expect(200);
}
