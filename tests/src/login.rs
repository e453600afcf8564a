//! Logging in.

use crate::{Answer, Api, LOGIN_FAILED, User};
use serde_json::{Value, json};

impl Api {
    /// `POST /api/v1/login`.
    pub async fn login(&self, user_name: &str, password: &str) -> Answer {
        self.post("/api/v1/login", &json!({ "username": user_name, "password": password })).await
    }

    /// A login that must succeed; the caller with the session's cookie.
    pub async fn open_session(&self, user: &User, password: &str) -> Self {
        let answer = self.login(&user.user_name, password).await.expect(200);
        assert_eq!(answer.json()["status"], "authenticated", "{}", answer.text());
        let cookie = answer.cookies();
        assert!(cookie.starts_with("__Host-"), "the session's cookie is `{cookie}`");
        self.secrets.add(cookie.split_once('=').map_or("", |(_, value)| value));
        self.with_cookie(&cookie)
    }

    /// A login that must fail just as every other failed login does.
    pub async fn refused(&self, user_name: &str, password: &str) -> Answer {
        let answer = self.login(user_name, password).await.expect(401);
        assert_eq!(answer.json(), json!({ "code": "login_failed", "message": LOGIN_FAILED }));
        assert_eq!(answer.cookies(), "", "a failed login sets a cookie");
        answer
    }

    /// A login with a one-time code, which must lead to a reset session; returns that.
    pub async fn login_with_code(&self, user: &User, code: &str) -> String {
        let body = self.login(&user.user_name, code).await.expect(200).json();
        assert_eq!(body["status"], "password_reset_required", "{body}");
        let session = session_of(&body);
        self.secrets.add(&session);
        session
    }

    /// Is the session behind this caller's cookie alive?
    pub async fn session_is_alive(&self) -> bool {
        self.get("/api/v1/session").await.expect_any(&[200, 401]).status == 200
    }
}

fn session_of(body: &Value) -> String {
    body["resetSession"].as_str().expect("the answer carries a resetSession").to_owned()
}
