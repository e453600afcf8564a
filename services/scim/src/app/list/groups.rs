//! Lists of groups.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, GroupId, Scope};
use rekey_scim_protocol::{
    Projection, json,
    schema::{GROUPS, ResourceType},
    urn,
};
use std::collections::HashMap;

use super::{Leaf, Listed, Listing, Shelf, View, list, page::Sheet, search::one_type};
use crate::{
    app::{Groups, groups::check_fits},
    domain::{Group, Member, Query, render},
};

/// For so many groups at a time the members are read: there may be very many, and the page may be full before the last group.
const GROUPS_AT_A_TIME: usize = 16;

impl Groups {
    /// A page of groups. Each is shown as reading it alone would show it.
    ///
    /// # Errors
    /// 400 `invalidFilter`, `invalidValue`, `invalidCursor`, and `tooMany` for a group with more members than an answer can hold; 403, 503.
    #[tracing::instrument(name = "scim.group.list", skip_all, fields(tenant.id = %caller.tenant))]
    pub async fn list(&self, caller: &Caller, listing: &Listing, view: &View) -> Result<Listed, Failure> {
        caller.require(Scope::GroupView)?;
        list(caller, &[one_type(self, listing)?], listing, view).await
    }

    /// Puts as many as fit; how many that were. A group that no answer could hold is the failure of the page that begins with it alone.
    async fn put_all(&self, groups: &[Group], projection: &Projection, view: &View, sheet: &mut Sheet) -> Result<usize, Failure> {
        let with_members = projection.shows(urn::GROUP, "members");
        let mut taken = 0;
        for some in groups.chunks(GROUPS_AT_A_TIME) {
            let mut members = if with_members { self.members_of(some).await? } else { HashMap::new() };
            for group in some {
                let members = members.remove(&group.id);
                if let Err(too_many) = check_fits(group, members.as_deref().unwrap_or_default(), view) {
                    return if sheet.close() { Ok(taken) } else { Err(too_many) };
                }
                let shown = render::group(group, members.as_deref(), &view.base);
                if !sheet.take(json::text(&projection.apply(shown.json))) {
                    return Ok(taken);
                }
                taken += 1;
            }
        }
        Ok(taken)
    }

    async fn members_of(&self, groups: &[Group]) -> Result<HashMap<GroupId, Vec<Member>>, Failure> {
        let Some(first) = groups.first() else { return Ok(HashMap::new()) };
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        let mut by_group: HashMap<GroupId, Vec<Member>> = HashMap::new();
        for (group, member) in self.store.members(first.tenant, &ids).await? {
            by_group.entry(group).or_default().push(member);
        }
        Ok(by_group)
    }
}

#[async_trait]
impl Shelf for Groups {
    fn kind(&self) -> &'static ResourceType {
        &GROUPS
    }

    async fn put(&self, caller: &Caller, query: Query, view: &View, sheet: &mut Sheet) -> Result<Leaf, Failure> {
        let page = self.store.page(caller.tenant, &query).await?;
        let taken = self.put_all(&page.items, &view.projection(&GROUPS), view, sheet).await?;
        Ok(Leaf::of(page, taken))
    }
}
