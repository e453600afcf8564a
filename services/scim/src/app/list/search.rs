//! Lists over all types of resources (RFC 7644 §3.4.2.1): first the users, then the groups, in one sequence of pages.

use rekey_kernel::{Caller, Failure, Scope};
use rekey_scim_protocol::{
    Filter, ScimError, Sort,
    schema::{RESOURCE_TYPES, ResourceType},
};
use std::sync::Arc;

use super::{Listed, Listing, Shelf, Sought, View, list};
use crate::{
    app::{Groups, Users},
    domain::{Sieve, refused},
};

/// Searching from the root.
pub struct Search {
    /// The users.
    pub users: Arc<Users>,
    /// The groups.
    pub groups: Arc<Groups>,
}

impl Search {
    /// A page over all types that the caller may see; each type is in the order asked for, the types are not mixed. An attribute that a
    /// type does not have is one without a value there.
    ///
    /// # Errors
    /// 400 `invalidFilter` and `invalidValue` also for an attribute that no type has, `invalidCursor`; 403, 503.
    #[tracing::instrument(name = "scim.search", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn run(&self, caller: &Caller, listing: &Listing, view: &View) -> Result<Listed, Failure> {
        let shelves: [(&dyn Shelf, Scope); 2] = [(self.users.as_ref(), Scope::UserView), (self.groups.as_ref(), Scope::GroupView)];
        let visible: Vec<_> = shelves.into_iter().filter(|(_, scope)| caller.scopes.contains(*scope)).map(|(shelf, _)| shelf).collect();
        if visible.is_empty() {
            caller.require(Scope::UserView)?;
        }
        let filter = any_type(listing)?;
        let sorts = RESOURCE_TYPES.map(|kind| sort(kind, listing));
        if let [Err(failure), Err(_)] = sorts {
            return Err(failure);
        }
        let sought =
            visible.into_iter().map(|shelf| Sought { shelf, sieve: sieve(filter.as_ref(), shelf.kind()), sort: sort(shelf.kind(), listing).unwrap_or(None) });
        list(caller, &sought.collect::<Vec<_>>(), listing, view).await
    }
}

/// What is sought of one type alone: there its attributes have to be known.
pub(super) fn one_type<'a>(shelf: &'a dyn Shelf, listing: &Listing) -> Result<Sought<'a>, Failure> {
    let sieve = match listing.filter.trim() {
        "" => Sieve::All,
        text => Sieve::Some(Filter::parse(shelf.kind(), text).map_err(refused)?),
    };
    Ok(Sought { shelf, sieve, sort: sort(shelf.kind(), listing)? })
}

/// The filter, if any type has its attributes.
fn any_type(listing: &Listing) -> Result<Option<Filter>, Failure> {
    match listing.filter.trim() {
        "" => Ok(None),
        text => Filter::parse_any(&RESOURCE_TYPES, text).map(Some).map_err(refused),
    }
}

fn sieve(filter: Option<&Filter>, kind: &'static ResourceType) -> Sieve {
    filter.map_or(Sieve::All, |filter| Sieve::of(filter.clone(), kind))
}

fn sort(kind: &'static ResourceType, listing: &Listing) -> Result<Option<Sort>, Failure> {
    Sort::parse(kind, &listing.sort_by, &listing.sort_order).map_err(|error: ScimError| refused(error))
}
