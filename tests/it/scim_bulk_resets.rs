//! Many resets in one request: each is a reset of its own, with its own outcome.

use rekey_tests::{
    Api, CORE, ENTERPRISE, NewUser, Options, RESET, User, WSO2,
    scim::names,
    start,
    users::{guide_body, patch_of},
    wait_for,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Makes users as provisioning does: in one request, without passwords. Their names end in their number.
async fn provision(admin: &Api, how_many: usize) -> Vec<User> {
    let document = |number: usize| json!({ "schemas": [CORE], "userName": name(number), "emails": [{ "value": format!("{}@example.com", name(number)) }] });
    let operations: Vec<_> =
        (0..how_many).map(|number| json!({ "method": "POST", "path": "/Users", "bulkId": name(number), "data": document(number) })).collect();
    let made = admin.bulk_outcomes(&operations).await;
    let id = |outcome: &Value| outcome["location"].as_str().and_then(|place| place.rsplit('/').next()).expect("a location").to_owned();
    assert!(made.iter().all(|outcome| outcome["status"] == "201"), "{made:?}");
    let user = |(number, outcome): (usize, &Value)| User {
        id: id(outcome),
        user_name: name(number),
        password: String::new(),
        email: Some(format!("{}@example.com", name(number))),
    };
    made.iter().enumerate().map(user).collect()
}

fn name(number: usize) -> String {
    format!("bulk-{number:04}")
}

fn trigger(user: &User) -> Value {
    json!({ "method": "PATCH", "path": format!("/Users/{}", user.id), "data": guide_body() })
}

/// Triggers a reset of each in one request, and again of those whose answer is to ask again: that joins what is on its way.
async fn trigger_all(admin: &Api, users: &[User]) {
    let mut left: Vec<&User> = users.iter().collect();
    wait_for("every trigger to be in force", async || {
        let operations: Vec<_> = left.iter().map(|user| trigger(user)).collect();
        let outcomes = admin.bulk_outcomes(&operations).await;
        assert!(outcomes.len() == left.len() && outcomes.iter().all(|outcome| outcome["status"] == "200" || outcome["status"] == "503"), "{outcomes:?}");
        left = left.iter().zip(&outcomes).filter(|(_, outcome)| outcome["status"] == "503").map(|(user, _)| *user).collect();
        left.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn sixty_triggers_are_sixty_resets_with_mails_of_their_own() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = provision(&admin, 60).await;
    trigger_all(&admin, &users).await;
    let mut resets = HashSet::new();
    for user in &users {
        let document = admin.user(user).await;
        assert_eq!(document[WSO2]["accountState"], "PENDING_FUPR");
        assert!(resets.insert(document[RESET]["resetId"].as_str().expect("a reset").to_owned()), "two users share a reset");
    }
    let last = &users[59];
    for user in [&users[0], &users[30], last] {
        rekey.mail_to(user.address()).await;
    }
    wait_for("all mails", async || (rekey.mails().len() >= users.len()).then_some(())).await;
    let token = rekey.mail_to(last.address()).await.token();
    let password = rekey_tests::fresh_password();
    rekey.anyone().complete(&token, &password).await.expect(204);
    rekey.anyone().open_session(last, &password).await;
}

#[tokio::test]
async fn each_trigger_fails_or_succeeds_alone() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = provision(&admin, 4).await;
    admin.patch_user(&users[1], json!([{ "op": "remove", "path": "emails" }])).await.expect(200);
    let nobody = User { id: "01890000-0000-7000-8000-000000000000".to_owned(), ..users[0].clone() };
    let by_offline = json!({ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true }, RESET: { "methods": ["offline"] } } });
    let disabled = json!({ "method": "PATCH", "path": format!("/Users/{}", users[3].id), "data": patch_of(json!([by_offline])) });
    let operations = [trigger(&users[0]), trigger(&users[1]), trigger(&nobody), trigger(&users[2]), disabled];
    let outcomes = admin.bulk_outcomes(&operations).await;
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap_or_default()).collect();
    assert_eq!(statuses, ["200", "400", "404", "200", "400"], "{outcomes:?}");
    assert!(outcomes[4]["response"]["detail"].as_str().is_some_and(|detail| detail.contains("offline")), "{outcomes:?}");
    for (user, pending) in users.iter().zip([true, false, true, false]) {
        assert_eq!(admin.resets(user).await.len(), usize::from(pending), "{}", user.user_name);
    }
    for user in [&users[0], &users[2]] {
        rekey.mail_to(user.address()).await;
    }
}

#[tokio::test]
async fn a_help_desk_may_trigger_in_bulk_and_nothing_else() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let agent = admin.create(NewUser::named("agent").role("helpdesk")).await;
    let users = provision(&admin, 2).await;
    let desk = rekey.anyone().with_basic("agent", &agent.password);
    let outcomes = desk
        .bulk_outcomes(&[
            trigger(&users[0]),
            json!({ "method": "DELETE", "path": format!("/Users/{}", users[1].id) }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "x", "data": { "schemas": [CORE], "userName": "mallory" } }),
            json!({ "method": "POST", "path": "/Groups", "bulkId": "y", "data": { "displayName": "Mallory's" } }),
        ])
        .await;
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap_or_default()).collect();
    assert_eq!(statuses, ["200", "403", "403", "403"], "{outcomes:?}");
    rekey.mail_to(users[0].address()).await;
}

#[tokio::test]
async fn a_thousand_triggers_in_one_request_are_a_thousand_resets() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let users = provision(&admin, 1_000).await;
    trigger_all(&admin, &users).await;
    let pending = [("filter", format!("{WSO2}:accountState eq \"PENDING_FUPR\"")), ("count", "1000".to_owned()), ("attributes", "userName".to_owned())];
    let list = admin.list("/scim2/Users", &pending.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert_eq!((&list["totalResults"], names(&list).len()), (&json!(1_000), 1_000));
    let mut resets = HashSet::new();
    for user in users.iter().step_by(97) {
        let of_user = admin.resets(user).await;
        assert_eq!(of_user.len(), 1, "{}", user.user_name);
        assert!(resets.insert(of_user[0]["id"].as_str().expect("an id").to_owned()));
    }
}
