//! Bodies that no SCIM client would send: always a 4xx, never a change. (`rubbish.rs` does the same at `/Users` and at what is not SCIM.)

use crate::rubbish::rubbish;
use rekey_tests::{
    Answer, Api, NewUser, Options, Rekey, User,
    scim::{BULK, GROUP, Group, SEARCH},
    start,
};
use reqwest::Method;
use serde_json::json;

struct Door {
    method: Method,
    path: String,
    good: String,
    caller: Api,
}

struct World {
    rekey: Rekey,
    user: User,
    group: Group,
}

impl World {
    async fn make() -> Self {
        let rekey = start(Options::default()).await;
        let user = rekey.admin().create(NewUser::named("carol")).await;
        let group = rekey.admin().create_group("Crew", &[&user.id]).await;
        Self { rekey, user, group }
    }

    fn doors(&self) -> Vec<Door> {
        let (admin, own) = (self.rekey.admin(), self.rekey.anyone().with_basic("carol", &self.user.password));
        let door = |method, path: &str, good: &str, caller: &Api| Door { method, path: path.to_owned(), good: good.to_owned(), caller: caller.clone() };
        let group = format!(r#"{{"schemas":["{GROUP}"],"displayName":"Rubbish"}}"#);
        let search = format!(r#"{{"schemas":["{SEARCH}"],"filter":"displayName pr"}}"#);
        let bulk = format!(r#"{{"schemas":["{BULK}"],"Operations":[{{"method":"POST","path":"/Groups","bulkId":"x","data":{{"displayName":"Rubbish"}}}}]}}"#);
        let patch = r#"{"Operations":[{"op":"replace","path":"displayName","value":"Rubbish"}]}"#;
        let me = format!(r#"{{"schemas":["{}"],"userName":"carol","displayName":"Rubbish"}}"#, rekey_tests::CORE);
        vec![
            door(Method::POST, "/scim2/Groups", &group, &admin),
            door(Method::PUT, &self.group.path(), &group, &admin),
            door(Method::PATCH, &self.group.path(), patch, &admin),
            door(Method::POST, "/scim2/Bulk", &bulk, &admin),
            door(Method::POST, "/scim2/.search", &search, &admin),
            door(Method::POST, "/scim2/Users/.search", &search, &admin),
            door(Method::POST, "/scim2/Groups/.search", &search, &admin),
            door(Method::PATCH, "/scim2/Me", patch, &own),
            door(Method::PUT, "/scim2/Me", &me, &own),
        ]
    }

    /// All that rubbish might change.
    async fn snapshot(&self) -> String {
        let admin = self.rekey.admin();
        let users = admin.get("/scim2/Users").await.expect(200).text();
        format!("{users}{}{:?}", admin.get("/scim2/Groups").await.expect(200).text(), admin.snapshot(&self.user).await)
    }
}

#[tokio::test]
async fn rubbish_is_refused_at_every_door_and_changes_nothing() {
    let world = World::make().await;
    let before = world.snapshot().await;
    let mut wrong = Vec::new();
    for door in world.doors() {
        for (what, body) in rubbish(&door.good) {
            let answer = door.caller.try_bytes(door.method.clone(), &door.path, body).await.expect("an answer");
            if answer.status != 400 || answer.header("content-type") != "application/scim+json" {
                wrong.push(format!("{what} at {} {}: {} {:.200}", door.method, door.path, answer.status, answer.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn what_is_no_json_by_its_type_or_too_large_is_refused() {
    let world = World::make().await;
    let before = world.snapshot().await;
    for door in world.doors() {
        let place = format!("{} {}", door.method, door.path);
        for kind in ["text/plain", "application/xml", "application/octet-stream", "rubbish"] {
            let request = door.caller.request(door.method.clone(), &door.path).header("content-type", kind).body(door.good.clone());
            Answer::of(request).await.expect(&place).expect_error(415, "");
        }
        let huge = format!("{{\"huge\":\"{}\",{}", "x".repeat(1_100_000), &door.good[1..]);
        door.caller.try_bytes(door.method.clone(), &door.path, huge.into_bytes()).await.expect(&place).expect_error(413, "");
        let nothing = door.caller.try_bytes(door.method.clone(), &door.path, Vec::new()).await.expect(&place);
        nothing.expect_error(400, "invalidSyntax");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn members_of_wrong_types_are_refused() {
    let world = World::make().await;
    let before = world.snapshot().await;
    let admin = world.rekey.admin();
    for members in [json!("x"), json!(7), json!([7]), json!([["x"]]), json!([{ "value": 7 }]), json!([{ "value": [] }])] {
        let document = json!({ "schemas": [GROUP], "displayName": "Rubbish", "members": members });
        for answer in [
            admin.post("/scim2/Groups", &document).await,
            admin.put(&world.group.path(), &document).await,
            admin.patch_at(&world.group.path(), json!([{ "op": "add", "path": "members", "value": members }])).await,
            admin.patch_at(&world.group.path(), json!([{ "op": "replace", "value": { "members": members } }])).await,
        ] {
            assert_eq!(answer.status, 400, "{members} at {}: {}", answer.request, answer.text());
        }
    }
    for name in [json!(7), json!([]), json!({}), json!(true), json!("x".repeat(513)), json!("a\u{7}b"), json!("")] {
        let document = json!({ "schemas": [GROUP], "displayName": name });
        admin.post("/scim2/Groups", &document).await.expect_error(400, "invalidValue");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn patches_of_groups_that_make_no_sense_are_refused() {
    let world = World::make().await;
    let before = world.snapshot().await;
    let admin = world.rekey.admin();
    for (operation, kind) in [
        (json!({ "op": "replace", "path": "userName", "value": "x" }), "invalidPath"),
        (json!({ "op": "replace", "path": "members[", "value": "x" }), "invalidFilter"),
        (json!({ "op": "remove", "path": "members[value is \"x\"]" }), "invalidFilter"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "displayName", "value": "" }), "invalidValue"),
        (json!({ "op": "add", "path": "displayName" }), "invalidValue"),
        (json!({ "op": "add", "value": "text" }), "invalidValue"),
        (json!({ "op": "add", "value": { "noSuchAttribute": 1 } }), "invalidPath"),
    ] {
        let answer = admin.patch_at(&world.group.path(), json!([operation])).await.expect(400);
        assert_eq!(answer.json()["scimType"], kind, "{operation}: {}", answer.text());
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn bulk_operations_that_cannot_be_read_fail_alone() {
    let world = World::make().await;
    let admin = world.rekey.admin();
    let fine = |name: &str| json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": { "schemas": [GROUP], "displayName": name } });
    let rubbish = [
        json!(7),
        json!([]),
        json!({}),
        json!({ "method": "POST" }),
        json!({ "method": 7, "path": "/Users" }),
        json!({ "method": "POST", "path": ["/Users"], "bulkId": "r1", "data": {} }),
        json!({ "method": "POST", "path": "/Users", "data": { "userName": "x" } }),
        json!({ "method": "POST", "path": "/Users", "bulkId": "r2" }),
        json!({ "method": "POST", "path": "/Users", "bulkId": "r3", "data": "text" }),
        json!({ "method": "PATCH", "path": "/Groups", "data": {} }),
        json!({ "method": "PUT", "path": format!("/Groups/{}/x", world.group.id), "data": {} }),
        json!({ "method": "DELETE", "path": "/Users/../Groups" }),
        json!({ "method": "DELETE", "path": "https://elsewhere.example/Users/1" }),
        json!({ "method": "PATCH", "path": "/Me", "data": { "Operations": [{ "op": "replace", "path": "nickName", "value": "x" }] } }),
        json!({ "method": "POST", "path": "/Bulk", "bulkId": "r4", "data": {} }),
    ];
    let operations: Vec<_> = std::iter::once(fine("first")).chain(rubbish.clone()).chain([fine("last")]).collect();
    let outcomes = admin.bulk_outcomes(&operations).await;
    assert_eq!(outcomes.len(), operations.len());
    for (operation, outcome) in rubbish.iter().zip(&outcomes[1..]) {
        let status: u16 = outcome["status"].as_str().and_then(|status| status.parse().ok()).unwrap_or_default();
        assert!((400..500).contains(&status), "{operation}: {outcome}");
    }
    let groups = admin.list("/scim2/Groups", &[("sortBy", "displayName")]).await;
    assert_eq!(rekey_tests::scim::each(&groups, "displayName"), ["Crew", "first", "last"]);
    assert_eq!(admin.found("userName pr").await, ["carol"]);
}
