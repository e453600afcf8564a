//! Users by SCIM: as much of it as this product's main job needs.

use rekey_tests::{
    Api, CORE, ENTERPRISE, NewUser, Options, WSO2, fresh_password,
    scim::{escaped, names},
    start,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_created_read_replaced_and_deleted() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let created = admin.post("/scim2/Users", &NewUser::named("carol").with("displayName", json!("Carol")).document()).await.expect(201);
    assert!(created.header("content-type").starts_with("application/scim+json"));
    let document = created.json();
    let location = document["meta"]["location"].as_str().expect("a location");
    assert_eq!(created.header("location"), location);
    assert!(location.starts_with(&format!("{}/scim2/Users/", rekey.base())), "{location}");
    assert!(document["password"].is_null() && !created.text().contains("Quiet harbour"), "the password was returned");
    let path = location.strip_prefix(&rekey.base()).expect("on our base").to_owned();
    assert_eq!(admin.get(&path).await.expect(200).json(), document);

    let mut replacement = document.clone();
    replacement["displayName"] = json!("Carol of the harbour");
    let replaced = admin.put(&path, &replacement).await.expect(200).json();
    assert_eq!(replaced["displayName"], "Carol of the harbour");
    assert_ne!(replaced["meta"]["version"], document["meta"]["version"]);
    assert_eq!(replaced["id"], document["id"]);
    let gone = admin.delete(&path).await.expect(204);
    assert!(gone.body.is_empty());
    for answer in [admin.get(&path).await, admin.delete(&path).await, admin.put(&path, &replacement).await] {
        let error = answer.expect(404);
        assert_eq!(error.json()["status"], "404");
        assert!(error.header("content-type").starts_with("application/scim+json"));
    }
}

#[tokio::test]
async fn a_user_name_is_taken_in_any_case() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.create_user("carol").await;
    let other = admin.create_user("dave").await;
    let conflict = admin.post("/scim2/Users", &NewUser::named("CAROL").document()).await.expect(409);
    assert_eq!(conflict.json()["scimType"], "uniqueness");
    admin.patch_user(&other, json!([{ "op": "replace", "path": "userName", "value": "Carol" }])).await.expect(409);
    let weak = json!({ "schemas": [CORE], "userName": "eve", "password": "short" });
    let refused = admin.post("/scim2/Users", &weak).await.expect(400);
    assert_eq!(refused.json()["scimType"], "invalidValue");
    admin.create_user("eve").await;
}

#[tokio::test]
async fn a_rename_moves_the_login() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    admin.patch_user(&user, json!([{ "op": "replace", "path": "userName", "value": "caroline" }])).await.expect(200);
    rekey.anyone().refused("carol", &user.password).await;
    rekey.anyone().login("caroline", &user.password).await.expect(200);
    admin.create_user("carol").await;
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let first = admin.get(&user.path()).await.expect(200);
    let etag = first.header("etag");
    assert!(etag.starts_with("W/\""), "{etag}");
    assert_eq!(first.json()["meta"]["version"], json!(etag));
    let rename =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "path": "displayName", "value": "C" }] });
    assert_eq!(if_match(&admin, reqwest::Method::PATCH, &user.path(), &etag, &rename).await, 200);
    let mut again = rename.clone();
    again["Operations"][0]["value"] = json!("D");
    assert_eq!(if_match(&admin, reqwest::Method::PATCH, &user.path(), &etag, &again).await, 412);
    assert_eq!(if_match(&admin, reqwest::Method::PATCH, &user.path(), &etag, &rekey_tests::users::guide_body()).await, 412);
    assert_eq!(if_match(&admin, reqwest::Method::PUT, &user.path(), &etag, &first.json()).await, 412);
    assert_eq!(if_match(&admin, reqwest::Method::DELETE, &user.path(), &etag, &json!({})).await, 412);
    assert_eq!(admin.user(&user).await["displayName"], "C");
    assert_eq!(admin.account_state(&user).await, "UNLOCKED");
    assert_eq!(if_match(&admin, reqwest::Method::PATCH, &user.path(), "*", &again).await, 200);
}

