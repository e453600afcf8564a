//! `/console/users`: the users of a tenant.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use rekey_kernel::{Failure, Timestamp};
use rekey_proto::scim::v1::{ListRequest, View};
use rekey_runtime::grpc::with_caller;
use serde_json::Value;

use super::{frame::Frame, page};
use crate::{
    clients::Answer,
    edge::{SignedIn, Site},
    errors::Refusal,
    extract::Params,
    scim,
    state::Gateway,
};

/// Users on one page.
const PAGE: i64 = 50;
const PRODUCT: &str = "urn:scim:wso2:schema";
/// What a page shows of each.
const SHOWN: [&str; 5] = ["userName", "displayName", "name", "emails", "urn:scim:wso2:schema:accountState"];
/// Where the text that is looked for may stand.
const SEARCHED: [&str; 5] = ["userName", "displayName", "name.givenName", "name.familyName", "emails.value"];

/// A user as pages show them.
pub(super) struct Person {
    pub(super) id: String,
    pub(super) user_name: String,
    pub(super) name: String,
    pub(super) emails: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) active: bool,
    pub(super) state: String,
    pub(super) locked_reason: String,
}

impl Person {
    /// From a SCIM resource.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().map(|value: Value| Self::from(&value))
    }

    /// The state in a word or two.
    pub(super) fn state_label(&self) -> &str {
        match self.state.as_str() {
            "PENDING_FUPR" => "Password reset pending",
            "LOCKED" => "Locked",
            "DISABLED" => "Disabled",
            "UNLOCKED" | "" => "In use",
            other => other,
        }
    }
}

impl From<&Value> for Person {
    fn from(user: &Value) -> Self {
        let product = &user[PRODUCT];
        Self {
            id: text(&user["id"]),
            user_name: text(&user["userName"]),
            name: full_name(user),
            emails: values(&user["emails"]),
            roles: values(&user["roles"]),
            active: user["active"].as_bool().unwrap_or(true),
            state: text(&product["accountState"]),
            locked_reason: text(&product["lockedReason"]),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn values(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|item| item["value"].as_str()).map(str::to_owned).collect()
}

fn full_name(user: &Value) -> String {
    let name = &user["name"];
    let parts = [&name["givenName"], &name["familyName"]].map(text).join(" ");
    let candidates = [text(&user["displayName"]), text(&name["formatted"]), parts.trim().to_owned()];
    candidates.into_iter().find(|candidate| !candidate.is_empty()).unwrap_or_default()
}

/// A time as pages show it; nothing for zero.
pub(super) fn shown_time(micros: i64) -> Option<String> {
    let text = (micros != 0).then(|| Timestamp::from_micros(micros).to_rfc3339())?;
    let (date, time) = text.split_once('T')?;
    Some(format!("{date} {} UTC", time.get(..5).unwrap_or(time)))
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    frame: Frame,
    people: Vec<Person>,
    total: i64,
    search: String,
    previous: Option<i64>,
    next: Option<i64>,
}

pub(super) async fn list(State(gateway): State<Gateway>, site: Site, who: SignedIn, frame: Frame, params: Params) -> Result<Response, Refusal> {
    let start = params.parsed::<i64>("startIndex")?.unwrap_or(1).max(1);
    let search = params.text("search").trim().to_owned();
    let found = find(&gateway, &site, &who, start, &search).await?;
    let people: Vec<_> = found["Resources"].as_array().into_iter().flatten().map(Person::from).collect();
    let total = found["totalResults"].as_i64().unwrap_or(0);
    let previous = (start > 1).then(|| (start - PAGE).max(1));
    let next = (start.saturating_add(PAGE) <= total).then(|| start.saturating_add(PAGE));
    page(StatusCode::OK, &UsersPage { frame, people, total, search, previous, next })
}

async fn find(gateway: &Gateway, site: &Site, who: &SignedIn, start: i64, search: &str) -> Result<Value, Failure> {
    let view = View { base: scim::base(gateway, site), attributes: SHOWN.map(str::to_owned).into(), ..View::default() };
    let (filter, sort_by) = (filter(search), "userName".to_owned());
    let query = ListRequest { view: Some(view), filter, sort_by, start_index: Some(start), count: Some(PAGE), ..ListRequest::default() };
    let found = gateway.clients.users().list(with_caller(&who.caller, query)).await.answer()?;
    serde_json::from_slice(&found.json).map_err(|error| Failure::internal("scim answered with no JSON").because(error))
}

fn filter(search: &str) -> String {
    // A JSON string is how a filter quotes (RFC 7644 §3.4.2.2).
    let quoted = Value::from(search);
    if search.is_empty() { String::new() } else { SEARCHED.map(|name| format!("{name} co {quoted}")).join(" or ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_person_is_read_from_a_resource() {
        let person = Person::from(&json!({
            "id": "1", "userName": "alice", "name": {"givenName": "Alice", "familyName": "Doe"}, "emails": [{"value": "a@example.com"}],
            "urn:scim:wso2:schema": {"accountState": "PENDING_FUPR"},
        }));
        assert_eq!((person.name.as_str(), person.state_label(), person.emails.len()), ("Alice Doe", "Password reset pending", 1));
    }

    #[test]
    fn what_is_looked_for_cannot_end_its_quotes() {
        assert_eq!(filter(""), "");
        assert!(filter(r#"a" or id pr"#).starts_with(r#"userName co "a\" or id pr" or displayName co "a\" or id pr" or name."#));
    }

    #[test]
    fn times_are_short() {
        assert_eq!(shown_time(1_795_000_000_123_456).as_deref(), Some("2026-11-18 11:06 UTC"));
        assert_eq!(shown_time(0), None);
    }
}
