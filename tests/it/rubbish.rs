//! Bodies that no client would send: always a 4xx, never a change.

use rekey_tests::{Api, ENTERPRISE, Options, RESET, Rekey, User, fresh_password, governance::CONNECTOR, start};
use reqwest::Method;

/// Where anything is written, each with a body that would be right.
struct Door {
    method: Method,
    path: String,
    good: String,
    anonymous: bool,
}

#[tokio::test]
async fn rubbish_is_refused_everywhere_and_changes_nothing() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let (pending, token) = pending_reset(&rekey).await;
    let before = world(&admin, &user, &pending).await;
    let mut accepted = Vec::new();
    for door in doors(&user, &admin.reset_id(&pending).await, &token) {
        let caller = if door.anonymous { rekey.anyone() } else { admin.clone() };
        for (what, body) in rubbish(&door.good) {
            accepted.extend(knock(&caller, &door, what, body).await);
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert_eq!(world(&admin, &user, &pending).await, before);
    rekey.anyone().open_session(&user, &user.password).await;
    rekey.anyone().complete(&token, &fresh_password()).await.expect(204);
}

async fn pending_reset(rekey: &Rekey) -> (User, String) {
    let user = rekey.admin().create_user("pending").await;
    rekey.admin().trigger(&user).await.expect(200);
    rekey.admin().wait_until_sent(&user).await;
    let token = rekey.mail_to(user.address()).await.token();
    (user, token)
}

/// All that rubbish might change.
async fn world(admin: &Api, user: &User, pending: &User) -> String {
    let mut texts = vec![format!("{:?}{:?}", admin.snapshot(user).await, admin.snapshot(pending).await)];
    for path in ["/scim2/Users", CONNECTOR, "/api/v1/tenants"] {
        texts.push(admin.get(path).await.expect(200).text());
    }
    texts.join("\n")
}

fn doors(user: &User, reset: &str, token: &str) -> Vec<Door> {
    let door = |method, path: &str, good: String| Door { method, path: path.to_owned(), good, anonymous: false };
    let open = |path: &str, good: String| Door { method: Method::POST, path: path.to_owned(), good, anonymous: true };
    let tenant = format!(r#"{{"name":"Rubbish","domain":"rubbish","admin":{{"username":"boss","password":"{}"}}}}"#, fresh_password());
    let connector = r#"{"operation":"UPDATE","properties":[{"name":"Recovery.AdminPasswordReset.OTP","value":"true"}]}"#.to_owned();
    vec![
        door(Method::POST, "/scim2/Users", r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"rubbish"}"#.to_owned()),
        door(Method::PUT, &user.path(), r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"rubbish"}"#.to_owned()),
        door(Method::PATCH, &user.path(), format!(r#"{{"Operations":[{{"op":"add","value":{{"{ENTERPRISE}":{{"forcePasswordReset":true}}}}}}]}}"#)),
        door(Method::PATCH, CONNECTOR, connector),
        door(Method::POST, "/api/v1/tenants", tenant),
        door(Method::POST, &format!("/api/v1/password-resets/{reset}/extend"), r#"{"expiresAt":"2099-01-01T00:00:00Z"}"#.to_owned()),
        open("/api/v1/login", format!(r#"{{"username":"{}","password":"{}"}}"#, user.user_name, user.password)),
        open("/api/v1/password-resets/validate", format!(r#"{{"token":"{token}"}}"#)),
        open("/api/v1/password-resets/complete", format!(r#"{{"token":"{token}","password":"{}"}}"#, fresh_password())),
    ]
}

/// Bodies that are wrong at each of these doors.
pub(crate) fn rubbish(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let inside = &good[1..];
    let mut bodies: Vec<(&'static str, Vec<u8>)> = [("no JSON", "certainly not JSON"), ("an array", "[]"), ("a number", "42"), ("a string", "\"text\""), ("null", "null"), ("wrong types", r#"{"schemas":7,"userName":[],"Operations":"x","operation":{},"properties":3,"name":[],"domain":{},"admin":1,"expiresAt":{},"username":1,"password":[],"token":{}}"#)]
        .map(|(what, body)| (what, body.as_bytes().to_vec()))
        .to_vec();
    bodies.push(("half of it", good.as_bytes()[..good.len() / 2].to_vec()));
    bodies.push(("something behind it", format!("{good} {good}").into_bytes()));
    bodies.push(("100,000 brackets", "[".repeat(100_000).into_bytes()));
    bodies.push(("100,000 objects", "{\"a\":".repeat(100_000).into_bytes()));
    bodies.push(("100,000 brackets inside", format!("{{\"deep\":{}{},{inside}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes()));
    bodies.push(("invalid UTF-8", [b"{\"text\":\"\xff\xfe\",", inside.as_bytes()].concat()));
    bodies.push(("invalid UTF-8 in a value", good.replacen(":\"", ":\"\u{1}", 1).bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect()));
    bodies.push(("a bare control character", good.replacen(":\"", ":\"\u{1}", 1).into_bytes()));
    bodies.push(("a lone surrogate", format!("{{\"text\":\"\\ud800\",{inside}").into_bytes()));
    bodies.push(("a key twice", format!("{{{},{inside}", first_member(good)).into_bytes()));
    bodies.push(("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    bodies
}

/// `"key":value` of the first member, when its value is no object or array (else the member is cut short and broken, also fine).
fn first_member(good: &str) -> &str {
    good[1..].split([',', '}']).next().unwrap_or_default()
}

/// Sends it; what is to be said when the answer is no 4xx.
async fn knock(caller: &Api, door: &Door, what: &str, body: Vec<u8>) -> Option<String> {
    let place = format!("{what} at {} {}", door.method, door.path);
    let answer = caller.try_bytes(door.method.clone(), &door.path, body).await.unwrap_or_else(|error| panic!("{place}: {error:?}"));
    (!(400..500).contains(&answer.status)).then(|| format!("{place}: {} {:.200}", answer.status, answer.text()))
}

#[tokio::test]
async fn an_empty_body_is_refused_where_one_is_needed() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let (pending, token) = pending_reset(&rekey).await;
    let before = world(&admin, &user, &pending).await;
    for door in doors(&user, &admin.reset_id(&pending).await, &token).into_iter().filter(|door| !door.path.ends_with("/extend")) {
        let caller = if door.anonymous { rekey.anyone() } else { admin.clone() };
        assert_eq!(knock(&caller, &door, "nothing", Vec::new()).await, None);
        assert_eq!(knock(&caller, &door, "an empty object", b"{}".to_vec()).await, None);
    }
    assert_eq!(world(&admin, &user, &pending).await, before);
}

#[tokio::test]
async fn a_huge_body_is_refused_and_the_server_lives_on() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let (pending, token) = pending_reset(&rekey).await;
    let before = world(&admin, &user, &pending).await;
    let huge = "x".repeat(20 << 20);
    for door in doors(&user, &admin.reset_id(&pending).await, &token) {
        let caller = if door.anonymous { rekey.anyone() } else { admin.clone() };
        let body = format!("{{\"huge\":\"{huge}\",{}", &door.good[1..]).into_bytes();
        // The server may hang up before all of it is sent; what it says, when it says something, is a 4xx.
        if let Ok(answer) = caller.try_bytes(door.method.clone(), &door.path, body).await {
            assert!((400..500).contains(&answer.status), "{} {}: {}", door.method, door.path, answer.status);
        }
    }
    assert_eq!(world(&admin, &user, &pending).await, before);
}

#[tokio::test]
async fn the_reset_extension_takes_no_rubbish() {
    let rekey = start(Options::default()).await;
    let admin = rekey.admin();
    let user = admin.create_user("carol").await;
    let before = admin.snapshot(&user).await;
    for order in [
        serde_json::json!({ "methods": ["pigeon"] }),
        serde_json::json!({ "methods": "link, otp, pigeon" }),
        serde_json::json!({ "methods": [7] }),
        serde_json::json!({ "expiresAt": "tomorrow" }),
        serde_json::json!({ "expiresAt": "2001-01-01T00:00:00Z" }),
        serde_json::json!({ "reason": 7 }),
    ] {
        let operation = serde_json::json!([{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true }, RESET: order } }]);
        let answer = admin.patch_user(&user, operation.clone()).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.text());
    }
    assert_eq!(admin.snapshot(&user).await, before);
}
