//! REST.

use axum::http::header;
use serde_json::json;

use super::*;

const FAILED: &str = r#"{"code":"login_failed","message":"Login failed! Please recheck the username and password and try again"}"#;

#[tokio::test]
async fn a_failed_login_answers_the_same_bytes_whatever_was_wrong() {
    let edge = edge();
    let long = "x".repeat(5_000);
    for (path, name, password) in [
        ("/api/v1/login", "admin", "wrong"),
        ("/api/v1/login", "nobody", "wrong"),
        ("/api/v1/login", "", ""),
        ("/api/v1/login", &long, "admin"),
        ("/api/v1/login", "admin", &long),
        ("/t/nobody/api/v1/login", "admin", "admin"),
        ("/t/acme/api/v1/login", "admin", "admin"),
    ] {
        let answer = edge.stranger("POST", path, &json!({ "username": name, "password": password }).to_string()).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::UNAUTHORIZED, FAILED), "{path}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert!(!answer.headers.contains_key(header::SET_COOKIE) && !answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
}

#[tokio::test]
async fn a_login_opens_a_session_or_asks_for_a_new_password() {
    let edge = edge();
    let login = |password: &str| json!({ "username": "admin", "password": password }).to_string();
    let answer = edge.stranger("POST", "/api/v1/login", &login("admin")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "status": "authenticated" })));
    assert_eq!(answer.header(header::SET_COOKIE), "__Host-rekey_session=good; Path=/; Secure; HttpOnly; SameSite=Strict");
    let answer = edge.stranger("POST", "/api/v1/login", &login("ABCD1234")).await;
    assert_eq!(answer.json(), json!({ "status": "password_reset_required", "resetSession": "only-for-a-password" }));
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    let answer = edge.stranger("POST", "/api/v1/login", &login("busy")).await;
    assert_eq!((answer.status, answer.header(header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, "1"));
}

