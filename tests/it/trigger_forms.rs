//! The trigger in every legal form, and in none that is not.

use rekey_tests::{Api, CORE, ENTERPRISE, NewUser, Options, User, WSO2, start};
use serde_json::{Value, json};

#[tokio::test]
async fn every_legal_form_of_patch_triggers() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (number, (name, body)) in patch_forms().into_iter().enumerate() {
        let user = admin.create_user(&format!("user-{number}")).await;
        let answer = admin.patch(&user.path(), &body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_triggered(&admin, &user, &answer.json(), name).await;
    }
}

fn patch_forms() -> Vec<(&'static str, Value)> {
    let patch = |operation: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    let (lower, long) = (ENTERPRISE.to_lowercase(), format!("{ENTERPRISE}:forcePasswordReset"));
    vec![
        ("add without path", patch(json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true } } }))),
        ("replace without path", patch(json!({ "op": "replace", "value": { ENTERPRISE: { "forcePasswordReset": true } } }))),
        ("Add", patch(json!({ "op": "Add", "value": { ENTERPRISE: { "forcePasswordReset": true } } }))),
        ("REPLACE", patch(json!({ "op": "REPLACE", "value": { WSO2: { "forcePasswordReset": true } } }))),
        ("the other schema", patch(json!({ "op": "add", "value": { WSO2: { "forcePasswordReset": true } } }))),
        ("both schemas", patch(json!({ "op": "add", "value": { WSO2: { "forcePasswordReset": true }, ENTERPRISE: { "forcePasswordReset": true } } }))),
        ("path", patch(json!({ "op": "add", "path": long, "value": true }))),
        ("path, replace", patch(json!({ "op": "Replace", "path": long, "value": true }))),
        ("path of the other schema", patch(json!({ "op": "replace", "path": format!("{WSO2}:forcePasswordReset"), "value": true }))),
        ("path of the schema", patch(json!({ "op": "add", "path": ENTERPRISE, "value": { "forcePasswordReset": true } }))),
        ("\"True\"", patch(json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": "True" } } }))),
        ("\"true\" at a path", patch(json!({ "op": "replace", "path": long, "value": "true" }))),
        ("flattened key", patch(json!({ "op": "add", "value": { long: true } }))),
        ("names in lower case", patch(json!({ "op": "add", "value": { lower: { "forcepasswordreset": true } } }))),
        ("path in upper case", patch(json!({ "op": "add", "path": format!("{}:FORCEPASSWORDRESET", ENTERPRISE.to_uppercase()), "value": true }))),
        (
            "lower-case operations",
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "operations": [{ "OP": "add", "Value": { ENTERPRISE: { "forcePasswordReset": true } } }] }),
        ),
    ]
}

async fn assert_triggered(admin: &Api, user: &User, answer: &Value, form: &str) {
    for document in [answer, &admin.user(user).await] {
        let account = &document[WSO2];
        assert_eq!(account["accountState"], "PENDING_FUPR", "{form}");
        assert_eq!(account["accountLocked"], true, "{form}");
        assert_eq!(account["lockedReason"], "PENDING_ADMIN_FORCED_USER_PASSWORD_RESET", "{form}");
        assert!(!document.to_string().to_lowercase().contains("forcepasswordreset"), "{form}: the trigger was returned");
    }
    assert_eq!(admin.reset(user).await["state"], "pending", "{form}");
}

#[tokio::test]
async fn the_trigger_itself_is_stored_nowhere() {
    let mut rekey = start(Options::default()).await;
    let admin = rekey.admin();
    admin.create(NewUser::named("carol").with(ENTERPRISE, json!({ "forcePasswordReset": true, "department": "Harbour" }))).await;
    let user = admin.create_user("dave").await;
    admin.trigger(&user).await.expect(200);
    rekey.stop();
    let stored: String = rekey.database_files().iter().map(|file| rekey_tests::program::read_lossy(file).to_lowercase()).collect();
    assert!(stored.contains("harbour"), "the database is elsewhere");
    assert!(!stored.contains("forcepasswordreset"));
}

