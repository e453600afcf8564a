//! SCIM beyond single users: groups, lists, searches, bulk.

use crate::{Answer, Api, User, users::patch_of};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// SCIM's groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// A `POST …/.search`.
pub const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A `POST /Bulk`.
pub const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The body of a failure.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Who is there from the first start on: the administrator, and in one process a user to try things with.
const AT_FIRST: [&str; 2] = ["admin", "alice"];

/// A thousand operations may take a debug build a while, on a machine that runs other tests beside it. It is what Rekey itself grants.
const LONGEST_BULK: Duration = Duration::from_mins(10);

/// A group that a test made.
#[derive(Clone, Debug)]
pub struct Group {
    /// SCIM's id.
    pub id: String,
    /// Its `displayName` as it was made.
    pub name: String,
}

impl Group {
    /// Its path in SCIM.
    pub fn path(&self) -> String {
        format!("/scim2/Groups/{}", self.id)
    }
}

/// The document of a group with these members, by their ids.
pub fn group_document(name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}

/// One operation that adds these members.
pub fn add_members(members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    json!([{ "op": "add", "path": "members", "value": members }])
}

impl Api {
    /// Creates a user from a document, as provisioning does: without a password unless one is in it.
    pub async fn person(&self, document: Value) -> User {
        let made = self.post("/scim2/Users", &document).await.expect(201).json();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let user_name = text(&made["userName"]).expect("a user has a name");
        User { id: text(&made["id"]).expect("a user has an id"), user_name, password: String::new(), email: text(&made["emails"][0]["value"]) }
    }

    /// Creates users that have nothing but a name.
    pub async fn people(&self, names: &[&str]) -> Vec<User> {
        let mut people = Vec::new();
        for name in names {
            people.push(self.person(json!({ "schemas": [crate::CORE], "userName": name })).await);
        }
        people
    }

    /// Creates a group with these members, by their ids.
    pub async fn create_group(&self, name: &str, members: &[&str]) -> Group {
        let made = self.post("/scim2/Groups", &group_document(name, members)).await.expect(201).json();
        Group { id: made["id"].as_str().expect("a group has an id").to_owned(), name: name.to_owned() }
    }

    /// A resource's document.
    pub async fn document(&self, path: &str) -> Value {
        self.get(path).await.expect(200).json()
    }

    /// The ids of a group's members, sorted.
    pub async fn members(&self, group: &Group) -> Vec<String> {
        sorted(values(&self.document(&group.path()).await["members"]))
    }

    /// The display names of the groups that a user is in, sorted, with how: `Crew direct`.
    pub async fn groups_of(&self, user: &User) -> Vec<String> {
        let document = self.user(user).await;
        let groups = document["groups"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        sorted(groups.map(|group| format!("{} {}", text(&group["display"]), text(&group["type"]))).collect())
    }

    /// A list with these parameters.
    pub async fn list(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        self.get(&with_query(path, parameters)).await.expect(200).json()
    }

    /// The names of the users that a filter finds, sorted, those of the first start left out; and that the total is theirs.
    pub async fn found(&self, filter: &str) -> Vec<String> {
        let list = self.list("/scim2/Users", &[("filter", filter)]).await;
        let names = names(&list);
        assert_eq!(list["totalResults"], json!(names.len()), "{filter}: the total is not that of what is found");
        sorted(names.into_iter().filter(|name| !AT_FIRST.contains(&name.as_str())).collect())
    }

    /// Sends these operations as a PATCH.
    pub async fn patch_at(&self, path: &str, operations: Value) -> Answer {
        self.patch(path, &patch_of(operations)).await
    }

    /// Sends these operations in one bulk request.
    pub async fn bulk(&self, operations: &[Value]) -> Answer {
        let body = json!({ "schemas": [BULK], "Operations": operations }).to_string();
        let request = self.request(Method::POST, "/scim2/Bulk").timeout(LONGEST_BULK).header("content-type", "application/scim+json").body(body);
        Answer::of(request).await.unwrap_or_else(|error| panic!("a bulk request: {error:?}"))
    }

    /// What became of each operation of a bulk request, which must itself succeed.
    pub async fn bulk_outcomes(&self, operations: &[Value]) -> Vec<Value> {
        let answer = self.bulk(operations).await.expect(200).json();
        answer["Operations"].as_array().expect("a list of operations").clone()
    }

    /// Any method with one more header; the body is SCIM's.
    pub async fn with_header(&self, method: Method, path: &str, (name, value): (&str, &str), body: &Value) -> Answer {
        let request = self.request(method, path).header(name, value);
        let request = if body.is_null() { request } else { request.header("content-type", "application/scim+json").body(body.to_string()) };
        Answer::of(request).await.unwrap_or_else(|error| panic!("{path}: {error:?}"))
    }
}

impl Answer {
    /// Panics unless it is a SCIM error of this status and `scimType` (empty: none), written as RFC 7644 §3.12 says.
    #[track_caller]
    pub fn expect_error(self, status: u16, scim_type: &str) -> Self {
        let answer = self.expect(status);
        let body = answer.json();
        assert_eq!(answer.header("content-type"), "application/scim+json", "{}", answer.request);
        assert_eq!((&body["schemas"], &body["status"]), (&json!([ERROR]), &json!(status.to_string())), "{}: {body}", answer.request);
        assert_eq!(body["scimType"].as_str().unwrap_or_default(), scim_type, "{}: {body}", answer.request);
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}: {body}", answer.request);
        answer
    }
}

/// A path with these parameters.
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// Percent-encoded, all that could mean something in a query.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The `userName` of each resource of a list, in its order.
pub fn names(list: &Value) -> Vec<String> {
    each(list, "userName")
}

/// The `id` of each resource of a list, in its order.
pub fn ids(list: &Value) -> Vec<String> {
    each(list, "id")
}

/// One attribute of each resource of a list, in its order.
pub fn each(list: &Value, attribute: &str) -> Vec<String> {
    list["Resources"].as_array().into_iter().flatten().filter_map(|resource| resource[attribute].as_str().map(str::to_owned)).collect()
}

/// The `value` of each element of an attribute.
pub fn values(attribute: &Value) -> Vec<String> {
    attribute.as_array().into_iter().flatten().filter_map(|element| element["value"].as_str().map(str::to_owned)).collect()
}

/// The same, sorted.
pub fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}