#[tokio::test]
async fn rubbish_is_400_and_reaches_nobody() {
    let edge = edge();
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"username":"a","password":"b","x":{deep}"#);
    for body in ["", "{", "null", "[]", r#"["admin","admin"]"#, r#"{"username":1,"password":"x"}"#, r#"{"username":"admin"}"#, &deep, &nested] {
        let answer = edge.stranger("POST", "/api/v1/login", body).await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::BAD_REQUEST, "application/problem+json"), "{body:.40}");
    }
    let broken = request("POST", "/api/v1/login").body(Body::from(&b"{\"username\":\"\xff\xfe\",\"password\":\"x\"}"[..])).unwrap();
    assert_eq!(edge.send(broken).await.status, StatusCode::BAD_REQUEST);
    let huge = edge.stranger("POST", "/api/v1/login", &" ".repeat(1024 * 1024 + 1)).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    let typed = request("POST", "/api/v1/login").header(header::CONTENT_TYPE, "text/plain").body(text("{}")).unwrap();
    assert_eq!(edge.send(typed).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(edge.house.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn logging_out_ends_the_session_here_and_there() {
    let edge = edge();
    let out = request("POST", "/api/v1/logout").header(header::COOKIE, cookies("good")).body(Body::empty()).unwrap();
    let answer = edge.send(out).await;
    assert_eq!((answer.status, edge.house.count("logout good")), (StatusCode::NO_CONTENT, 1));
    assert!(answer.header(header::SET_COOKIE).contains("Max-Age=0"));
}

#[tokio::test]
async fn a_link_or_a_reset_session_sets_the_password() {
    let edge = edge();
    let complete = |proof: &str, password: &str| {
        let (key, value) = proof.split_once(':').unwrap();
        json!({ key: value, "password": password }).to_string()
    };
    for (proof, password, status) in [
        ("token:good", "a long enough password", 204),
        ("resetSession:only-for-a-password", "a long enough password", 204),
        ("token:used", "a long enough password", 410),
        ("token:forged", "a long enough password", 404),
        ("resetSession:dead", "a long enough password", 401),
        ("token:good", "short", 422),
    ] {
        let answer = edge.stranger("POST", "/api/v1/password-resets/complete", &complete(proof, password)).await;
        assert_eq!(answer.status.as_u16(), status, "{proof}");
        assert!(status != 422 || answer.json()["violations"].as_array().unwrap().len() == 2);
        assert!(status != 404 || answer.json()["code"] == "invalid_token");
    }
    let both = json!({ "token": "good", "resetSession": "x", "password": "y" }).to_string();
    assert_eq!(edge.stranger("POST", "/api/v1/password-resets/complete", &both).await.status, StatusCode::BAD_REQUEST);
    let answer = edge.stranger("POST", "/api/v1/password-resets/validate", r#"{"token":"good"}"#).await;
    assert_eq!(answer.json()["policy"], json!({ "minLength": 15, "maxLength": 128, "history": 5 }));
}

#[tokio::test]
async fn resets_are_listed_and_read() {
    let edge = edge();
    edge.house.set(|state| state.reset = Some(rekey_proto::authentication::v1::ResetState::Expired));
    let answer = edge.api("GET", "/api/v1/password-resets?state=expired&limit=7", "").await;
    let reset = answer.json()["resets"][0].clone();
    assert_eq!((reset["state"].as_str(), &reset["methods"], &reset["sentAt"]), (Some("expired"), &json!(["link", "offline"]), &json!(null)));
    assert_eq!((answer.json()["next"].clone(), reset["createdAt"].as_str()), (json!(null), Some("2026-11-18T11:06:40Z")));
    assert_eq!(edge.house.count("resets.list state=5 limit=7"), 1);
    for name in ["next", "cursor"] {
        edge.api("GET", &format!("/api/v1/password-resets?limit=7&{name}=page-2"), "").await;
    }
    assert_eq!(edge.house.count("resets.list state=0 limit=7 cursor=page-2"), 2);
    for query in ["state=lost", "userId=alice", "limit=many"] {
        let answer = edge.api("GET", &format!("/api/v1/password-resets?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(edge.api("GET", "/api/v1/password-resets/nonsense", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reset_is_resent_extended_and_cancelled() {
    let edge = edge();
    let at = |verb: &str| format!("/api/v1/password-resets/{RESET}/{verb}");
    let answer = edge.api("POST", &at("resend"), "").await;
    assert_eq!((answer.status, answer.json()["id"].as_str()), (StatusCode::OK, Some(RESET)));
    edge.api("POST", &at("extend"), "").await;
    edge.api("POST", &at("extend"), r#"{"expiresAt":"2026-11-24T06:00:00Z"}"#).await;
    assert_eq!((edge.house.count("resets.extend 0"), edge.house.count("resets.extend 17955")), (1, 1));
    assert_eq!(edge.api("POST", &at("extend"), r#"{"expiresAt":"tomorrow"}"#).await.status, StatusCode::BAD_REQUEST);
    let answer = edge.api("POST", &at("cancel"), "").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::CONFLICT, Some("reset_ended")));
}

#[tokio::test]
async fn governance_speaks_as_the_followed_product() {
    let edge = edge();
    let root = "/api/server/v1/identity-governance";
    let categories = edge.api("GET", &format!("/t/default{root}/"), "").await.json();
    assert_eq!(categories[0]["connectors"][0]["self"].as_str().unwrap().split("/connectors/").next(), categories[0]["self"].as_str());
    let at = format!("{root}/QWNjb3VudCBNYW5hZ2VtZW50/connectors/YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0");
    let connector = edge.api("GET", &at, "").await.json();
    assert_eq!((connector["friendlyName"].as_str(), connector["properties"][4]["meta"]["type"].as_str()), (Some("Password Reset"), Some("integer")));
    let patch = |name: &str, value: &str| json!({ "operation": "UPDATE", "properties": [{ "name": name, "value": value }] }).to_string();
    assert_eq!(edge.api("PATCH", &at, &patch("Recovery.AdminPasswordReset.OTP", "true")).await.status, StatusCode::OK);
    let refused = edge.api("PATCH", &at, &patch("Recovery.AdminPasswordReset.SMSOTP", "true")).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (StatusCode::BAD_REQUEST, Some("IDG-50013")));
    assert_eq!(refused.json()["traceId"].as_str().map(str::len), Some(32));
    let several = json!({ "operation": "UPDATE", "connectors": [{ "id": "c", "properties": [{ "name": "x", "value": true }] }] }).to_string();
    assert_eq!(edge.api("PATCH", &format!("{root}/QWNjb3VudCBNYW5hZ2VtZW50/connectors"), &several).await.status, StatusCode::OK);
    assert_eq!(edge.house.count("governance.update x=true"), 1);
}

#[tokio::test]
async fn claims_and_templates_are_read_and_written() {
    let edge = edge();
    let claim = edge.api("PUT", "/api/server/v1/claim-dialects/local/claims/Y2xhaW0", r#"{"claimURI":"x","supportedByDefault":true}"#).await.json();
    assert_eq!(claim["attributeMapping"], json!([{ "mappedAttribute": "oneTimePassword", "userstore": "PRIMARY" }]));
    assert_eq!(edge.house.count("claims.update Some(true)"), 1);
    let put = edge.api("PUT", "/api/server/v1/email/template-types/x/templates/de_DE", r#"{"subject":"Neu"}"#).await.json();
    assert_eq!((put["id"].as_str(), put["subject"].as_str(), put["body"].as_str()), (Some("de_DE"), Some("Neu"), Some("html")));
    assert_eq!(edge.api("GET", "/api/server/v1/email/template-types/x/templates/fr_FR", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_tenant_comes_with_an_administrator_and_has_an_address() {
    let edge = edge();
    let draft = json!({ "name": "Acme", "domain": "acme", "admin": { "username": "root", "password": "a long enough password" } }).to_string();
    let answer = edge.api("POST", "/api/v1/tenants", &draft).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::CREATED, "https://id.example.com:9443/api/v1/tenants/acme"));
    assert_eq!(edge.api("DELETE", "/api/v1/tenants/acme", "").await.status, StatusCode::NO_CONTENT);
}