#[tokio::test]
async fn put_and_post_trigger_too() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    for (number, schema) in [ENTERPRISE, WSO2].into_iter().enumerate() {
        let made = admin.create(NewUser::named(&format!("made-{number}")).with(schema, json!({ "forcePasswordReset": true }))).await;
        assert_triggered(&admin, &made, &admin.user(&made).await, "POST").await;
        rekey.anyone().refused(&made.user_name, &made.password).await;
        rekey.mail_to(made.address()).await;

        let put = admin.create_user(&format!("put-{number}")).await;
        let mut document = admin.user(&put).await;
        document[schema] = json!({ "forcePasswordReset": "True" });
        let answer = admin.put(&put.path(), &document).await.expect(200);
        assert_triggered(&admin, &put, &answer.json(), "PUT").await;
        rekey.anyone().refused(&put.user_name, &put.password).await;
        rekey.mail_to(put.address()).await;
    }
}

#[tokio::test]
async fn false_does_nothing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    for value in [json!(false), json!("False"), json!("false")] {
        admin.patch_user(&user, json!([{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": value } } }])).await.expect(200);
        admin.patch_user(&user, json!([{ "op": "replace", "path": format!("{WSO2}:forcePasswordReset"), "value": value }])).await.expect(200);
        assert_eq!(admin.snapshot(&user).await, before);
    }
    admin.trigger(&user).await.expect(200);
    let pending = admin.reset_id(&user).await;
    admin.patch_user(&user, json!([{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": false } } }])).await.expect(200);
    assert_eq!(admin.reset_id(&user).await, pending);
    assert_eq!(admin.account_state(&user).await, "PENDING_FUPR");
}

#[tokio::test]
async fn what_is_no_boolean_is_refused_and_nothing_changes() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    for value in [json!("maybe"), json!(""), json!(1), json!(2.5), json!([]), json!([true, false]), json!({}), json!({ "value": 1 })] {
        for operation in [
            json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": value } } }),
            json!({ "op": "replace", "path": format!("{WSO2}:forcePasswordReset"), "value": value }),
        ] {
            let answer = admin.patch_user(&user, json!([operation])).await;
            assert_eq!(answer.status, 400, "{operation}: {}", answer.text());
            assert_eq!(answer.json()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        }
    }
    let mut document = admin.user(&user).await;
    document[ENTERPRISE] = json!({ "forcePasswordReset": "maybe" });
    admin.put(&user.path(), &document).await.expect(400);
    assert_eq!(admin.snapshot(&user).await, before);
}

#[tokio::test]
async fn one_bad_operation_undoes_the_trigger_beside_it() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    let trigger = json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true } } });
    for bad in [
        json!({ "op": "burn", "path": "displayName" }),
        json!({ "op": "replace", "path": "userName", "value": "" }),
        json!({ "op": "replace", "path": "id", "value": "x" }),
    ] {
        admin.patch_user(&user, json!([trigger, bad])).await.expect(400);
        admin.patch_user(&user, json!([bad, trigger])).await.expect(400);
    }
    admin.patch_user(&user, json!([])).await.expect(400);
    assert_eq!(admin.snapshot(&user).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
}

#[tokio::test]
async fn a_trigger_beside_other_changes_does_both() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let answer = admin
        .patch_user(
            &user,
            json!([
                { "op": "replace", "path": "displayName", "value": "Carol of the harbour" },
                { "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true, "department": "Harbour" } } }
            ]),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(answer["displayName"], "Carol of the harbour");
    assert_eq!(answer[ENTERPRISE]["department"], "Harbour");
    assert_triggered(&admin, &user, &answer, "with other changes").await;
}

#[tokio::test]
async fn a_trigger_for_nobody_is_not_found() {
    let rekey = start(Options::default()).await;
    let nobody = User { id: "01890000-0000-7000-8000-000000000000".to_owned(), user_name: String::new(), password: String::new(), email: None };
    let answer = rekey.admin().trigger(&nobody).await.expect(404);
    assert_eq!(answer.json()["status"], "404");
    rekey.anyone().trigger(&nobody).await.expect(401);
    assert!(rekey.admin().get("/scim2/Schemas").await.expect(200).text().contains(CORE));
}
