//! Resets: their list, their verbs, and how users complete them.

use crate::{Answer, Api, RESET, User, wait_for};
use serde_json::{Value, json};

impl Api {
    /// All resets of a user, newest first.
    pub async fn resets(&self, user: &User) -> Vec<Value> {
        let page = self.get(&format!("/api/v1/password-resets?userId={}", user.id)).await.expect(200).json();
        let mut resets = page["resets"].as_array().expect("a page of resets").clone();
        resets.sort_by_key(|reset| std::cmp::Reverse(reset["epoch"].as_u64()));
        resets
    }

    /// The newest reset of a user.
    pub async fn reset(&self, user: &User) -> Value {
        self.resets(user).await.into_iter().next().unwrap_or_else(|| panic!("{} has no reset", user.user_name))
    }

    /// The id of the newest reset of a user.
    pub async fn reset_id(&self, user: &User) -> String {
        self.reset(user).await["id"].as_str().expect("a reset has an id").to_owned()
    }

    /// Waits until the newest reset of a user is in this state.
    pub async fn wait_for_reset_state(&self, user: &User, state: &str) {
        wait_for(&format!("the reset to be {state}"), async || self.resets(user).await.first().filter(|reset| reset["state"] == state).map(drop)).await;
    }

    /// Waits until all that has to be sent for a user's newest reset was sent, and everybody has heard of it. After a crash the reset
    /// itself may only begin while we wait.
    pub async fn wait_until_sent(&self, user: &User) {
        wait_for("the reset's mail to be recorded", async || self.resets(user).await.first().filter(|reset| reset["sentAt"].is_string()).map(drop)).await;
        wait_for("the user's document to say so", async || self.user(user).await[RESET]["sentAt"].is_string().then_some(())).await;
    }

    /// `resend`, `cancel` or `extend` of a reset by its id.
    pub async fn reset_verb(&self, id: &str, verb: &str) -> Answer {
        self.post(&format!("/api/v1/password-resets/{id}/{verb}"), &json!({})).await
    }

    /// Sets a new password by a link's token.
    pub async fn complete(&self, token: &str, password: &str) -> Answer {
        self.secrets.add(password);
        self.post("/api/v1/password-resets/complete", &json!({ "token": token, "password": password })).await
    }

    /// Sets a new password in the session that a code opened.
    pub async fn complete_session(&self, session: &str, password: &str) -> Answer {
        self.secrets.add(password);
        self.post("/api/v1/password-resets/complete", &json!({ "resetSession": session, "password": password })).await
    }

    /// Asks what a link is good for.
    pub async fn validate(&self, token: &str) -> Answer {
        self.post("/api/v1/password-resets/validate", &json!({ "token": token })).await
    }

    /// Asks what a reset session is good for.
    pub async fn validate_session(&self, session: &str) -> Answer {
        self.post("/api/v1/password-resets/validate", &json!({ "resetSession": session })).await
    }
}
