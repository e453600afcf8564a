//! Who gets in, and how those who do not are told.

use axum::http::header::{self, HeaderName};
use serde_json::json;
use std::time::Duration;

use super::*;
use crate::routes;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/// Every path that a stranger may use, and why nobody else's is here.
const PUBLIC: [&str; 8] = [
    "/scim2/ServiceProviderConfig",
    "/scim2/ResourceTypes",
    "/scim2/ResourceTypes/{name}",
    "/scim2/Schemas",
    "/scim2/Schemas/{urn}",
    "/api/v1/login",
    "/api/v1/password-resets/validate",
    "/api/v1/password-resets/complete",
];
const PUBLIC_PAGES: [&str; 10] =
    ["/", "/login", "/logout", "/reset", "/forgot", "/assets/rekey.css", "/assets/reset.js", "/assets/dialog.js", "/assets/icon.svg", "/dev/mailbox"];

fn concrete(path: &str) -> String {
    path.replace(['{', '}'], "")
}

#[tokio::test]
async fn every_interface_that_is_not_named_public_turns_strangers_away() {
    let edge = edge();
    let table = routes::table(true);
    for path in table.paths().iter().filter(|path| path.starts_with("/scim2") || path.starts_with("/api")) {
        for (method, prefix) in METHODS.into_iter().flat_map(|method| [(method, ""), (method, "/t/acme"), (method, "/t/default")]) {
            let answer = edge.stranger(method, &format!("{prefix}{}", concrete(path)), "{}").await;
            let challenged = answer.status == StatusCode::UNAUTHORIZED && answer.headers.contains_key(header::WWW_AUTHENTICATE);
            assert_eq!(challenged, !PUBLIC.contains(path), "{method} {prefix}{path}: {}", answer.status);
        }
    }
    assert!(edge.house.calls().iter().all(|call| !call.starts_with("users.")), "{:?}", edge.house.calls());
}

#[tokio::test]
async fn every_page_that_is_not_named_public_leads_strangers_to_the_login_page() {
    let edge = edge();
    let table = routes::table(true);
    for path in table.paths().iter().filter(|path| !path.starts_with("/scim2") && !path.starts_with("/api")) {
        let answer = edge.stranger("GET", &concrete(path), "").await;
        let led_away = answer.status == StatusCode::SEE_OTHER && answer.header(header::LOCATION).starts_with("/login?next=/");
        let public = PUBLIC_PAGES.contains(path) || path.starts_with("/dev/mailbox");
        assert_eq!(led_away, !public, "{path}: {}", answer.status);
    }
    assert_eq!(edge.stranger("POST", "/console/nothing", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn strangers_cannot_tell_which_paths_exist() {
    let edge = edge();
    for (path, kind) in [
        ("/scim2/Nothing", "application/scim+json"),
        ("/api/v1/nothing", "application/problem+json"),
        ("/api/server/v1/nothing", "application/json"),
        ("/api", "application/problem+json"),
        ("/t/nobody/scim2/Users", "application/scim+json"),
    ] {
        let answer = edge.stranger("GET", path, "").await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::UNAUTHORIZED, kind), "{path}");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), r#"Basic realm="Rekey", charset="UTF-8""#);
    }
    for path in ["/scim2/Nothing", "/api/v1/nothing", "/api/server/v1/nothing", "/scim2/Users/%ff"] {
        assert_eq!(edge.api("GET", path, "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let edge = edge();
    let answer = edge.api("DELETE", "/scim2/Users", "").await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("405")));
    assert!(answer.header(header::ALLOW).contains("POST"), "{:?}", answer.headers);
    let answer = edge.stranger("POST", "/scim2/Schemas", "{}").await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::METHOD_NOT_ALLOWED, "application/scim+json"));
}

#[tokio::test]
async fn a_credential_of_no_use_is_401_whatever_is_wrong_with_it() {
    let edge = edge();
    for value in ["Basic", "Basic !!", "Bearer abc", "Basic YWRtaW46d3Jvbmc=", "nonsense", "Basic YWRtaW4="] {
        let request = request("GET", "/scim2/Users").header(header::AUTHORIZATION, value).body(Body::empty()).unwrap();
        assert_eq!(edge.send(request).await.status, StatusCode::UNAUTHORIZED, "{value}");
    }
}

