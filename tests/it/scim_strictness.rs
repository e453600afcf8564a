//! What no schema knows is refused by name, not dropped in silence: a typing error would else look like a success.

use rekey_tests::{
    CORE, ENTERPRISE, NewUser, Options, RESET, WSO2,
    scim::{GROUP, each},
    start,
    users::patch_of,
};
use serde_json::{Value, json};

/// Wrong parts of a user, each with what the answer must name.
fn wrong_parts() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("nickNam", json!("x"), "nickNam"),
        ("name", json!({ "givnName": "x" }), "givnName"),
        ("emails", json!([{ "value": "a@b.example", "kind": "work" }]), "kind"),
        ("urn:example:unknown", json!({ "a": 1 }), "urn:example:unknown"),
        (ENTERPRISE, json!({ "departement": "x" }), "departement"),
        (ENTERPRISE, json!({ "manager": { "vaule": "x" } }), "vaule"),
        (WSO2, json!({ "accountLokced": true }), "accountLokced"),
        (RESET, json!({ "method": ["link"] }), "method"),
        ("members", json!([]), "members"),
    ]
}

#[tokio::test]
async fn an_unknown_name_anywhere_in_a_user_is_refused_and_named() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create(NewUser::named("carol")).await;
    let before = admin.snapshot(&user).await;
    let own = rekey.anyone().with_basic("carol", &user.password);
    let mut wrong = Vec::new();
    for (name, value, named) in wrong_parts() {
        let mut document = json!({ "schemas": [CORE], "userName": "dave" });
        document[name] = value.clone();
        let mut same = before.document.clone();
        same[name] = value.clone();
        let by_name = json!([{ "op": "add", "value": { name: value } }]);
        let bulk = json!({ "method": "POST", "path": "/Users", "bulkId": "x", "data": document });
        let outcome = admin.bulk_outcomes(&[bulk]).await.remove(0);
        let answers = [
            ("POST", admin.post("/scim2/Users", &document).await.expect_any(&[201, 400]).json()),
            ("PUT", admin.put(&user.path(), &same).await.expect_any(&[200, 400]).json()),
            ("PATCH", admin.patch_user(&user, by_name).await.expect_any(&[200, 400]).json()),
            ("PUT /Me", own.put("/scim2/Me", &same).await.expect_any(&[200, 400]).json()),
            ("Bulk", outcome["response"].clone()),
        ];
        for (method, answer) in answers {
            let kinds: &[&str] = if method == "PATCH" { &["invalidPath", "invalidSyntax"] } else { &["invalidSyntax"] };
            let right = answer["status"] == "400" && kinds.contains(&answer["scimType"].as_str().unwrap_or_default());
            if !right || !answer["detail"].as_str().is_some_and(|detail| detail.contains(named)) {
                wrong.push(format!("{method} with {name} {value}: {answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(admin.snapshot(&user).await, before);
    assert!(admin.found("userName eq \"dave\"").await.is_empty());
}

#[tokio::test]
async fn an_unknown_name_in_a_value_of_a_patch_is_refused_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let before = admin.user(&user).await;
    for (path, value) in [
        ("name".to_owned(), json!({ "givnName": "x" })),
        ("emails".to_owned(), json!([{ "value": "a@b.example", "kind": "work" }])),
        ("emails[type eq \"work\"]".to_owned(), json!({ "valeu": "x" })),
        (ENTERPRISE.to_owned(), json!({ "departement": "x" })),
        (format!("{ENTERPRISE}:manager"), json!({ "vaule": "x" })),
    ] {
        for op in ["add", "replace"] {
            let answer = admin.patch(&user.path(), &patch_of(json!([{ "op": op, "path": path, "value": value }]))).await.expect(400);
            let kind = answer.json()["scimType"].as_str().unwrap_or_default().to_owned();
            // A replace of an element that is not there fails for that before its value is looked at.
            assert!(["invalidPath", "invalidSyntax"].contains(&kind.as_str()) || (op == "replace" && kind == "noTarget"), "{op} {path}: {}", answer.text());
        }
    }
    assert_eq!(admin.user(&user).await, before);
}

#[tokio::test]
async fn an_unknown_name_in_a_group_is_refused() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.people(&["carol"]).await.remove(0);
    let group = admin.create_group("Crew", &[]).await;
    for (name, value) in [
        ("userName", json!("x")),
        ("displayNam", json!("x")),
        ("members", json!([{ "value": user.id, "name": "x" }])),
        (ENTERPRISE, json!({ "department": "x" })),
        ("urn:example:unknown", json!({})),
    ] {
        let mut document = json!({ "schemas": [GROUP], "displayName": "Rubbish" });
        document[name] = value;
        admin.post("/scim2/Groups", &document).await.expect_error(400, "invalidSyntax");
        admin.put(&group.path(), &document).await.expect_error(400, "invalidSyntax");
    }
    assert_eq!(each(&admin.list("/scim2/Groups", &[]).await, "displayName"), ["Crew"]);
}

#[tokio::test]
async fn schemas_must_name_the_type_when_they_name_anything() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (schemas, right) in [(json!([GROUP]), false), (json!([ENTERPRISE]), false), (json!(["urn:x"]), false), (json!([]), true), (json!(null), true)] {
        let answer = admin.post("/scim2/Users", &json!({ "schemas": schemas, "userName": format!("u-{}", schemas.to_string().len()) })).await;
        if right { drop(answer.expect(201)) } else { drop(answer.expect_error(400, "invalidSyntax")) }
    }
    admin.post("/scim2/Groups", &json!({ "schemas": [CORE], "displayName": "x" })).await.expect_error(400, "invalidSyntax");
    admin.post("/scim2/Groups", &json!({ "displayName": "x" })).await.expect(201);
}

#[tokio::test]
async fn what_the_server_itself_shows_is_taken_back() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let boss = admin.people(&["boss"]).await.remove(0);
    let enterprise = json!({ "schemas": [ENTERPRISE], "department": "Harbour", "manager": { "value": boss.id, "displayName": "Boss" } });
    let user = admin.create(NewUser::named("carol").with(ENTERPRISE, enterprise)).await;
    let group = admin.create_group("Crew", &[&user.id]).await;
    for path in [user.path(), group.path()] {
        let before = admin.document(&path).await;
        assert_eq!(admin.put(&path, &before).await.expect(200).json(), before);
    }
    admin.trigger(&user).await.expect(200);
    admin.wait_until_sent(&user).await;
    let pending = admin.user(&user).await;
    admin.put(&user.path(), &pending).await.expect(200);
    assert_eq!(admin.resets(&user).await.len(), 1, "the reset that is shown is not ordered anew");
}
