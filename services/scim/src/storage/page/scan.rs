//! Pages for which each resource has to be looked at: the filter asks for what lies in no column, or the order does. What SQL can
//! tell narrows them first. Of all the others only keys are kept, and no more of them than the page needs.

use rekey_kernel::{Failure, TenantId};
use rekey_runtime::database;
use rekey_scim_protocol::{Key as ProtocolKey, Object, Sort, schema::Kind};
use sea_orm::sea_query::{Expr, ExprTrait};
use std::{cmp::Ordering, collections::HashMap};
use uuid::Uuid;

use super::{
    super::{
        fields::MAX_INDEXED,
        text::{clipped, without_nul},
    },
    Listed,
    order::Order,
    sql::{CHUNK, Found, Rows, Select},
};
use crate::domain::{Key, Part, Place, Query};

pub(super) async fn page<T: Listed>(
    connection: &impl database::Rows,
    tenant: TenantId,
    condition: &Expr,
    indexed: bool,
    query: &Query,
) -> Result<Rows<T>, Failure> {
    look_at_all::<T>(connection, tenant, condition, indexed, query).await?.page(connection, condition).await
}

pub(super) async fn look_at_all<'a, T: Listed>(
    connection: &impl database::Rows,
    tenant: TenantId,
    condition: &Expr,
    indexed: bool,
    query: &'a Query,
) -> Result<Kept<'a>, Failure> {
    let mut kept = Kept::new(query);
    let all = Select { condition, sorts: indexed, order: Order::by_id(), complete: false };
    let mut after = None;
    loop {
        let batch: Vec<Found<T>> = all.behind(connection, after.as_ref(), CHUNK).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.place.clone());
        let mut items: Vec<T> = batch.into_iter().map(|row| row.item).collect();
        let shown = T::shown(connection, tenant, &mut items, query).await?;
        for (item, resource) in items.iter().zip(&shown) {
            kept.look_at::<T>(item.id(), resource);
        }
    }
    Ok(kept)
}

/// What was found so far.
pub(super) struct Kept<'a> {
    query: &'a Query,
    total: u64,
    places: Vec<Place>,
    /// Of so many places at most the page can consist, and one more.
    needed: usize,
}

impl<'a> Kept<'a> {
    fn new(query: &'a Query) -> Self {
        let passed = if let Part::Offset(offset) = query.part { offset } else { 0 };
        let needed = usize::try_from(passed.saturating_add(query.limit).saturating_add(1)).unwrap_or(usize::MAX);
        Self { query, total: 0, places: Vec::new(), needed }
    }

    fn look_at<T: Listed>(&mut self, id: Uuid, resource: &Object) {
        if !self.query.filter.as_ref().is_none_or(|filter| filter.fulfilled_by(T::resource_type(), resource)) {
            return;
        }
        self.total += 1;
        let place = Place { key: self.query.sort.as_ref().and_then(|sort| key(sort, resource)), id };
        let is_behind = match &self.query.part {
            Part::After(Some(start)) => compare(self.query.sort.as_ref(), start, &place) == Ordering::Less,
            Part::After(None) | Part::Offset(_) => true,
        };
        if is_behind {
            self.places.push(place);
        }
        // Not after each: putting them in order costs as much as looking at many.
        if self.places.len() > self.needed.saturating_mul(2).saturating_add(1_000) {
            self.keep_the_first();
        }
    }

    fn keep_the_first(&mut self) {
        let sort = self.query.sort.as_ref();
        self.places.sort_by(|one, other| compare(sort, one, other));
        self.places.truncate(self.needed);
    }

    /// The rows of what was found, as far as they are still there.
    pub(super) async fn page<T: Listed>(mut self, connection: &impl database::Rows, condition: &Expr) -> Result<Rows<T>, Failure> {
        self.keep_the_first();
        let passed = if let Part::Offset(offset) = self.query.part { usize::try_from(offset).unwrap_or(usize::MAX) } else { 0 };
        let wanted = usize::try_from(self.query.limit).unwrap_or(usize::MAX);
        let left = self.places.len().saturating_sub(passed);
        let places: Vec<_> = self.places.into_iter().skip(passed).take(wanted).collect();
        let select = Select { condition, sorts: true, order: Order::by_id(), complete: self.query.groups };
        let (ids, end): (Vec<_>, _) = (places.iter().map(|place| place.id).collect(), places.last().cloned());
        let mut rows: Vec<Found<T>> = Vec::with_capacity(ids.len());
        for ids in ids.chunks(1_000) {
            // Some may be gone by now.
            rows.extend(select.fetch(connection, Some(Expr::col("id").is_in(ids.iter().copied())), 1_000, 0).await?);
        }
        let mut rows: HashMap<Uuid, Found<T>> = rows.into_iter().map(|row| (row.item.id(), row)).collect();
        let found = places.into_iter().filter_map(|place| rows.remove(&place.id).map(|row| Found { place, ..row })).collect();
        Ok(Rows { found, total: self.total, end, more: left > wanted })
    }
}

fn key(sort: &Sort, resource: &Object) -> Option<Key> {
    Some(match sort.key(resource)? {
        ProtocolKey::Text(text) => Key::Text(clipped(without_nul(text), MAX_INDEXED)),
        // Moments lie in the rows in microseconds.
        ProtocolKey::Number(number) => Key::Number(i64::try_from(if is_moment(sort) { number.div_euclid(1_000) } else { number }).ok()?),
    })
}

fn is_moment(sort: &Sort) -> bool {
    sort.target.innermost().kind == Kind::DateTime
}

/// As [`Sort::compare`] has it, for places.
fn compare(sort: Option<&Sort>, one: &Place, other: &Place) -> Ordering {
    let descending = sort.is_some_and(|sort| sort.descending);
    let by_key = match (&one.key, &other.key) {
        (Some(one), Some(other)) => one.cmp(other),
        (one, other) => other.is_some().cmp(&one.is_some()),
    };
    let by_key = if descending { by_key.reverse() } else { by_key };
    by_key.then_with(|| one.id.cmp(&other.id))
}