#[tokio::test]
async fn the_session_is_good_for_its_own_paths_alone() {
    let edge = edge();
    let with = |path: &str, token: &str| request("GET", path).header(header::COOKIE, cookies(token)).body(Body::empty()).unwrap();
    let answer = edge.send(with("/api/v1/session", "good")).await;
    assert_eq!((answer.status, answer.json()["tenant"].as_str(), answer.json()["userId"].as_str()), (StatusCode::OK, Some("default"), Some(ALICE)));
    for (path, token) in [("/api/v1/session", "dead"), ("/t/acme/api/v1/session", "good"), ("/scim2/Users", "good"), ("/api/v1/tenants", "good")] {
        assert_eq!(edge.send(with(path, token)).await.status, StatusCode::UNAUTHORIZED, "{path} {token}");
    }
    assert_eq!(edge.send(with("/t/acme/console", "good")).await.header(header::LOCATION), "/t/acme/login?next=/console");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_a_password_that_the_browser_knows() {
    let edge = edge();
    let by_browser = |method: &str, path: &str| with_basic(request(method, path), "admin", "admin");
    let sent = |method: &str, path: &str, site: &str| by_browser(method, path).header("sec-fetch-site", site).body(text("{}")).unwrap();
    let cancel = format!("/api/v1/password-resets/{RESET}/cancel");
    for (method, path) in [("POST", cancel.as_str()), ("POST", "/scim2/Users"), ("PATCH", "/scim2/Users/x"), ("POST", "/api/v1/tenants")] {
        for site in ["cross-site", "same-site"] {
            assert_eq!(edge.send(sent(method, path, site)).await.status, StatusCode::FORBIDDEN, "{method} {path} {site}");
        }
    }
    assert_eq!(edge.house.count("users.create"), 0);
    assert_eq!(edge.send(sent("POST", "/scim2/Users", "same-origin")).await.status, StatusCode::CREATED);
    assert_eq!(edge.send(sent("GET", "/scim2/Users", "cross-site")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_tenant_is_asked_for_once_a_minute_and_survives_an_outage() {
    let edge = edge();
    for _ in 0..3 {
        assert_eq!(edge.stranger("GET", "/t/ACME/login", "").await.status, StatusCode::OK);
    }
    assert_eq!(edge.house.count("tenants.resolve"), 1);
    edge.clock.advance(Duration::from_secs(61));
    edge.house.set(|state| state.config_down = true);
    assert_eq!(edge.stranger("GET", "/t/acme/login", "").await.status, StatusCode::OK);
    assert_eq!(edge.house.count("tenants.resolve"), 2);
    assert_eq!(edge.stranger("GET", "/t/other/login", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(edge.stranger("GET", "/t/default/login", "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_a_tenant_that_is_none_are_not_there() {
    let answer = edge().stranger("GET", "/t/nobody/login", "").await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn discovery_of_a_tenant_that_is_none_is_not_there_and_all_else_is_as_a_wrong_credential() {
    let edge = edge();
    for path in PUBLIC.iter().filter(|path| path.starts_with("/scim2")) {
        let answer = edge.stranger("GET", &format!("/t/nobody{}", concrete(path)), "").await;
        assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::NOT_FOUND, "application/scim+json"), "{path}");
        assert_eq!(edge.stranger("GET", &format!("/t/acme{}", concrete(path)), "").await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(edge.house.count("discovery"), 5, "{:?}", edge.house.calls());
    let login = |tenant: &str, password: &str| (format!("{tenant}/api/v1/login"), json!({ "username": "admin", "password": password }).to_string());
    let (nowhere, wrong) = (login("/t/nobody", "admin"), login("", "wrong"));
    let (nowhere, wrong) = (edge.stranger("POST", &nowhere.0, &nowhere.1).await, edge.stranger("POST", &wrong.0, &wrong.1).await);
    assert_eq!((nowhere.status, nowhere.body), (StatusCode::UNAUTHORIZED, wrong.body));
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_failure_of_a_service_becomes_its_status_and_tells_no_defect() {
    let edge = edge();
    let statuses = [
        ("invalid", 400),
        ("unauthenticated", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("conflict", 409),
        ("gone", 410),
        ("precondition_failed", 412),
        ("too_large", 413),
        ("unprocessable", 422),
        ("unavailable", 503),
        ("internal", 500),
    ];
    for (kind, status) in statuses {
        let answer = edge.api("GET", &format!("/scim2/Users/fail-{kind}"), "").await;
        assert_eq!((answer.status.as_u16(), answer.header(header::CONTENT_TYPE)), (status, "application/scim+json"), "{kind}");
        assert_eq!(answer.json()["status"], json!(status.to_string()));
        assert_eq!(answer.body.contains("secret cause"), kind != "internal", "{kind}");
        assert_eq!(answer.headers.contains_key(header::RETRY_AFTER), status == 503);
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_its_surface() {
    let edge = edge();
    for path in ["/login", "/nothing", "/scim2/Users", "/assets/rekey.css"] {
        let answer = edge.stranger("GET", path, "").await;
        for name in [header::REFERRER_POLICY, header::X_CONTENT_TYPE_OPTIONS, header::STRICT_TRANSPORT_SECURITY, header::CONTENT_SECURITY_POLICY] {
            assert!(answer.headers.contains_key(&name), "{path} {name}");
        }
    }
    let login = edge.stranger("GET", "/login", "").await;
    assert_eq!((login.header(header::CACHE_CONTROL), login.header(header::REFERRER_POLICY)), ("no-store", "no-referrer"));
    assert!(!login.body.contains("<style") && !login.body.contains("onclick") && !login.body.contains("style="));
    assert!(login.header(HeaderName::from_static("content-security-policy")).starts_with("default-src 'none'; style-src 'self'"));
}
