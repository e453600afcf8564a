//! What is measured, and what it must reach.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rekey_tests::Deployment;
use serde::Serialize;
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

use crate::{client::Next, driver::What, house::request, lookups::Lookup, numbers::Slice, people};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// By product and control that are deployed alike.
    Get(Deployment),
    /// The same, against a control that reads what cannot be left out.
    GetByReading(Deployment),
    Filter(Lookup),
    /// The same, against a control that reads the caller's account too.
    FilterByReading(Lookup),
    Create,
    Patch,
}

/// In the order in which they are measured: what reads comes before what changes.
pub(crate) const ALL: [Work; 10] = [
    Work::Get(Deployment::OneProcess),
    Work::GetByReading(Deployment::OneProcess),
    Work::Get(Deployment::PARTS),
    Work::GetByReading(Deployment::PARTS),
    Work::Filter(Lookup::UserName),
    Work::FilterByReading(Lookup::UserName),
    Work::Filter(Lookup::ExternalId),
    Work::Filter(Lookup::Email),
    Work::Create,
    Work::Patch,
];

/// The users that there are.
#[derive(Clone)]
pub(crate) struct Users {
    pub(crate) ids: Arc<Vec<Uuid>>,
    /// The number of the next new one.
    pub(crate) next: Arc<AtomicU64>,
}

impl Users {
    pub(crate) fn len(&self) -> u64 {
        self.ids.len() as u64
    }

    fn any(&self, dice: &mut people::Dice) -> Uuid {
        let index = usize::try_from(dice.below(self.len())).unwrap_or_default();
        self.ids[index]
    }
}

/// One thing, measured side by side with its control.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Round {
    pub(crate) rekey: Slice,
    pub(crate) control: Slice,
    /// Filters alone: the SQL without anything around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sql: Option<Slice>,
}

impl Work {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Get(Deployment::OneProcess) => "GET by id".to_owned(),
            Self::GetByReading(Deployment::OneProcess) => "the same, the control reads two rows".to_owned(),
            Self::Get(Deployment::Parts { .. }) => "GET by id, each service a process of its own".to_owned(),
            Self::GetByReading(Deployment::Parts { .. }) => "GET by id, each service a process of its own, the control reads two rows".to_owned(),
            Self::Filter(lookup) => format!("filter `{} eq`", lookup.attribute()),
            Self::FilterByReading(lookup) => format!("filter `{} eq`, the control reads the caller too", lookup.attribute()),
            Self::Create => "create (POST)".to_owned(),
            Self::Patch => "PATCH".to_owned(),
        }
    }

    /// How Rekey runs for it: in one process unless it says otherwise.
    pub(crate) const fn deployment(self) -> Deployment {
        match self {
            Self::Get(deployment) | Self::GetByReading(deployment) => deployment,
            _ => Deployment::OneProcess,
        }
    }

    /// The least share of the control's rate, where there is a goal; a time of 1.5 × is a rate of 1 / 1.5.
    pub(crate) const fn goal(self) -> Option<f64> {
        match self {
            Self::Get(_) => Some(0.6),
            Self::GetByReading(_) | Self::FilterByReading(_) => None,
            Self::Filter(_) => Some(1.0 / 1.5),
            Self::Create | Self::Patch => Some(0.5),
        }
    }

    /// The method of scim that does it.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Get(_) | Self::GetByReading(_) => "rekey.scim.v1.Users/Get",
            Self::Filter(_) | Self::FilterByReading(_) => "rekey.scim.v1.Users/List",
            Self::Create => "rekey.scim.v1.Users/Create",
            Self::Patch => "rekey.scim.v1.Users/Patch",
        }
    }

    pub(crate) const fn expected(self) -> StatusCode {
        match self {
            Self::Create => StatusCode::CREATED,
            _ => StatusCode::OK,
        }
    }

    /// What the driver does for it.
    pub(crate) const fn by_hand(self) -> Option<What> {
        Some(match self {
            Self::Get(_) | Self::GetByReading(_) | Self::FilterByReading(_) => return None,
            Self::Filter(Lookup::UserName) => What::UserName,
            Self::Filter(Lookup::ExternalId) => What::ExternalId,
            Self::Filter(Lookup::Email) => What::Email,
            Self::Create => What::Create,
            Self::Patch => What::Patch,
        })
    }

    /// Requests to the product.
    pub(crate) fn requests(self, users: &Users) -> Next {
        let users = users.clone();
        match self {
            Self::Get(_) | Self::GetByReading(_) => Arc::new(move |dice| get(&users.any(dice))),
            Self::Filter(lookup) | Self::FilterByReading(lookup) => Arc::new(move |dice| filter(lookup, &lookup.value(dice, users.len()))),
            Self::Create => Arc::new(move |_dice| create(users.next.fetch_add(1, Ordering::Relaxed))),
            Self::Patch => Arc::new(move |dice| patch(&users.any(dice), dice.below(1_000_000_000))),
        }
    }

    /// The same for the bare server; none for what changes something.
    pub(crate) fn bare_requests(self, users: &Users) -> Option<Next> {
        let users = users.clone();
        match self {
            Self::Get(_) => Some(Arc::new(move |dice| request(Method::GET, &format!("/echo/{}", users.any(dice)), Bytes::new()))),
            Self::GetByReading(_) => Some(Arc::new(move |dice| request(Method::GET, &format!("/read/{}", users.any(dice)), Bytes::new()))),
            Self::Filter(lookup) => Some(found("find", lookup, users)),
            Self::FilterByReading(lookup) => Some(found("find-as-the-caller", lookup, users)),
            Self::Create | Self::Patch => None,
        }
    }
}

pub(crate) fn get(id: &Uuid) -> Request<Full<Bytes>> {
    request(Method::GET, &format!("/scim2/Users/{id}"), Bytes::new())
}

pub(crate) fn filter(lookup: Lookup, value: &str) -> Request<Full<Bytes>> {
    request(Method::GET, &format!("/scim2/Users?filter={}%20eq%20%22{value}%22", lookup.attribute()), Bytes::new())
}

/// For the bare server.
fn found(how: &'static str, lookup: Lookup, users: Users) -> Next {
    Arc::new(move |dice| {
        let path = format!("/{how}?what={}&value={}", lookup.attribute(), lookup.value(dice, users.len()));
        request(Method::GET, &path, Bytes::new())
    })
}

fn create(number: u64) -> Request<Full<Bytes>> {
    request(Method::POST, "/scim2/Users", Bytes::from(people::document(number).to_string()))
}

fn patch(id: &Uuid, number: u64) -> Request<Full<Bytes>> {
    let operation = json!({ "op": "replace", "path": "displayName", "value": format!("Another Name {number}") });
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    request(Method::PATCH, &format!("/scim2/Users/{id}"), Bytes::from(body.to_string()))
}
