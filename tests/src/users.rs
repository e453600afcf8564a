//! Users, as SCIM shows them.

use crate::{Answer, Api, CORE, ENTERPRISE, WSO2, fresh_password, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

/// A user that a test made.
#[derive(Clone, Debug)]
pub struct User {
    /// SCIM's id.
    pub id: String,
    /// The login name.
    pub user_name: String,
    /// The password that it was made with.
    pub password: String,
    /// Where its mail goes.
    pub email: Option<String>,
}

impl User {
    /// Its address; panics when it has none.
    pub fn address(&self) -> &str {
        self.email.as_deref().expect("this user has an address")
    }

    /// Its path in SCIM.
    pub fn path(&self) -> String {
        format!("/scim2/Users/{}", self.id)
    }
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    user_name: String,
    password: String,
    email: Option<String>,
    extra: Value,
}

impl NewUser {
    /// With a fresh password and the address `<name>@example.com`.
    pub fn named(user_name: &str) -> Self {
        Self { user_name: user_name.to_owned(), password: fresh_password(), email: Some(format!("{user_name}@example.com")), extra: json!({}) }
    }

    /// Without an address.
    pub fn without_address(mut self) -> Self {
        self.email = None;
        self
    }

    /// With one of the built-in roles.
    pub fn role(self, role: &str) -> Self {
        self.with("roles", json!([{ "value": role }]))
    }

    /// With one more attribute.
    pub fn with(mut self, attribute: &str, value: Value) -> Self {
        self.extra[attribute] = value;
        self
    }

    /// The user that this answer is about.
    fn made(self, answer: &Answer) -> User {
        let id = answer.json()["id"].as_str().expect("a created user has an id").to_owned();
        User { id, user_name: self.user_name, password: self.password, email: self.email }
    }

    /// The SCIM document.
    pub fn document(&self) -> Value {
        let mut document = self.extra.clone();
        document["schemas"] = json!([CORE]);
        document["userName"] = json!(self.user_name);
        document["password"] = json!(self.password);
        document["name"] = json!({ "givenName": "Given", "familyName": "Family" });
        if let Some(email) = &self.email {
            document["emails"] = json!([{ "value": email, "primary": true }]);
        }
        document
    }
}

impl Api {
    /// Creates a user with a fresh password and an address.
    pub async fn create_user(&self, user_name: &str) -> User {
        self.create(NewUser::named(user_name)).await
    }

    /// Creates a user.
    pub async fn create(&self, user: NewUser) -> User {
        self.secrets.add_credential(&user.user_name, &user.password);
        let answer = self.post("/scim2/Users", &user.document()).await.expect(201);
        user.made(&answer)
    }

    /// Creates a user where processes may be dying: `None` for a 503 or no answer at all. Then there may be such a user or not.
    pub async fn try_create(&self, user: NewUser) -> Option<User> {
        self.secrets.add_credential(&user.user_name, &user.password);
        let answer = self.try_json(Method::POST, "/scim2/Users", &user.document()).await.ok()?.expect_any(&[201, 503]);
        (answer.status == 201).then(|| user.made(&answer))
    }

    /// A user's document.
    pub async fn user(&self, user: &User) -> Value {
        self.get(&user.path()).await.expect(200).json()
    }

    /// What the followed product's schema says of a user: `accountLocked`, `lockedReason`, `accountState`.
    pub async fn account(&self, user: &User) -> Value {
        self.user(user).await[WSO2].clone()
    }

    /// `accountState`.
    pub async fn account_state(&self, user: &User) -> String {
        self.account(user).await["accountState"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until `accountState` is this one.
    pub async fn wait_for_account_state(&self, user: &User, state: &str) {
        wait_for(&format!("accountState {state}"), async || (self.account_state(user).await == state).then_some(())).await;
    }

    /// All that may not change when nothing changes: the document with its version, the resets.
    pub async fn snapshot(&self, user: &User) -> Snapshot {
        let document = self.get(&user.path()).await.expect(200);
        Snapshot { etag: document.header("etag"), document: document.json(), resets: self.resets(user).await }
    }

    /// Sends these operations as a PATCH of a user.
    pub async fn patch_user(&self, user: &User, operations: Value) -> Answer {
        self.patch(&user.path(), &patch_of(operations)).await
    }

    /// Forces a reset just as the guide's command does.
    pub async fn trigger(&self, user: &User) -> Answer {
        self.patch(&user.path(), &guide_body()).await
    }

    /// Sets `accountLocked`.
    pub async fn set_locked(&self, user: &User, locked: bool) -> Answer {
        self.patch_user(user, json!([{ "op": "replace", "path": format!("{WSO2}:accountLocked"), "value": locked }])).await
    }

    /// Sets a password as an administrator.
    pub async fn set_password(&self, user: &User, password: &str) -> Answer {
        self.secrets.add_credential(&user.user_name, password);
        self.patch_user(user, json!([{ "op": "replace", "path": "password", "value": password }])).await
    }

    /// The offline code of a user, asked for by name; `None` when the attribute is not there.
    pub async fn offline_code(&self, user: &User) -> Option<String> {
        let document = self.get(&format!("{}?attributes={WSO2}:oneTimePassword", user.path())).await.expect(200).json();
        let code = document[WSO2]["oneTimePassword"].as_str().filter(|code| !code.is_empty()).map(str::to_owned);
        code.inspect(|code| self.secrets.add_code(code))
    }
}

/// A user at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The version.
    pub etag: String,
    /// The SCIM document.
    pub document: Value,
    /// Every reset of the user.
    pub resets: Vec<Value>,
}

/// A PATCH body of these operations.
pub fn patch_of(operations: Value) -> Value {
    let mut body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] });
    body["Operations"] = operations;
    body
}

/// The body of the guide's command.
pub fn guide_body() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp", ENTERPRISE],
        "Operations": [{ "op": "add", "value": { ENTERPRISE: { "forcePasswordReset": true } } }]
    })
}
