//! Putting a page together from several types of resources, as if they stood in one row.

use rekey_kernel::{Caller, Failure};

use super::{Leaf, Listed, Sought, View};
use crate::domain::{Cursor, Part, Query, Sieve};

/// At most about so many bytes on a page: what a message between services holds is limited. RFC 7644 §3.4.2.4 lets a page be shorter than
/// asked for.
const PAGE_BYTES: usize = 3_000_000;

/// What resources are put onto until it is full.
pub(super) struct Sheet {
    resources: Vec<String>,
    bytes: usize,
    limit: usize,
}

impl Sheet {
    /// Takes one more; false when there is no room for it. A first one always has room: profiles have a limit, and whatever would still be more
    /// than a message holds is not put here (`fits.rs`).
    pub(super) fn take(&mut self, resource: String) -> bool {
        let fits = self.resources.is_empty() || self.bytes + resource.len() <= PAGE_BYTES;
        if fits && self.room() > 0 {
            self.bytes += resource.len();
            self.resources.push(resource);
            return true;
        }
        self.close();
        false
    }

    /// Takes no more. Does it hold anything?
    pub(super) fn close(&mut self) -> bool {
        self.limit = self.resources.len();
        self.limit > 0
    }

    /// How many more it may hold.
    fn room(&self) -> usize {
        self.limit.saturating_sub(self.resources.len())
    }
}

/// A page that grows from one type to the next.
pub(super) struct Assembly<'a> {
    caller: &'a Caller,
    sought: &'a [Sought<'a>],
    view: &'a View,
    sheet: Sheet,
    total: u64,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(caller: &'a Caller, sought: &'a [Sought<'a>], view: &'a View, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { caller, sought, view, sheet: Sheet { resources: Vec::new(), bytes: 0, limit }, total: 0 }
    }

    /// Passes over so many. The types behind a full page are asked for their totals all the same.
    pub(super) async fn fill_from_index(&mut self, mut skipped: u64) -> Result<(), Failure> {
        for sought in self.sought {
            let leaf = self.add(sought, Part::Offset(skipped)).await?;
            skipped = skipped.saturating_sub(leaf.total);
        }
        Ok(())
    }

    /// Goes on from a cursor, and says where the next page begins. The types before it are asked for their totals all the same.
    pub(super) async fn fill_from_cursor(&mut self, from: &Cursor) -> Result<Option<Cursor>, Failure> {
        let (mut next, limit) = (None, std::mem::take(&mut self.sheet.limit));
        for (shelf, sought) in self.sought.iter().enumerate() {
            if shelf == from.shelf {
                self.sheet.limit = limit;
            }
            let after = from.after.clone().filter(|_| shelf == from.shelf);
            let leaf = self.add(sought, Part::After(after)).await?;
            if shelf >= from.shelf && leaf.more && next.is_none() {
                next = Some(Cursor { shelf, after: leaf.last });
            }
        }
        Ok(next)
    }

    pub(super) fn finish(self, start_index: Option<u64>, next_cursor: Option<String>) -> Listed {
        Listed { total: self.total, start_index, next_cursor, resources: self.sheet.resources }
    }

    async fn add(&mut self, sought: &Sought<'_>, part: Part) -> Result<Leaf, Failure> {
        let filter = match &sought.sieve {
            Sieve::Nothing => return Ok(Leaf { total: 0, last: None, more: false }),
            Sieve::All => None,
            Sieve::Some(filter) => Some(filter.clone()),
        };
        let limit = self.sheet.room() as u64;
        let query = Query { filter, sort: sought.sort, part, limit, groups: false, base: self.view.base.clone() };
        let mut leaf = sought.shelf.put(self.caller, query, self.view, &mut self.sheet).await?;
        if limit == 0 {
            leaf.more = leaf.total > 0;
        }
        self.total += leaf.total;
        Ok(leaf)
    }
}