async fn if_match(api: &Api, method: reqwest::Method, path: &str, etag: &str, body: &Value) -> u16 {
    let request = api.request(method, path).header("if-match", etag).header("content-type", "application/scim+json").body(body.to_string());
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn users_are_found_by_name_and_listed_by_pages() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let all = 3 + admin.get("/scim2/Users?count=0").await.expect(200).json()["totalResults"].as_u64().expect("a number");
    for name in ["carol", "dave", "erin"] {
        admin.create_user(name).await;
    }
    let list = async |query: &str| admin.get(&format!("/scim2/Users{query}")).await.expect(200).json();
    for filter in ["userName eq \"CAROL\"", "username EQ \"carol\"", "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"Carol\""] {
        let found = list(&format!("?filter={}", escaped(filter))).await;
        assert_eq!((&found["totalResults"], &found["Resources"][0]["userName"]), (&json!(1), &json!("carol")), "{filter}");
        assert_eq!(found["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    }
    assert_eq!(list(&format!("?filter={}", escaped("userName eq \"nobody\""))).await["totalResults"], 0);

    let (first, second, past) = (list("?startIndex=1&count=2").await, list("?startIndex=3&count=2").await, list("?startIndex=99").await);
    assert_eq!((&first["totalResults"], &first["itemsPerPage"], &first["startIndex"]), (&json!(all), &json!(2), &json!(1)));
    assert_eq!(names(&first).len() + names(&second).len(), 4);
    assert!(names(&first).iter().all(|name| !names(&second).contains(name)), "pages overlap");
    assert_eq!((&past["totalResults"], names(&past).len()), (&json!(all), 0));
    assert_eq!((&list("?count=0").await["totalResults"], names(&list("?count=0").await).len()), (&json!(all), 0));
    assert_eq!(names(&list("?count=-3&startIndex=-3").await).len(), 0);
}

#[tokio::test]
async fn a_bad_filter_of_any_kind_or_length_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let (brackets, chain) = ("(".repeat(3_000), "userName eq \"a\" and ".repeat(300));
    for filter in [
        "userName",
        "userName eq",
        "userName is \"a\"",
        "userName eq \"a",
        "eq \"a\"",
        "(userName eq \"a\"",
        "userName eq \"a\")",
        "active gt true",
        "",
        " ",
        &brackets,
        &chain,
        "userName eq \"\u{0}",
        "not",
    ] {
        let answer = admin.get(&format!("/scim2/Users?filter={}", escaped(filter))).await;
        assert_eq!(answer.status, 400, "{:.60}: {}", filter, answer.text());
        assert_eq!(answer.json()["scimType"], "invalidFilter", "{filter:.60}");
    }
}

#[tokio::test]
async fn names_are_read_in_any_case_and_the_trigger_is_never_kept() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let password = fresh_password();
    rekey.secrets().add_credential("carol", &password);
    let document = json!({ "SCHEMAS": [CORE], "USERNAME": "carol", "PassWord": password, "ACTIVE": "True", "eMails": [{ "VALUE": "carol@example.com", "Primary": "True" }], ENTERPRISE.to_lowercase(): { "Department": "Harbour", "forcepasswordreset": false } });
    let created = admin.post("/scim2/Users", &document).await.expect(201).json();
    assert_eq!((&created["userName"], &created["active"]), (&json!("carol"), &json!(true)));
    assert_eq!(created["emails"][0]["primary"], json!(true));
    assert_eq!(created[ENTERPRISE]["department"], "Harbour");
    assert_eq!(created[WSO2]["accountState"], "UNLOCKED");
    assert!(!created.to_string().to_lowercase().contains("forcepasswordreset"));
    rekey.anyone().login("carol", &password).await.expect(200);
    let asked =
        format!("/scim2/Users/{}?attributes={ENTERPRISE}:forcePasswordReset,{WSO2}:forcePasswordReset,password", created["id"].as_str().expect("an id"));
    let narrow = admin.get(&asked).await.expect(200).json();
    assert!(narrow["userName"].is_null() && narrow["password"].is_null() && !narrow.to_string().contains("forcePasswordReset"), "{narrow}");
}

#[tokio::test]
async fn discovery_says_what_there_is() {
    let rekey = start(Options::default()).await;
    let anyone = rekey.anyone();
    let config = anyone.get("/scim2/ServiceProviderConfig").await.expect(200);
    assert!(config.header("content-type").starts_with("application/scim+json"));
    assert_eq!((&config.json()["patch"]["supported"], &config.json()["etag"]["supported"]), (&json!(true), &json!(true)));
    assert_eq!(anyone.get("/scim2/ResourceTypes").await.expect(200).json()["Resources"][0]["name"], "User");
    let schemas = anyone.get("/scim2/Schemas").await.expect(200).text();
    for schema in [CORE, ENTERPRISE, WSO2, rekey_tests::RESET, "forcePasswordReset", "accountState", "oneTimePassword"] {
        assert!(schemas.contains(schema), "{schema} is in no schema");
    }
    anyone.get(&format!("/scim2/Schemas/{WSO2}")).await.expect(200);
    anyone.get("/scim2/Schemas/urn:nothing").await.expect(404);
}

#[tokio::test]
async fn claims_say_where_they_are_stored() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let claims = admin.get("/api/server/v1/claim-dialects/local/claims").await.expect(200).json();
    let claim = claims
        .as_array()
        .expect("a list of claims")
        .iter()
        .find(|claim| claim["claimURI"] == "http://wso2.org/claims/oneTimePassword")
        .expect("the claim is there")
        .clone();
    assert_eq!((&claim["displayName"], &claim["supportedByDefault"]), (&json!("One Time Password"), &json!(false)));
    assert!(claim.to_string().contains("oneTimePassword"), "{claim}");
    admin.get("/api/server/v1/claim-dialects").await.expect(200);
}
