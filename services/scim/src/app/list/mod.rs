//! Lists (RFC 7644 §3.4.2): from what a client asks to a page of resources, of one type or of all one after another.

mod groups;
mod page;
mod search;
mod users;

pub use search::Search;

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure};
use rekey_scim_protocol::{Sort, discovery::MAX_RESULTS, schema::ResourceType, urn};
use serde_json::json;

use super::View;
use crate::domain::{Cursor, Fingerprint, Page, Place, Query, Sieve};
use page::Sheet;

/// How many resources stand on a page when the client does not say.
const PAGE: u64 = 100;

/// What a client asks of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Which; empty: all.
    pub filter: String,
    /// By what attribute they are sorted; empty: as they were created.
    pub sort_by: String,
    /// `ascending`, also when empty, or `descending`.
    pub sort_order: String,
    /// 1-based; below 1 means 1.
    pub start_index: Option<i64>,
    /// Below 0 means 0, which asks for the total alone; with a cursor it is at least 1.
    pub count: Option<i64>,
    /// There, even empty, it chooses paging by cursor (RFC 9865).
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// How many there are on all pages.
    pub total: u64,
    /// 1-based place of the first; `None` when it is paged by cursor.
    pub start_index: Option<u64>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
    /// The resources, each as JSON text.
    pub resources: Vec<String>,
}

impl Listing {
    fn start(&self) -> u64 {
        self.start_index.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1)
    }

    fn limit(&self) -> u64 {
        self.count.map_or(PAGE, |count| u64::try_from(count).unwrap_or(0)).min(MAX_RESULTS)
    }

    /// The same query, whoever's page it is: `count` and what is shown may change from page to page.
    fn fingerprint(&self, caller: &Caller, sought: &[Sought<'_>]) -> Fingerprint {
        let descending = sought.iter().any(|sought| sought.sort.is_some_and(|sort| sort.descending));
        let (tenant, sort_by) = (caller.tenant.to_string(), self.sort_by.trim().to_lowercase());
        let order = if descending { "descending" } else { "ascending" };
        let rest = [tenant.as_str(), self.filter.trim(), &sort_by, order];
        Fingerprint::of(sought.iter().map(|sought| sought.shelf.kind().name).chain(rest))
    }

    fn beginning(&self, caller: &Caller, sought: &[Sought<'_>]) -> Result<Beginning, Failure> {
        match (&self.cursor, self.start_index) {
            (Some(_), Some(_)) => Err(Failure::invalid("invalidValue", "`cursor` and `startIndex` exclude each other: page by one of them")),
            // RFC 9865 §2: a page of nothing has no next one, and would look like the last.
            (Some(_), None) if self.count.is_some_and(|count| count < 1) => {
                Err(Failure::invalid("invalidCount", "with a `cursor` the `count` must be at least 1; leave it out for the usual number"))
            }
            (Some(cursor), None) => {
                let (fingerprint, sorts) = (self.fingerprint(caller, sought), sought.iter().map(|sought| sought.sort).collect::<Vec<_>>());
                Cursor::decode(cursor, &fingerprint, &sorts).map(|cursor| Beginning::Cursor(cursor, fingerprint))
            }
            (None, _) => Ok(Beginning::Index(self.start())),
        }
    }
}

/// Where a page begins.
enum Beginning {
    Index(u64),
    Cursor(Cursor, Fingerprint),
}

impl Listed {
    /// The whole `ListResponse`.
    pub fn to_json(&self) -> Vec<u8> {
        let mut head = json!({ "schemas": [urn::LIST_RESPONSE], "totalResults": self.total, "itemsPerPage": self.resources.len() });
        if let Some(start) = self.start_index {
            head["startIndex"] = start.into();
        }
        if let Some(cursor) = &self.next_cursor {
            head["nextCursor"] = cursor.as_str().into();
        }
        let mut text = head.to_string();
        text.truncate(text.len().saturating_sub(1));
        text.reserve(self.resources.iter().map(|resource| resource.len() + 1).sum::<usize>() + ",\"Resources\":[]}".len());
        text.push_str(",\"Resources\":[");
        for (index, resource) in self.resources.iter().enumerate() {
            text.extend([if index > 0 { "," } else { "" }, resource]);
        }
        text.push_str("]}");
        text.into_bytes()
    }
}

/// The resources of one type.
#[async_trait]
trait Shelf: Send + Sync {
    /// Which type.
    fn kind(&self) -> &'static ResourceType;

    /// Puts onto the sheet what the query yields and the sheet has room for.
    async fn put(&self, caller: &Caller, query: Query, view: &View, sheet: &mut Sheet) -> Result<Leaf, Failure>;
}

/// What of a page comes from one type.
struct Leaf {
    /// How many there are on all pages.
    total: u64,
    /// The place behind which the next page begins.
    last: Option<Place>,
    /// Is there more behind it?
    more: bool,
}

impl Leaf {
    /// Of a page of which so many items were taken. When all were, what follows is what follows everything that was found for it: some may
    /// have been deleted before they could be shown, or all.
    fn of<T>(page: Page<T>, taken: usize) -> Self {
        let Page { total, mut places, end, more, .. } = page;
        let all = taken >= places.len();
        places.truncate(taken);
        Self { total, last: if all { end } else { places.pop() }, more: more || !all }
    }
}

/// What is sought of one type.
struct Sought<'a> {
    shelf: &'a dyn Shelf,
    sieve: Sieve,
    sort: Option<Sort>,
}

/// One page over these types, one after another.
async fn list(caller: &Caller, sought: &[Sought<'_>], listing: &Listing, view: &View) -> Result<Listed, Failure> {
    let mut page = page::Assembly::new(caller, sought, view, listing.limit());
    match listing.beginning(caller, sought)? {
        Beginning::Index(start) => {
            page.fill_from_index(start - 1).await?;
            Ok(page.finish(Some(start), None))
        }
        Beginning::Cursor(cursor, fingerprint) => {
            let next = page.fill_from_cursor(&cursor).await?;
            Ok(page.finish(None, next.map(|next| next.encode(&fingerprint))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn place(id: u128) -> Place {
        Place { key: None, id: Uuid::from_u128(id) }
    }

    fn page(there: &[u128], end: u128) -> Page<()> {
        Page { items: there.iter().map(|_| ()).collect(), total: 9, places: there.iter().map(|id| place(*id)).collect(), end: Some(place(end)), more: true }
    }

    #[test]
    fn the_next_page_begins_behind_what_was_found_even_when_all_of_it_was_deleted_meanwhile() {
        for (page, taken, last) in [(page(&[], 3), 0, 3), (page(&[1], 3), 1, 3), (page(&[1, 2, 3], 3), 3, 3), (page(&[1, 2, 3], 3), 2, 2)] {
            let leaf = Leaf::of(page, taken);
            assert_eq!((leaf.last, leaf.more, leaf.total), (Some(place(last)), true, 9), "{taken}");
        }
    }

    #[test]
    fn there_is_more_when_not_all_was_taken() {
        let last = |taken| Leaf::of(Page { more: false, ..page(&[1, 2], 2) }, taken);
        assert!(!last(2).more && last(1).more && last(0).more && last(0).last.is_none());
    }
}
