//! What is to be listed: which resources, in which order, and which part of them.

use rekey_scim_protocol::{Filter, Sort};
use uuid::Uuid;

/// A query over one type of resource in one tenant.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which; `None`: all.
    pub filter: Option<Filter>,
    /// In which order; `None`: as they were created (by id).
    pub sort: Option<Sort>,
    /// Which part.
    pub part: Part,
    /// How many at most; zero asks for the total alone.
    pub limit: u64,
    /// Are the groups of users wanted? Finding them costs something.
    pub groups: bool,
    /// The absolute URL of `/scim2`: filters see resources as clients do.
    pub base: String,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// So many are passed over.
    Offset(u64),
    /// Behind this place; `None`: at the beginning.
    After(Option<Place>),
}

/// A place in the order of a query: behind the resource with this sort key and id. It stays valid while resources come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the resource is sorted by; absent without an order or when the resource has no such value.
    pub key: Option<Key>,
    /// Its id.
    pub id: Uuid,
}

/// A value that resources are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Text, folded unless letter case counts.
    Text(String),
    /// A moment in microseconds, or a boolean as 0 and 1.
    Number(i64),
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// The place of each item, in the same order: where the page after it would begin.
    pub places: Vec<Place>,
    /// The place of the last resource that was found for it, be it on the page or deleted in the meantime: the next page begins behind it.
    pub end: Option<Place>,
    /// Is there more behind that?
    pub more: bool,
}
