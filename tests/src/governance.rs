//! The tenant's options, by the followed product's REST.

use crate::{Answer, Api};
use reqwest::Method;
use serde_json::{Value, json};

/// The connector of the forced reset, in its category.
pub const CONNECTOR: &str = "/api/server/v1/identity-governance/QWNjb3VudCBNYW5hZ2VtZW50/connectors/YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0";

/// The three methods and their properties.
const METHODS: [(&str, &str); 3] =
    [("link", "Recovery.AdminPasswordReset.RecoveryLink"), ("otp", "Recovery.AdminPasswordReset.OTP"), ("offline", "Recovery.AdminPasswordReset.Offline")];

fn switches(methods: &[&str]) -> Vec<(&'static str, &'static str)> {
    METHODS.iter().map(|(method, property)| (*property, if methods.contains(method) { "true" } else { "false" })).collect()
}

fn update(properties: &[(&str, &str)]) -> Value {
    let properties: Vec<_> = properties.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "operation": "UPDATE", "properties": properties })
}

impl Api {
    /// Switches exactly these methods on.
    pub async fn enable(&self, methods: &[&str]) {
        self.set_options(&switches(methods)).await.expect(200);
    }

    /// The same where processes may be dying: false for a 503 or no answer at all.
    pub async fn try_enable(&self, methods: &[&str]) -> bool {
        let answer = self.try_json(Method::PATCH, CONNECTOR, &update(&switches(methods))).await;
        answer.is_ok_and(|answer| answer.expect_any(&[200, 503]).status == 200)
    }

    /// Sets properties of the connector.
    pub async fn set_options(&self, properties: &[(&str, &str)]) -> Answer {
        self.patch(CONNECTOR, &update(properties)).await
    }

    /// A property of the connector.
    pub async fn option(&self, name: &str) -> String {
        let connector = self.get(CONNECTOR).await.expect(200).json();
        let properties = connector["properties"].as_array().expect("a connector has properties").clone();
        let property = properties.into_iter().find(|property| property["name"] == name).unwrap_or(Value::Null);
        property["value"].as_str().unwrap_or_else(|| panic!("no property {name} in {connector}")).to_owned()
    }

    /// Makes a tenant with an administrator; the caller is the administrator.
    pub async fn create_tenant(&self, domain: &str, password: &str) -> Self {
        self.secrets.add_credential("boss", password);
        let body = json!({ "name": format!("The {domain} company"), "domain": domain, "admin": { "username": "boss", "password": password } });
        self.post("/api/v1/tenants", &body).await.expect(201);
        self.with_basic("boss", password).in_tenant(domain)
    }
}
