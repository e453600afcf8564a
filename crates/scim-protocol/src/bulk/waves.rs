//! Which of the things to do may be done at the same time: those that cannot tell which of them was first.
//!
//! RFC 7644 §3.7 lets a service provider change the sequence only when the same state comes out of it. So two operations keep their
//! order when they touch the same resource, when one mentions the other's, when they might want the same userName, and when one
//! deletes what might be a member of the group that the other changes.

use serde_json::Value;
use std::collections::{HashMap, HashSet};

use super::{
    operation::{Method, Operation, Request},
    order::Act,
    reference,
};
use crate::{Object, fold, schema::USERS, urn};

/// What may be touched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Thing {
    /// A resource, by its id or as `bulkId:x`.
    Resource(String),
    /// One userName, folded.
    Name(String),
    /// All userNames.
    Names,
    /// Who is in which group.
    Memberships,
}

/// How it is touched. Two that are on the same side do not disturb each other.
#[derive(Clone, Copy, Debug)]
enum Side {
    /// A resource is mentioned, a name is taken, a member vanishes.
    Left,
    /// A name is given up, a group is changed.
    Right,
    /// Both: nobody else at the same time.
    Both,
}

type Claim = (Thing, Side);

/// The number of the wave in which each side of a thing was last touched, counted from 1.
#[derive(Clone, Copy, Default)]
struct Touched {
    left: usize,
    right: usize,
}

impl Touched {
    fn last_before(self, side: Side) -> usize {
        match side {
            Side::Left => self.right,
            Side::Right => self.left,
            Side::Both => self.left.max(self.right),
        }
    }

    fn touch(&mut self, side: Side, wave: usize) {
        if !matches!(side, Side::Right) {
            self.left = self.left.max(wave);
        }
        if !matches!(side, Side::Left) {
            self.right = self.right.max(wave);
        }
    }
}

/// The acts in waves: each act in the earliest wave that comes after all it must come after.
pub(super) fn waves(operations: &[Operation], acts: &[Act]) -> Vec<Vec<Act>> {
    let all: HashSet<String> = operations.iter().filter_map(own).collect();
    let mut touched: HashMap<Thing, Touched> = HashMap::new();
    let mut waves: Vec<Vec<Act>> = Vec::new();
    for act in acts {
        let claims = operations.get(act.index()).map(|operation| claims(operation, &all)).unwrap_or_default();
        let before = claims.iter().map(|(thing, side)| touched.get(thing).copied().unwrap_or_default().last_before(*side)).max().unwrap_or(0);
        for (thing, side) in claims {
            touched.entry(thing).or_default().touch(side, before + 1);
        }
        if waves.len() <= before {
            waves.push(Vec::new());
        }
        waves[before].push(*act);
    }
    waves
}

/// The resource that an operation is about.
fn own(operation: &Operation) -> Option<String> {
    let request = operation.request.as_ref().ok()?;
    match request.method {
        Method::Post => operation.creates().map(|bulk_id| format!("{}{bulk_id}", reference::PREFIX)),
        _ if reference::whole(&request.id).is_some() => Some(request.id.clone()),
        _ => Some(request.id.to_lowercase()),
    }
}

fn claims(operation: &Operation, all: &HashSet<String>) -> Vec<Claim> {
    let (Ok(request), Some(own)) = (&operation.request, own(operation)) else { return Vec::new() };
    let mut claims = vec![(Thing::Resource(own), Side::Both)];
    mentioned(&request.data, all, &mut claims);
    if request.method == Method::Delete {
        claims.push((Thing::Memberships, Side::Left));
    } else if request.kind.core.id == urn::GROUP {
        claims.push((Thing::Memberships, Side::Right));
    }
    if request.kind.core.id == urn::USER {
        names(request, &mut claims);
    }
    claims
}

/// The resources of other operations that stand in the data, alone, in a URL or quoted in a filter.
fn mentioned(members: &Object, all: &HashSet<String>, claims: &mut Vec<Claim>) {
    let mut open: Vec<&Value> = members.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => claims.extend(text.split(['/', '"']).filter_map(|part| known(part, all)).map(|id| (Thing::Resource(id), Side::Left))),
            Value::Array(elements) => open.extend(elements),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
}

fn known(part: &str, all: &HashSet<String>) -> Option<String> {
    [part.to_owned(), part.to_lowercase()].into_iter().find(|id| all.contains(id))
}

/// A POST takes a name, a DELETE gives one up, and a PUT may do both. A PATCH may too when it speaks of names at all.
fn names(request: &Request, claims: &mut Vec<Claim>) {
    let side = match request.method {
        Method::Post => Side::Left,
        Method::Delete => Side::Right,
        Method::Put => Side::Both,
        Method::Patch if Value::Object(request.data.clone()).to_string().to_lowercase().contains("username") => Side::Both,
        Method::Patch => return,
    };
    claims.push((Thing::Names, side));
    if let (Method::Post, Some(name)) = (request.method, user_name(&request.data)) {
        claims.push((Thing::Name(name), Side::Both));
    }
}

fn user_name(data: &Object) -> Option<String> {
    let (_, value) = data.iter().find(|(name, _)| USERS.target(name).is_some_and(|target| target.is(urn::USER, "userName")))?;
    value.as_str().map(fold)
}
